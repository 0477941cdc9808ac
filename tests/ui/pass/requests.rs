//! What is asked, and with which credential.

use std::time::Duration;

use koprs_external::ExternalSource;
use koprs_external::spec::{ClientCredentials, Method, SecretSource, WatcherBuilder, WatcherSpec};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(
        url = "https://api.example.com/graphql",
        body(json = r#"{"query": "query { viewer {{login}} }", "variables": {"team": {team}, "n": {n}, "text": "<{team}>"}}"#),
        auth(basic(username = "{team}", password(file = "/run/password"))),
    ),
    params(team: &str, n: u8),
    interval = "30s",
)]
struct Graph {}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(
        url = "https://api.example.com/v1/x",
        method = "post",
        body(text = "all {{x}} of {team} { }"),
        auth(header(name = "X-Api-Key", prefix = "Token ", value = "{team}")),
        tls(ca = "/etc/ca.pem", cert = "/etc/tls.crt", key = "/etc/tls.key"),
    ),
    params(team: &str),
    interval = "30s",
)]
struct Text {}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(
        url = "https://api.example.com/v1/x",
        auth(query(name = "api_key", env = "KEY")),
        retries = 0,
        respect_max_age,
        max_in_flight = 1,
        header_limit = "1KiB",
        redirect_limit = 0,
    ),
    interval = "30s",
)]
struct Key {}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(
        url = "https://api.example.com/v1/x",
        auth(oauth2(
            token_url = "https://login.example.com/{tenant}/token",
            client_id = "operator",
            client_secret(env = "CLIENT_SECRET"),
            scopes("read", "write"),
            audience = "{tenant}",
            margin = "1m",
        )),
    ),
    params(tenant: &str),
    interval = "30s",
)]
struct Token {}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "http://localhost/v1/x", method = head, unix_socket = "/run/app.sock"),
    interval = "30s",
)]
struct Socket {}

fn declared(name: &str, url: &str) -> WatcherBuilder {
    WatcherSpec::http(name, url).interval(Duration::from_secs(30))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    const URL: &str = "https://api.example.com/v1/x";
    let body = r#"{"query": "query { viewer {login} }", "variables": {"team": "a\"b", "n": 7, "text": "<a\"b>"}}"#;
    let graph = declared("graph", "https://api.example.com/graphql").json_body(body);
    let graph = graph.basic("a\"b", SecretSource::File("/run/password".into()));
    assert_eq!(Graph::spec("a\"b", 7)?, graph.build()?);
    assert!(Graph::spec("a:b", 7).is_err());

    let text = declared("text", URL).method(Method::Post).text_body("all {x} of us { }");
    let text = text.auth_header("X-Api-Key", "Token ", SecretSource::Value("us".into()));
    let text = text.tls_ca("/etc/ca.pem").tls_identity("/etc/tls.crt", "/etc/tls.key");
    assert_eq!(Text::spec("us")?, text.build()?);

    let key = declared("key", URL).auth_query("api_key", SecretSource::Env("KEY".to_owned()));
    let key = key.retries(0).respect_max_age().max_in_flight(1).header_limit(1024);
    assert_eq!(Key::spec()?, key.redirect_limit(0).build()?);

    let secret = SecretSource::Env("CLIENT_SECRET".to_owned());
    let credentials =
        ClientCredentials::new("https://login.example.com/a%2Fb/token", "operator", secret)
            .scope("read")
            .scope("write")
            .audience("a/b")
            .margin(Duration::from_secs(60));
    assert_eq!(Token::spec("a/b")?, declared("token", URL).oauth2(credentials).build()?);

    let socket = declared("socket", "http://localhost/v1/x").method(Method::Head);
    assert_eq!(Socket::spec()?, socket.unix_socket("/run/app.sock").build()?);
    Ok(())
}
