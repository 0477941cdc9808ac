use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
struct Flags {
    enabled: Vec<String>,
}

fn main() {}
