use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://bucket/models/", include("*.yaml")),
    interval = "30s"
)]
struct Models {
    name: String,
}

fn main() {}
