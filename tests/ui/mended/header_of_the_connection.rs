use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(
        url = "https://api.example.com/v1/flags",
        // A credential for a proxy stands in `HTTPS_PROXY`.
    ),
    interval = "30s"
)]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags", auth(header(name = "X-Api-Key", env = "TOKEN"))), interval = "30s")]
struct Tenants {
    enabled: Vec<String>,
}

fn main() {}
