use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/{type}"), params(r#type: String), interval = "30s")]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/{own}"), params(own: String), interval = "30s")]
struct Tenants {
    enabled: Vec<String>,
}

fn main() {}
