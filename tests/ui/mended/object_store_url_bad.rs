use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://models/"),
    interval = "30s"
)]
struct Scheme {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "file:///var/models/"),
    interval = "30s"
)]
struct Relative {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://bucket/models/"),
    interval = "30s"
)]
struct Memory {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://bucket/models/"),
    interval = "30s"
)]
struct NoBucket {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://models/", option("secret_access_key" = env("KEY"))),
    interval = "30s"
)]
struct Secret {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "gs://models/", option("timeout" = "5s")),
    interval = "30s"
)]
struct Query {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://models/production/"),
    interval = "30s"
)]
struct Slashes {
    name: String,
}

fn main() {}
