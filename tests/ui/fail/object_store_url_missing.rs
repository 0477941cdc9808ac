use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(include("*.yaml")),
    interval = "30s"
)]
struct Models {
    name: String,
}

fn main() {}
