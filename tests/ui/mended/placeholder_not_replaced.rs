use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x", auth(bearer(value = "{path}"))), params(path: String), interval = "30s")]
struct OfAFile {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x", tls(ca = "ca.pem")), interval = "30s")]
struct Authority {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://b/", option("region" = "{x}")), params(x: String), interval = "30s")]
struct Option {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://b/", include("models/*.yaml")), interval = "30s")]
struct Glob {
    name: String,
}

fn main() {}
