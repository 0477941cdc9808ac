use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", body(json = "{ tenant: 1 }")),
    interval = "30s",
)]
struct Tenant {
    id: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", body(json = "1", text = "1")),
    interval = "30s",
)]
struct Team {
    id: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", method = get, body(text = "all")),
    interval = "30s",
)]
struct Plan {
    id: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", body()),
    interval = "30s",
)]
struct Quota {
    id: String,
}

fn main() {}
