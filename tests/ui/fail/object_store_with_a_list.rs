use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://models/"),
    decode = csv,
    items = "/data",
    on_bad_item = keep,
    removal(confirm = 3),
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
    #[external(key)]
    name: String,
}

fn main() {}
