use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags", header("If-None-Match" = "1")), interval = "30s")]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags", header("if-modified-since" = "1")), interval = "30s")]
struct Tenants {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags", header("Range" = "1")), interval = "30s")]
struct Models {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags", header("Content-Length" = "1")), interval = "30s")]
struct Quotas {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags", header("Transfer-Encoding" = "1")), interval = "30s")]
struct Limits {
    enabled: Vec<String>,
}

fn main() {}
