use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/flags"),
    interval = "30s",
    jitter = "0.1",
)]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/flags"),
    interval = "30s",
    jitter = "51%",
)]
struct Tenants {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/flags"),
    interval = "30s",
    jitter = "-5%",
)]
struct Models {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/flags"),
    interval = "30s",
    jitter = "NaN%",
)]
struct Quotas {
    enabled: Vec<String>,
}

fn main() {}
