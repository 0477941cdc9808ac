use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants"),
    items = "/data",
    interval = "30s",
)]
struct Tenant {
    #[external(key)]
    id: String,
    name: String,
    plan: String,
}

fn main() {}
