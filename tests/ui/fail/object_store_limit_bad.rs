use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(
        url = "s3://models/",
        settle = "25h",
        concurrency = 257,
        listing_concurrency = 0,
        object_limit = "all",
        body_limit = "0"
    ),
    interval = "30s"
)]
struct Models {
    name: String,
}

fn main() {}
