use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3n://models/"),
    interval = "30s"
)]
struct Scheme {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "file:./models"),
    interval = "30s"
)]
struct Relative {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "memory:///"),
    interval = "30s"
)]
struct Memory {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3:///production/"),
    interval = "30s"
)]
struct NoBucket {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://operator:hunter2@models/"),
    interval = "30s"
)]
struct Secret {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "gs://models/?versions"),
    interval = "30s"
)]
struct Query {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://models//production/"),
    interval = "30s"
)]
struct Slashes {
    name: String,
}

fn main() {}
