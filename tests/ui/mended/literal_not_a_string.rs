use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(
        url = "https://api.example.com/v1/flags",
        query("page_size" = "100"),
        header("x_team" = "platform"),
        timeout = "10s",
        body_limit = "8MiB",
    ),
    name = "flags",
    interval = "30s",
    jitter = "5%",
    decode = json,
)]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), interval = "30s", max_backoff = "5m", jitter = "5%")]
struct Tenants {
    enabled: Vec<String>,
}

fn main() {}
