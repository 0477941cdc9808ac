use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), interval = "30s")]
struct Flags {
    #[external(interval = "30s")]
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), interval = "30s")]
enum Change {
    #[external(name = "on")]
    On,
    Off {
        #[external(name = "since")]
        since: u64,
    },
}

fn main() {}
