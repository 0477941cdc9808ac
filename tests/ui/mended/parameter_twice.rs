use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://{region}.example.com/v1"),
    params(region: String),
    interval = "30s",
)]
struct Flags {
    enabled: Vec<String>,
}

fn main() {}
