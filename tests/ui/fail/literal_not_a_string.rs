use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(
        url = "https://api.example.com/v1/flags",
        query("page_size" = 100),
        header(x_team = "platform"),
        timeout = 10s,
        body_limit = 8MiB,
    ),
    name = flags,
    interval = 30,
    jitter = 5%,
    decode = 1,
)]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), interval = -30, max_backoff = 1e3, jitter = 0.05)]
struct Tenants {
    enabled: Vec<String>,
}

fn main() {}
