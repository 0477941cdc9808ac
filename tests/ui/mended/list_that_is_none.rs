use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", pages(link_header)),
    items(at = "/data", key = "/id"),
    on_bad_item = fail,
    interval = "30s",
)]
struct Tenant {
    id: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants"),
    decode = text,
    interval = "30s",
)]
struct Team {
    id: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", method = head),
    interval = "30s",
)]
struct Plan {
    id: String,
}

fn main() {}
