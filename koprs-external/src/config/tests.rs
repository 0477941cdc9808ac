use std::time::Duration;

use super::*;

fn load(file: &Path, text: &str) -> Result<Vec<Declared>, ConfigError> {
    read(file, text.as_bytes())
}

fn read(file: &Path, bytes: &[u8]) -> Result<Vec<Declared>, ConfigError> {
    let file = File { path: file.into(), bytes: bytes.to_vec() };
    super::load(&[file], &Rules::default()).map(|loaded| loaded.watchers)
}
use crate::spec::{ClientCredentials, Format, Method, OnBadItem, Paging, SecretSource};

fn loaded(text: &str) -> Vec<Declared> {
    load(Path::new("etc/watchers.yaml"), text).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(text: &str) -> ConfigError {
    load(Path::new("watchers.yaml"), text).unwrap_err()
}

/// `line:column code`, in order.
fn codes(text: &str) -> Vec<String> {
    let error = refused(text);
    let shown = |it: &Diagnostic| format!("{}:{} {}", it.line(), it.column(), it.code());
    error.diagnostics().iter().map(shown).collect()
}

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
    assert_eq!(declared.spec, spec.unwrap());
    let cases = [
        ("name", (4, 11)),
        ("interval", (5, 15)),
        ("http.header.X-Team", (12, 17)),
        ("http.auth.bearer.file", (13, 31)),
        ("http.body_limit", (15, 18)),
    ];
    for (setting, at) in cases {
        let place::Place { line, column, .. } = declared.places.of(setting);
        assert_eq!((line, column), at, "{setting}");
    }
}

