use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://models/", option("region" = "eu-west-1")), interval = "30s")]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://bucket/models/"), interval = "30s")]
struct Tenants {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://models/", option("access_key_id" = "operator")), interval = "30s")]
struct Models {
    enabled: Vec<String>,
}

fn main() {}
