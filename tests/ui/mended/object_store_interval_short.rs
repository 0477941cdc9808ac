use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://models/"),
    interval = "10s"
)]
struct Models {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "file:///var/models/"),
    interval = "1s"
)]
struct Folder {
    name: String,
}

fn main() {}
