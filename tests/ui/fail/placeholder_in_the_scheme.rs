use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "{base}/v1/flags"), params(base: String), interval = "30s")]
struct Flags {
    enabled: Vec<String>,
}

fn main() {}
