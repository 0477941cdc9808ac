#[external(
    http(
        url = "http://127.0.0.1:{port}/v1/flags/{id}",
        query("page_size" = "100", "team" = "{team}"),
        header("x-team" = "platform"),
        auth(bearer(value = "{token}")),
        timeout = "10s",
        body_limit = "8MiB",
    ),
    params(port: u16, id: String, team: Team, token: &str),
    decode = json,
    interval = "30s",
    max_backoff = "5m",
    jitter = "10%",
)]
pub(crate) struct Flags {
    enabled: Vec<String>,
}
