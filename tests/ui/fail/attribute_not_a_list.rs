use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external = "https://api.example.com"]
struct Tenants {
    enabled: Vec<String>,
}

fn main() {}
