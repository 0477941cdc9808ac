use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://models/", option("timeout" = "30s", "aws_allow_http" = "true", "http2_max_frame_size" = 10)), interval = "30s")]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://models/", option("aws_checksum_algorithm" = "sha256", "user_agent" = "one")), interval = "30s")]
struct Tenants {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://models/"), interval = "30s")]
struct Models {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://models/", option("aws_secret_access_key" = env("KEY"))), interval = "30s")]
struct Quotas {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://models/", include("[a-z]*")), interval = "30s")]
struct Limits {
    enabled: Vec<String>,
}

fn main() {}
