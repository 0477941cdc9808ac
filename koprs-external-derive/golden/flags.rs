#[external(
    http(
        url = "http://127.0.0.1:{port}/v1/flags/{id}",
        query("page_size" = "100", "team" = "{team}"),
        header("x-team" = "platform"),
        body(json = "{\"team\": {team}, \"query\": \"query {{team}}: {team}\"}"),
        auth(bearer(value = "{token}")),
        pages(cursor(at = "/meta/next", param = "cursor"), limit = 50),
        timeout = "10s",
        retries = 1,
        respect_max_age,
        max_in_flight = 4,
        body_limit = "8MiB",
        header_limit = "32KiB",
        redirect_limit = 0,
    ),
    params(port: u16, id: String, team: Team, token: &str),
    decode = json,
    items(at = "/data", limit = 1_000),
    on_bad_item = fail,
    ignore("/updated_at", "/meta/seen"),
    distinct,
    removal(confirm = 3, hold_above = "25%", hold_min = 20),
    interval = "30s",
    max_backoff = "5m",
    jitter = "10%",
)]
pub(crate) struct Flags {
    #[external(key)]
    #[serde(rename = "flagId")]
    id: String,
    enabled: Vec<String>,
}
