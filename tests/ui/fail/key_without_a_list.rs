use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants"),
    interval = "30s",
)]
struct Tenant {
    #[external(key)]
    id: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants"),
    items = "/items",
    item = std::collections::BTreeMap<String, String>,
    interval = "30s",
)]
struct Team {
    #[external(key)]
    id: String,
}

fn main() {}
