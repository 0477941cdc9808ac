use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/flags"),
    interval = "30s",
    max_backoff = "5m",
)]
struct Flags {
    enabled: Vec<String>,
}

fn main() {}
