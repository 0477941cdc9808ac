use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://{host}/v1/flags"), params(host: String), interval = "30s")]
struct Flags {
    enabled: Vec<String>,
}

fn main() {}
