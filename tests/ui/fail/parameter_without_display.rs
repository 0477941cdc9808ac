use koprs_external::ExternalSource;
use serde::Deserialize;

struct Region;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://{region}.example.com/v1"),
    params(region: Region),
    interval = "30s",
)]
struct Flags {
    enabled: Vec<String>,
}

fn main() {}
