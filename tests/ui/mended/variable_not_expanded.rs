use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x", header("x-tenant" = "{tenant}")), params(tenant: String), interval = "30s")]
struct Header {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x", header("x-tenant" = "{name}")), params(name: String), interval = "30s")]
struct Default {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x", auth(bearer(env = "TOKEN"))), interval = "30s")]
struct Secret {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://b/", option("region" = env("REGION"))), interval = "30s")]
struct Option {
    name: String,
}

fn main() {}
