use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://models/", option("aws_regoin" = "eu-west-1")),
    interval = "30s"
)]
struct Misspelt {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://models/", option("azure_storage_account_key" = env("KEY"))),
    interval = "30s"
)]
struct OfAnother {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "file:///var/models/", option("timeout" = "5s")),
    interval = "30s"
)]
struct OfAFolder {
    name: String,
}

fn main() {}
