use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x", header("x-tenant" = "${TENANT}")), interval = "30s")]
struct Header {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x", header("x-tenant" = "${TENANT:-a}")), interval = "30s")]
struct Default {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x", auth(bearer(value = "${TOKEN}"))), interval = "30s")]
struct Secret {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://b/", option("region" = "${REGION}")), interval = "30s")]
struct Option {
    name: String,
}

fn main() {}
