use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/%252{id}/x"), params(id: String), interval = "30s")]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/%25{id}/x"), params(id: String), interval = "30s")]
struct Tenants {
    enabled: Vec<String>,
}

fn main() {}
