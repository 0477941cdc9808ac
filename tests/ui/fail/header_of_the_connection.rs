use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(
        url = "https://api.example.com/v1/flags",
        header(
            "Connection" = "1",
            "Keep-Alive" = "1",
            "TE" = "1",
            "Upgrade" = "1",
            "HTTP2-Settings" = "1",
            "Expect" = "1",
            "Trailer" = "1",
            "Proxy-Authorization" = "1",
            "Proxy-Connection" = "1",
        ),
    ),
    interval = "30s"
)]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags", auth(header(name = "Upgrade", env = "TOKEN"))), interval = "30s")]
struct Tenants {
    enabled: Vec<String>,
}

fn main() {}