/// What a file says of a watcher, and what the builder does.
fn same(watcher: &str, spec: crate::spec::WatcherBuilder) {
    let text = format!(
        "apiVersion: koprs-external/v1\nwatchers: [ {{ name: a, interval: 30s, {watcher} }} ]"
    );
    assert_eq!(loaded(&text).pop().unwrap().spec, spec.build().unwrap(), "{watcher}");
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

#[cfg(feature = "object-store")]
#[test]
fn defaults_of_http_do_not_reach_an_object_store() {
    let text = "
apiVersion: koprs-external/v1
defaults:
  interval: 30s
  removal: { confirm: 5, holdMin: 3 }
  http: { retries: 1, bodyLimit: 1KiB }
  objectStore: { settle: 5s, concurrency: 2, bodyLimit: 2KiB }
watchers:
  - { name: a, objectStore: { url: 'file:///a', concurrency: 3 } }
  - { name: b, http: { url: https://h } }
";
    let second = Duration::from_secs(1);
    let a = WatcherSpec::object_store("a", "file:///a").interval(30 * second).hold_min(3);
    let a = a.settle(5 * second).concurrency(3).body_limit(2048);
    let b = WatcherSpec::http("b", "https://h").interval(30 * second).hold_min(3);
    let b = b.confirm(5).retries(1).body_limit(1024);
    let specs: Vec<_> = loaded(text).into_iter().map(|declared| declared.spec).collect();
    assert_eq!(specs, [a, b].map(|spec| spec.build().unwrap()));
}

#[test]
fn a_mistake_in_the_defaults_of_object_stores_is_told() {
    let text = "apiVersion: koprs-external/v1\ndefaults: { interval: 5s, objectStore: { settle: 24h, url: x } }\nwatchers: [ { name: a, http: { url: http://h } } ]";
    assert_eq!(codes(text), ["2:50 out-of-range", "2:55 unknown-key"]);
}

#[test]
fn no_secret_of_an_object_store_is_shown() {
    let settings = [
        "option: { aws_region: s3cr3t }",
        "option: { aws_regoin: s3cr3t }",
        "option: { 'aws_token=s3cr3t': 1 }",
        "option: { 'aws_token=s3cr3t': '' }",
        "option: { s3cr3t: '' }",
        "option: { s3cr3t }",
        "option: { token: { s3cr3t: '' } }",
        "option: { token: { value: s3cr3t, env: s3cr3t } }",
        "option: { token: { env: 's3cr3t=' } }",
        "option: { token: [s3cr3t] }",
        "option: s3cr3t",
        "option: [s3cr3t]",
        "options: { token: s3cr3t }",
        "auth: { bearer: { value: s3cr3t } }",
        "settle: x, token: s3cr3t # s3cr3t",
    ];
    let urls = [
        "s3://b/x",
        "s3://k:s3cr3t@b/x",
        "s3://b/x?s3cr3t#s3cr3t",
        "s3n://k:s3cr3t@b",
        "k:s3cr3t@b",
        "s3://{s3cr3t}@b",
        "memory:s3cr3t@",
    ];
    for (setting, url) in settings.iter().flat_map(|it| urls.map(|url| (it, url))) {
        let text = format!(
            "apiVersion: koprs-external/v1\nwatchers:\n  - name: A\n    objectStore: {{ url: \"{url}\", {setting}\n }}\n"
        );
        let error = refused(&text);
        let shown = format!("{error}{error:?}");
        assert!(!shown.contains("s3cr3t"), "{text}\n{error}");
    }
}

#[test]
fn defaults_are_taken_setting_by_setting() {
    let text = "
apiVersion: koprs-external/v1
defaults:
  interval: 30s
  removal: { confirm: 5, holdMin: 3 }
  http: { tls: { ca: ca.pem }, retries: 1, respectMaxAge: true }
watchers:
  - { name: a, http: { url: https://h } }
  - name: b
    removal: { holdMin: 7 }
    http: { url: https://h, tls: { cert: c, key: k }, retries: 3, respectMaxAge: false }
  - { name: c, http: { url: HTTP://h } }
";
    let named = |name: &str, url: &str| {
        WatcherSpec::http(name, url).interval(Duration::from_secs(30)).confirm(5)
    };
    let a = named("a", "https://h").hold_min(3).tls_ca("etc/ca.pem").retries(1).respect_max_age();
    let b = named("b", "https://h").hold_min(7).retries(3);
    let b = b.tls_ca("etc/ca.pem").tls_identity("etc/c", "etc/k");
    let c = named("c", "http://h").hold_min(3).retries(1).respect_max_age();
    let specs: Vec<_> = loaded(text).into_iter().map(|declared| declared.spec).collect();
    assert_eq!(specs, [a, b, c].map(|spec| spec.build().unwrap()));
}

#[test]
fn a_default_format_that_is_a_list_lets_each_watcher_say_its_key() {
    let text = "apiVersion: koprs-external/v1\ndefaults: { interval: 5s, decode: ndjson }\nwatchers: [ { name: a, items: { key: /id }, http: { url: http://h } }, { name: b, http: { url: http://h } } ]";
    assert_eq!(codes(text), ["3:80 missing-key"]);
}

#[test]
fn a_default_holds_for_each_watcher_that_does_not_say_otherwise() {
    let text = r#"
apiVersion: koprs-external/v1
defaults:
  interval: 30s
  decode: text
  http: { timeout: 2s, header: { X-Team: platform, X-Env: test } }
watchers:
  - { name: a, http: { url: "https://h/a" } }
  - { name: b, interval: 1m, http: { url: "https://h/b", header: { x-team: b } } }
"#;
    let spec = |name: &str, interval| {
        WatcherSpec::http(name, format!("https://h/{name}"))
            .interval(Duration::from_secs(interval))
            .decode(Format::Text)
            .timeout(Duration::from_secs(2))
    };
    let a = spec("a", 30).header("X-Team", "platform").header("X-Env", "test").build().unwrap();
    let b = spec("b", 60).header("X-Env", "test").header("x-team", "b").build().unwrap();
    let specs: Vec<_> = loaded(text).into_iter().map(|declared| declared.spec).collect();
    assert_eq!(specs, [a, b]);
}

#[test]
fn anchors_aliases_and_merge_keys_work() {
    let text = r#"
apiVersion: koprs-external/v1
x-http: &http { timeout: 2s }
x-every: &every 30s
watchers:
  - { name: a, interval: *every, http: { <<: *http, url: "https://h/a" } }
"#;
    let spec = WatcherSpec::http("a", "https://h/a")
        .interval(Duration::from_secs(30))
        .timeout(Duration::from_secs(2));
    assert_eq!(loaded(text).pop().unwrap().spec, spec.build().unwrap());
}

#[test]
fn an_absolute_path_stays() {
    let text = "apiVersion: koprs-external/v1\nwatchers: [ { name: a, interval: 5s, http: { url: 'http://h', auth: { bearer: { file: /run/token } } } } ]";
    let spec = WatcherSpec::http("a", "http://h")
        .interval(Duration::from_secs(5))
        .bearer(SecretSource::File("/run/token".into()));
    assert_eq!(loaded(text).pop().unwrap().spec, spec.build().unwrap());
}

#[test]
fn a_mistake_in_the_defaults_is_told_once() {
    let watchers = "watchers:\n  - { name: a, http: { url: http://h } }\n  - { name: b, http: { url: http://h } }\n";
    let cases = [
        ("interval: 30", "2:23 bad-duration"),
        ("interval: 10ms", "2:23 short-interval"),
        ("interval: 1m, maxBackoff: 30s", "2:39 short-max-backoff"),
        ("interval: 1m, http: { header: { Range: x } }", "2:45 own-header"),
    ];
    for (defaults, told) in cases {
        let text = format!("apiVersion: koprs-external/v1\ndefaults: {{ {defaults} }}\n{watchers}");
        assert_eq!(codes(&text), [told]);
    }
}

#[test]
fn an_unused_default_is_checked_too() {
    let text = "apiVersion: koprs-external/v1\ndefaults: { interval: 1ms }\nwatchers: [ { name: a, interval: 5s, http: { url: http://h } } ]";
    assert_eq!(codes(text), ["2:23 short-interval"]);
}

#[test]
fn an_interval_over_the_default_max_backoff_is_told_at_the_interval() {
    let text = "apiVersion: koprs-external/v1\ndefaults: { interval: 1s, maxBackoff: 5m }\nwatchers: [ { name: a, interval: 10m, http: { url: http://h } } ]";
    assert_eq!(codes(text), ["3:34 short-max-backoff"]);
    let error = refused(text);
    assert_eq!(
        error.diagnostics()[0].message(),
        "the default `maxBackoff` `5m` is less than the interval `10m`"
    );
}

#[test]
fn what_could_not_be_read_is_not_told_again() {
    let text = "apiVersion: koprs-external/v1\nwatchers: [ { nme: a, intervall: 5s, htp: {} }, { name: b, interval: [], http: 3 } ]";
    let expected = [
        "2:15 unknown-key",
        "2:23 unknown-key",
        "2:38 unknown-key",
        "2:60 wrong-type",
        "2:74 wrong-type",
    ];
    assert_eq!(codes(text), expected);
}

#[test]
fn no_secret_is_shown_whatever_is_wrong_beside_it() {
    let settings = [
        "auth: { bearer: { value: s3cr3t }, x: 1 }",
        "auth: { bearer: { value: s3cr3t, env: s3cr3t } }",
        "auth: { bearer: s3cr3t }",
        "auth: s3cr3t",
        "auth: [ s3cr3t ]",
        "auht: { bearer: { value: s3cr3t } }",
        "auth: { token: s3cr3t }",
        "auth: { bearer: { value: { x: s3cr3t } } }",
        "auth: { bearer: { value: s3cr3t } }, header: { Authorization: s3cr3t }",
        "header: { Authorization: \"s3cr3t\\n\" }",
        "header: { Range: s3cr3t }",
        "header: s3cr3t",
        "headers: { name: s3cr3t }",
        "query: { k: [ s3cr3t ] }",
        "query: s3cr3t",
        "token: s3cr3t # s3cr3t",
        "url: https://user:s3cr3t@h, url: 'https://h?s3cr3t'",
        "auth: { bearer: { value: s3cr3t }",
        "auth: { bearer: { value: \"s3cr3t } } }",
        "header: { X: s3cr3t: x } }",
        "query: { s3cr3t, s3cr3t }",
        "header: { 'X-Key=s3cr3t': '' }",
        "header: { 'X-Key=s3cr3t': x }",
        "header: { 'Authorization: Bearer s3cr3t': x }",
        "header: { Bearer s3cr3t: [] }",
        "header: { Bearer s3cr3t: { x: 1 } }",
        "auth: { bearer: { s3cr3t: '' } }",
        "auth: { bearer: { s3cr3t: {} } }",
        "code: s3cr3t, internal: s3cr3t",
        "auth: { basic: { username: \"u:s3cr3t\", password: { value: s3cr3t } } }",
        "auth: { basic: { username: s3cr3t, password: s3cr3t } }",
        "auth: { basic: s3cr3t }",
        "auth: { header: { name: s3cr3t, value: s3cr3t, prefix: s3cr3t, env: s3cr3t } }",
        "auth: { header: { name: X, prefix: \"s3cr3t\\n\", value: s3cr3t } }",
        "auth: { header: { X-Key: s3cr3t } }",
        "auth: { query: { name: k, value: s3cr3t } }, query: { k: s3cr3t }",
        "auth: { query: { s3cr3t: '' } }",
        "auth: { oauth2: { tokenUrl: 'https://u:s3cr3t@h?s3cr3t', clientId: '', clientSecret: { value: s3cr3t } } }",
        "auth: { oauth2: { tokenUrl: 's3cr3t@h', clientId: s3cr3t, clientSecret: s3cr3t } }",
        "key: s3cr3t, secret: s3cr3t",
        "body: { json: 's3cr3t: {' }",
        "body: { json: { x: s3cr3t } }",
        "body: { form: s3cr3t }",
        "body: s3cr3t",
        "method: get, body: { text: s3cr3t }",
        "pages: { linkHeader: {}, origins: ['https://u:s3cr3t@h/?s3cr3t'] }",
        "tls: { token: s3cr3t }",
    ];
    let urls = [
        "https://h/x",
        "ftp://u:s3cr3t@h/x?s3cr3t#s3cr3t",
        "u:s3cr3t@h",
        "https://u:s3cr3t@h/{x}?s3cr3t",
        "https://u:{s3cr3t}@h/",
        "https://h/?k={s3cr3t}",
        "https://u:s3cr3t@/x",
    ];
    for setting in settings {
        for url in urls {
            for newline in ["", "\n       "] {
                let text = format!(
                    "apiVersion: koprs-external/v1\nwatchers:\n  - name: A\n    http: {{ url: \"{url}\", {newline}{setting} }}\n"
                );
                let error = refused(&text);
                let shown = format!("{error}{error:?}");
                assert!(!shown.contains("s3cr3t"), "{text}\n{error}");
            }
        }
    }
}

#[test]
fn a_file_with_a_typing_error_anywhere_shows_no_secret() {
    let text = "apiVersion: koprs-external/v1
x-common: &common { header: { X-Key: s3cr3t } }
watchers:
  - name: é
    interval: 30
    http:
      <<: *common
      url: https://u:s3cr3t@h/x?k=s3cr3t
      query: { k: 's3cr3t' }
      auth:
        bearer:
          value: \"s3cr3t\" # s3cr3t
";
    let places: Vec<_> = text.char_indices().collect();
    for (at, c) in places {
        let rest = &text[at + c.len_utf8()..];
        for typed in
            ["", " ", "\t", "\n", "'", "\"", ":", "#", "{", "]", "-", "&", "*", "\\", "x", "\r"]
        {
            let text = format!("{}{typed}{rest}", &text[..at]);
            let Err(error) = load(Path::new("watchers.yaml"), &text) else { continue };
            let shown = error.to_string();
            assert!(!shown.contains("s3cr3t"), "{typed:?} at {at}\n{text}\n{shown}");
        }
    }
}

#[test]
fn default_headers_are_bounded_over_all_watchers() {
    let headers: String = (0..1_000).map(|n| format!("X-{n}: a, ")).collect();
    let watchers = |count: usize| -> String {
        let watcher = |n| format!("  - {{ name: w{n}, http: {{ url: 'https://h/' }} }}\n");
        (0..count).map(watcher).collect()
    };
    let text = |count| {
        format!(
            "apiVersion: koprs-external/v1\ndefaults: {{ interval: 30s, http: {{ header: {{ {headers} }} }} }}\nwatchers:\n{}",
            watchers(count)
        )
    };
    assert_eq!(loaded(&text(2)).len(), 2);
    assert_eq!(codes(&text(501)), ["2:46 too-complex"]);
}

#[test]
fn ten_thousand_watchers_are_no_more_than_a_file_may_have() {
    let watcher = |n| {
        format!(
            "  - name: tenants-of-the-region-{n}
    interval: 45s
    maxBackoff: 10m
    items: {{ at: /data, key: /id }}
    http:
      url: https://api.example.com/v1/regions/{n}/tenants
      query: {{ page_size: 100, plan: premium }}
      auth: {{ bearer: {{ env: TENANTS_TOKEN }} }}
      timeout: 8s
"
        )
    };
    let watchers: String = (0..10_000).map(watcher).collect();
    let text = format!("apiVersion: koprs-external/v1\nwatchers:\n{watchers}");
    assert!(text.len() > 2_200_000, "{}", text.len());
    assert_eq!(loaded(&text).len(), 10_000);
}

#[test]
fn a_key_in_the_place_of_its_path_is_refused_and_not_shown() {
    let key = "\"-----BEGIN PRIVATE KEY-----\\ns3cr3t\"";
    let blocks = [
        format!("tls: {{ cert: a.pem, key: {key} }}, intervall: 1"),
        format!("auth: {{ bearer: {{ file: {key} }} }}"),
    ];
    for block in blocks {
        let text = format!(
            "{{ apiVersion: koprs-external/v1, watchers: [ {{ name: a, interval: 30s, http: {{ url: https://h/, {block} }} }} ] }}"
        );
        let error = refused(&text);
        assert!(error.diagnostics().iter().any(|it| it.code() == "bad-path"), "{error}");
        assert!(!format!("{error} {error:?}").contains("s3cr3t"), "{error}");
    }
}
