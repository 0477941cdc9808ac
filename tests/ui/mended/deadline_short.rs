use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/flags", timeout = "1m"),
    interval = "30s",
    deadline = "1m",
)]
struct Flags {
    enabled: Vec<String>,
}

fn main() {}
