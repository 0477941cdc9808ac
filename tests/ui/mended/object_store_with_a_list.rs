use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://models/"),
    decode = yaml,
    interval = "30s"
)]
struct Models {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://models/"),
    interval = "30s"
)]
struct Keyed {
    name: String,
}

fn main() {}
