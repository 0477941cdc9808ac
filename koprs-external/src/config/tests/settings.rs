//! Every setting of a file reaches the spec.

use super::*;
use crate::spec::{ClientCredentials, Method, OnBadItem, Paging};

#[test]
fn every_setting_reaches_the_spec() {
    let text = r#"
apiVersion: koprs-external/v1
watchers:
  - name: flags
    interval: 15s
    maxBackoff: 5m
    jitter: 10%
    decode: json
    http:
      url: https://api.example.com/v1/flags
      query: { page_size: 100, all: true, tag: "007" }
      header: { X-Team: platform, X-Number: 7 }
      auth: { bearer: { file: token } }
      timeout: 3s
      bodyLimit: 1MiB
"#;
    let spec = WatcherSpec::http("flags", "https://api.example.com/v1/flags")
        .interval(Duration::from_secs(15))
        .max_backoff(Duration::from_secs(300))
        .jitter(0.1)
        .decode(Format::Json)
        .query("page_size", "100")
        .query("all", "true")
        .query("tag", "007")
        .header("X-Team", "platform")
        .header("X-Number", "7")
        .bearer(SecretSource::File("etc/token".into()))
        .timeout(Duration::from_secs(3))
        .body_limit(1024 * 1024)
        .build();
    let declared = loaded(text).pop().unwrap();
    assert_eq!(*declared.spec, spec.unwrap());
    let cases = [
        ("name", (4, 11)),
        ("interval", (5, 15)),
        ("http.header.X-Team", (12, 17)),
        ("http.auth.bearer.file", (13, 31)),
        ("http.body_limit", (15, 18)),
    ];
    for (setting, at) in cases {
        let place = declared.settings().place_of(setting);
        let (line, column) = (place.line(), place.column());
        assert_eq!((line, column), at, "{setting}");
    }
}

/// What a file says of a watcher, and what the builder does.
fn same(watcher: &str, spec: crate::spec::WatcherBuilder) {
    let text = format!(
        "apiVersion: koprs-external/v1\nwatchers: [ {{ name: a, interval: 30s, {watcher} }} ]"
    );
    assert_eq!(*loaded(&text).pop().unwrap().spec, spec.build().unwrap(), "{watcher}");
}

fn declared(url: &str) -> crate::spec::WatcherBuilder {
    WatcherSpec::http("a", url).interval(Duration::from_secs(30))
}

#[test]
fn a_list_and_its_removals_reach_the_spec() {
    let list = || declared("https://h").items("/data").key("/id");
    same("items: { at: /data, key: /id }, http: { url: https://h }", list());
    same("items: {}, http: { url: https://h }", declared("https://h").items(""));
    same(
        "items: { at: /data, key: /id, limit: 7 }, onBadItem: fail, distinct: true, ignore: [/a, /b/0], removal: { confirm: 1, holdAbove: 10%, holdMin: 3 }, http: { url: https://h }",
        list()
            .item_limit(7)
            .on_bad_item(OnBadItem::Fail)
            .distinct()
            .ignore("/a")
            .ignore("/b/0")
            .confirm(1)
            .hold_above(0.1)
            .hold_min(3),
    );
    let pages = |yaml: &str, paging: Paging| {
        let yaml =
            format!("items: {{ at: /data, key: /id }}, http: {{ url: https://h, pages: {yaml} }}");
        same(&yaml, list().pages(paging));
    };
    pages("{ linkHeader: {} }", Paging::link_header());
    pages("{ linkHeader:, limit: 3 }", Paging::link_header().limit(3));
    pages("{ cursor: { at: /next } }", Paging::cursor_at("/next"));
    pages("{ cursor: { header: X, param: c } }", Paging::cursor_header("X").param("c"));
    pages("{ number: { param: p } }", Paging::number("p"));
    pages("{ number: { param: p, first: 0 } }", Paging::number("p").first(0));
    pages("{ offset: { param: o } }", Paging::offset("o"));
    pages(
        "{ linkHeader: {}, origins: [https://a, https://b:8443] }",
        Paging::link_header().origin("https://a").origin("https://b:8443"),
    );
}

#[test]
fn requests_and_credentials_reach_the_spec() {
    let http = |yaml: &str, spec| same(&format!("http: {{ url: https://h, {yaml} }}"), spec);
    let spec = || declared("https://h");
    let env = || SecretSource::Env("K".to_owned());
    let file = || SecretSource::File("etc/k".into());
    http("method: head", spec().method(Method::Head));
    http("body: { json: '{\"a\": [1]}' }", spec().json_body("{\"a\": [1]}"));
    http("body: { json: 7 }", spec().json_body("7"));
    http("method: post, body: { text: \"{x}\" }", spec().method(Method::Post).text_body("{x}"));
    http("auth: { basic: { username: u, password: { env: K } } }", spec().basic("u", env()));
    http("auth: { header: { name: X, file: k } }", spec().auth_header("X", "", file()));
    http(
        "auth: { header: { name: X, prefix: 'T ', env: K } }",
        spec().auth_header("X", "T ", env()),
    );
    http("auth: { query: { name: k, env: K } }", spec().auth_query("k", env()));
    http("tls: { ca: ca.pem }", spec().tls_ca("etc/ca.pem"));
    http("tls: { cert: /c, key: k }", spec().tls_identity("/c", "etc/k"));
    http(
        "retries: 0, respectMaxAge: true, maxInFlight: 3, headerLimit: 1KiB, redirectLimit: 0",
        spec().retries(0).respect_max_age().max_in_flight(3).header_limit(1024).redirect_limit(0),
    );
    if cfg!(unix) {
        let spec = declared("http://h").unix_socket("etc/run/s");
        same("http: { url: http://h, unixSocket: run/s }", spec);
    }
    if cfg!(feature = "oauth2") {
        let full = ClientCredentials::new("https://l/t", "c", file()).scope("r").scope("w");
        let full = full.audience("a").margin(Duration::from_secs(60));
        http(
            "auth: { oauth2: { tokenUrl: https://l/t, clientId: c, clientSecret: { file: k }, scopes: [r, w], audience: a, margin: 1m } }",
            spec().oauth2(full),
        );
    }
}

#[cfg(feature = "object-store")]
#[test]
fn an_object_store_reaches_the_spec() {
    let stored = |url: &str| WatcherSpec::object_store("a", url).interval(Duration::from_secs(30));
    same(
        "decode: yaml, removal: { holdMin: 3 }, objectStore: { url: 'file:///var/a', include: ['*.{yaml,yml}', a/**], exclude: [tmp/**], settle: 5s, concurrency: 2, listingConcurrency: 3, objectLimit: 4, bodyLimit: 1KiB }",
        stored("file:///var/a")
            .decode(Format::Yaml)
            .hold_min(3)
            .include("*.{yaml,yml}")
            .include("a/**")
            .exclude("tmp/**")
            .settle(Duration::from_secs(5))
            .concurrency(2)
            .listing_concurrency(3)
            .object_limit(4)
            .body_limit(1024),
    );
    if cfg!(feature = "aws") {
        same(
            "objectStore: { url: s3://a, option: { AWS_ALLOW_HTTP: true, region: eu, token: { file: k }, aws_secret_access_key: { env: K }, timeout: { value: 5s } } }",
            stored("s3://a")
                .option("aws_allow_http", SecretSource::Value("true".into()))
                .option("region", SecretSource::Value("eu".into()))
                .option("token", SecretSource::File("etc/k".into()))
                .option("aws_secret_access_key", SecretSource::Env("K".to_owned()))
                .option("timeout", SecretSource::Value("5s".into())),
        );
    }
}
