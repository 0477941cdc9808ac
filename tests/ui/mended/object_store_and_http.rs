use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://models/"),
    interval = "30s"
)]
struct Both {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://models/"),
    interval = "30s"
)]
struct Mixed {
    name: String,
}

fn main() {}
