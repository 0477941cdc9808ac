use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(
        url = "https://api.example.com/{tenant}",
        query("page_size" = "100", "team" = "{{team"),
        auth(bearer(value = "{token}")),
        timeout = "10s",
        retries = 2,
    ),
    params(tenant: String, token: String),
    decode = json,
    interval = "1s",
    max_backoff = "1m",
    jitter = "50%",
    name = "flags",
)]
struct Flags {
    enabled: Vec<String>,
}

fn main() {}
