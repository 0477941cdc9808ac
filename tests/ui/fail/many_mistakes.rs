use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(
        url = "api.example.com/{tennant}",
        query("page_size" = 100, "team" = "{team"),
        header("Range" = "bytes=0-9"),
        auth(bearer(env = "TOKEN", value = "{token}")),
        timeout = "10",
        body_limit = "0",
        attempts = 3,
    ),
    params(tenant: String, token: String),
    decode = xml,
    interval = "100ms",
    max_backoff = "50ms",
    jitter = "90%",
    name = "Flags",
)]
struct Flags {
    enabled: Vec<String>,
}

fn main() {}
