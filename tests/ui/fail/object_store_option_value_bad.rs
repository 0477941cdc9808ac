use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://models/", option("timeout" = 30, "aws_allow_http" = "maybe", "http2_max_frame_size" = "16KiB")), interval = "30s")]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://models/", option("aws_checksum_algorithm" = "md5", "user_agent" = "one\ntwo")), interval = "30s")]
struct Tenants {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://models/", option("bucket" = "others")), interval = "30s")]
struct Models {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://models/", option("aws_secret_key" = env("KEY"))), interval = "30s")]
struct Quotas {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://models/", include("[z-a]*")), interval = "30s")]
struct Limits {
    enabled: Vec<String>,
}

fn main() {}
