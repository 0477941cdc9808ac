use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), interval = "30")]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/flags"),
    interval = "30s",
    max_backoff = "often",
)]
struct Tenants {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags", timeout = "-1s"), interval = "30s")]
struct Models {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), interval = "5M")]
struct Quotas {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), interval = "18446744073709551615s")]
struct Limits {
    enabled: Vec<String>,
}

fn main() {}
