use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://{region}.example.com/v1"), params(region: u8), interval = "30s")]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://{region}.example.com/v1"),
    params(region: String),
    interval = "30s",
)]
struct Tenants {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags", header("x-team" = "{team}")), params(team: String), interval = "30s")]
struct Models {
    enabled: Vec<String>,
}

fn main() {}
