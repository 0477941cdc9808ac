use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", pages(link_header)),
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
    items = "/data",
    ignore("/seen"),
    interval = "30s",
)]
struct Team {
    id: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", method = head, pages(link_header)),
    items = "",
    interval = "30s",
)]
struct Plan {
    id: String,
}

fn main() {}
