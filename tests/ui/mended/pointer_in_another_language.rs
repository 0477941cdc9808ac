use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), items(at = "/data/items", key = "/id"), interval = "30s")]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), items = "/data", ignore("/seen"), interval = "30s")]
struct Tenants {
    enabled: Vec<String>,
}

fn main() {}
