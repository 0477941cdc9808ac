use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/flags"),
    object_store(url = "s3://models/"),
    interval = "30s"
)]
struct Both {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://models/", retries = 3),
    interval = "30s"
)]
struct Mixed {
    name: String,
}

fn main() {}
