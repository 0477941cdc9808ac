use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags", body_limit = "large"), interval = "30s")]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags", body_limit = "0MiB"), interval = "30s")]
struct Tenants {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags", body_limit = "999999999999TiB"), interval = "30s")]
struct Models {
    enabled: Vec<String>,
}

fn main() {}
