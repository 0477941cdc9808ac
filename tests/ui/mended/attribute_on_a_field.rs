use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), items(at = "/data"), interval = "30s")]
struct Flags {
    #[external(key)]
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), name = "on", interval = "30s")]
enum Change {
    On,
    Off {
        since: u64,
    },
}

fn main() {}
