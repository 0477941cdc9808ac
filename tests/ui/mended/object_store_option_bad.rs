use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://models/", option("aws_region" = "a")),
    interval = "30s"
)]
struct Twice {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://models/", option("aws_region" = "eu-west-1")),
    interval = "30s"
)]
struct Empty {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://models/", option("aws_token" = env("FLAGS_TOKEN"))),
    interval = "30s"
)]
struct Variable {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://models/", option("aws_region" = "eu-west-1", "aws_token" = env("TOKEN"))),
    interval = "30s"
)]
struct Constant {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://models/", option("aws_region" = "eu-west-1", "aws_token" = env("TOKEN"))),
    interval = "30s"
)]
struct Unquoted {
    name: String,
}

fn main() {}
