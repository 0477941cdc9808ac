use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(
        url = "s3://models/",
        settle = "1h",
        concurrency = 256,
        listing_concurrency = 1,
        object_limit = 10,
    ),
    interval = "30s"
)]
struct Models {
    name: String,
}

fn main() {}
