use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x"), interval = "30s")]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/v1"), interval = "30s")]
struct Tenants {
    enabled: Vec<String>,
}

const URL: &str = "https://api.example.com/v1/flags";

fn main() {}
