use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x"), interval = "30s")]
struct Flags {
    enabled: Vec<String>,
}

fn main() {}
