use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://models/", option("aws_region" = "eu-west-1")),
    interval = "30s"
)]
struct Misspelt {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://models/", option("aws_region" = env("KEY"))),
    interval = "30s"
)]
struct OfAnother {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "file:///var/models/"),
    interval = "30s"
)]
struct OfAFolder {
    name: String,
}

fn main() {}
