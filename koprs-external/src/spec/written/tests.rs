use std::time::Duration;

use proptest::prelude::*;

use crate::spec::{
    ClientCredentials, Format, Method, OnBadItem, Paging, SecretSource, Trust, WatcherBuilder,
    WatcherSpec,
};

const URL: &str = "https://api.example.com/v1/flags?a=1";

fn http() -> WatcherBuilder {
    WatcherSpec::http("flags", URL).interval(Duration::from_secs(30))
}

fn written(builder: WatcherBuilder) -> Result<String, String> {
    serde_json::to_string(&builder.build().unwrap()).map_err(|error| error.to_string())
}

#[test]
fn only_what_differs_from_the_defaults_is_written() {
    let with_defaults =
        http().jitter(0.05).confirm(2).retries(2).body_limit(8 << 20).method(Method::Get);
    let bare = r#"{"name":"flags","interval":"30s","http":{"url":"https://api.example.com/v1/flags?a=1"}}"#;
    assert_eq!(written(http()).unwrap(), bare);
    assert_eq!(written(with_defaults).unwrap(), bare);
    let key = SecretSource::Env("KEY".to_owned());
    let list = http().items("").key("/id").auth_header("X-Api-Key", "", key);
    assert_eq!(
        written(list).unwrap(),
        r#"{"name":"flags","interval":"30s","items":{"key":"/id"},"http":{"url":"https://api.example.com/v1/flags?a=1","auth":{"header":{"name":"X-Api-Key","env":"KEY"}}}}"#
    );
}

#[test]
fn a_literal_secret_is_not_written() {
    let secret = || SecretSource::Value("s3cr3t".into());
    let client = ClientCredentials::new("https://login.example.com/token", "operator", secret());
    let store =
        WatcherSpec::object_store("models", "s3://models").interval(Duration::from_secs(30));
    let cases = [
        (http().bearer(secret()), "http.auth.bearer"),
        (http().basic("operator", secret()), "http.auth.basic.password"),
        (http().auth_header("X-Api-Key", "", secret()), "http.auth.header"),
        (http().auth_query("api_key", secret()), "http.auth.query"),
        (http().oauth2(client), "http.auth.oauth2.client_secret"),
        (http().header("Authorization", "Basic s3cr3t"), "http.header.authorization"),
        (http().header("Cookie", "session=s3cr3t"), "http.header.cookie"),
        (
            WatcherSpec::http("flags", "https://u:s3cr3t@h").interval(Duration::from_secs(30)),
            "http.url",
        ),
        (
            store.option("aws_secret_access_key", secret()),
            "object_store.option.aws_secret_access_key",
        ),
    ];
    for (builder, setting) in cases {
        let told = written(builder).unwrap_err();
        assert!(told.starts_with(&format!("`{setting}`: ")), "{told}");
        assert!(told.contains("is not written") && !told.contains("s3cr3t"), "{told}");
    }
}

#[test]
fn what_no_file_can_say_is_not_written() {
    let twice = http().header("X-A", "1").header("X-A", "2");
    assert!(written(twice).unwrap_err().contains("stands twice"));
    let long = http().timeout(Duration::from_secs(400 * 24 * 60 * 60)).deadline(Duration::MAX);
    assert!(written(long).unwrap_err().starts_with("`deadline`: "));
}

fn secret() -> impl Strategy<Value = SecretSource> {
    prop_oneof![
        "[A-Z_]{1,8}".prop_map(SecretSource::Env),
        "[a-z/ü.]{1,12}".prop_map(|path| SecretSource::File(path.into())),
    ]
}

fn duration(least: u64) -> impl Strategy<Value = Duration> {
    let fine = (least * 1_000_000_000..40 * 86_400_000_000_000).prop_map(Duration::from_nanos);
    prop_oneof![fine, (least..3_000_000).prop_map(Duration::from_secs)]
}

fn percent(most: u32) -> impl Strategy<Value = f64> {
    (0..=most * 100).prop_map(|n| f64::from(n) / 100.0 / 100.0)
}

fn auth() -> impl Strategy<Value = fn(WatcherBuilder, SecretSource) -> WatcherBuilder> {
    prop_oneof![
        Just((|it: WatcherBuilder, _| it) as fn(WatcherBuilder, SecretSource) -> WatcherBuilder),
        Just((|it: WatcherBuilder, secret| it.bearer(secret)) as fn(_, _) -> _),
        Just((|it: WatcherBuilder, secret| it.basic("operator", secret)) as fn(_, _) -> _),
        Just(
            (|it: WatcherBuilder, secret| it.auth_header("X-Key", "Token ", secret))
                as fn(_, _) -> _
        ),
        Just((|it: WatcherBuilder, secret| it.auth_query("key", secret)) as fn(_, _) -> _),
        Just(
            (|it: WatcherBuilder, secret| {
                let client = ClientCredentials::new(
                    "https://login.example.com/token?a=b",
                    "operator",
                    secret,
                );
                it.oauth2(
                    client
                        .scope("a")
                        .scope("b:c")
                        .audience("api")
                        .margin(Duration::from_millis(1500)),
                )
            }) as fn(_, _) -> _
        ),
    ]
}

fn paging() -> impl Strategy<Value = Paging> {
    let way = prop_oneof![
        Just(Paging::link_header().origin("https://cdn.example.com")),
        Just(Paging::cursor_at("/meta/ne~1xt")),
        Just(Paging::cursor_header("X-Next").param("cursor")),
        any::<u64>().prop_map(|first| Paging::number("page").first(first)),
        Just(Paging::offset("off set")),
    ];
    (way, 1..5000_usize).prop_map(|(way, limit)| way.limit(limit))
}

/// Where its items stand, their key, its limit, whether a bad one fails it, its pages.
type List = (String, Option<String>, usize, bool, Option<Paging>);

fn list() -> impl Strategy<Value = Option<List>> {
    proptest::option::of((
        "(/[a-z ü\"]{0,5}){0,2}",
        proptest::option::of("(/[a-z~]{0}[a-z]{0,4}){0,2}"),
        1..200_000_usize,
        any::<bool>(),
        proptest::option::of(paging()),
    ))
}

/// Texts with many braces, and escaped ones.
fn braces() -> impl Strategy<Value = String> {
    prop_oneof!["[{}$a%7B]{0,8}", "(%7B|%7d|[{}][a-z]{0,3}){0,4}"]
}

fn url() -> impl Strategy<Value = String> {
    let part = || prop_oneof![braces(), "[!-\\[\\]-~ü]{0,8}"];
    let tail = ("[/?#&=]?", part(), "[/?#&=]?", part());
    (part(), proptest::option::of(part()), tail).prop_map(|(path, query, (a, b, c, d))| {
        let query = query.map(|query| format!("?q={query}")).unwrap_or_default();
        format!("https://api.example.com/v1/{path}{query}{a}{b}{c}{d}")
    })
}

fn of_http() -> impl Strategy<Value = WatcherBuilder> {
    let query = prop_oneof![braces(), "[ -~ü]{0,12}"];
    let header = prop_oneof![braces(), "[!-~]{0,8}"];
    let name = "[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?";
    let texts = (name, url(), query, header, prop_oneof![braces(), "\\PC{0,20}"]);
    let times =
        (duration(1), proptest::option::of(duration(1)), proptest::option::of(duration(60)));
    let numbers =
        (percent(50), 1..9_u32, percent(100), 1..999_u64, 0..=10_u32, 1..u64::MAX, 0..=20_u32);
    (texts, times, numbers, list(), (auth(), secret()), any::<[bool; 6]>()).prop_map(
        |(texts, times, numbers, list, (auth, secret), flags)| {
            let (name, url, query, header, body) = texts;
            let (interval, backoff, deadline) = times;
            let (jitter, confirm, above, min, retries, bytes, redirects) = numbers;
            let mut it =
                WatcherSpec::http(name, url).interval(interval).jitter(jitter).confirm(confirm);
            it = it.hold_above(above).hold_min(min).retries(retries).body_limit(bytes);
            it = it.header_limit(bytes / 3 + 1).redirect_limit(redirects).query("q", query);
            it = it
                .header("X-Team", header)
                .timeout(Duration::from_nanos(bytes % 60_000_000_000 + 1));
            if let Some(longest) = backoff {
                it = it.max_backoff(interval + longest);
            }
            if let Some(deadline) = deadline {
                it = it.deadline(deadline);
            }
            if let Some((at, key, limit, fail, paging)) = list {
                it = it.items(at).item_limit(limit);
                it = if let Some(key) = key { it.key(key) } else { it };
                it = if fail { it.on_bad_item(OnBadItem::Fail) } else { it };
                it = if let Some(paging) = paging { it.pages(paging) } else { it };
            }
            let [distinct, text, json, age, tls, ignore] = flags;
            it = if distinct { it.distinct() } else { it };
            it = if ignore { it.ignore("/a~1b").ignore("/") } else { it };
            it = if age { it.respect_max_age().max_in_flight(3) } else { it };
            it = if tls { it.tls_ca("ca.pem").tls_identity("tls.crt", "ü.key") } else { it };
            it = if text { it.text_body(body) } else { it };
            it = if json { it.json_body(r#"{ "a": [1, "{x}"] }"#) } else { it };
            auth(it, secret)
        },
    )
}

fn of_a_store() -> impl Strategy<Value = WatcherBuilder> {
    let numbers = (
        1..=256_usize,
        1..=64_usize,
        proptest::option::of(1..9_999_usize),
        1..u64::MAX,
        0..86_400_u64,
    );
    (numbers, secret(), duration(10), any::<bool>()).prop_map(
        |(numbers, secret, interval, more)| {
            let (concurrency, listing, limit, bytes, settle) = numbers;
            let mut it = WatcherSpec::object_store("models", "s3://models/a b/").interval(interval);
            it = it.concurrency(concurrency).listing_concurrency(listing).body_limit(bytes);
            it = it.option("aws_secret_access_key", secret).settle(Duration::from_secs(settle));
            it = if let Some(limit) = limit { it.object_limit(limit) } else { it };
            let region = SecretSource::Value("eu-west-1".into());
            let full = |it: WatcherBuilder| {
                it.option("AWS_Region", region).include("**/*.{a,b}").exclude("[!x]")
            };
            if more { full(it).decode(Format::Yaml) } else { it }
        },
    )
}

proptest! {
    /// But for who wrote it.
    #[test]
    fn what_is_written_is_read_as_the_same_spec(builder in prop_oneof![of_http(), of_a_store()]) {
        let spec = builder.build().unwrap();
        let json = serde_json::to_string(&spec).unwrap();
        let read: WatcherSpec = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(read.trust(), None);
        prop_assert_eq!(read.under(Trust::Trusted).unwrap(), spec, "{}", json);
    }

    #[cfg(feature = "schema")]
    #[test]
    fn what_is_written_is_valid_in_a_crd(builder in prop_oneof![of_http(), of_a_store()]) {
        let written = serde_json::to_value(builder.build().unwrap()).unwrap();
        let schema = schemars::SchemaGenerator::default().into_root_schema_for::<WatcherSpec>();
        let mistakes = koprs_external_json_schema::mistakes(schema.as_value(), &written);
        prop_assert_eq!(mistakes, [""; 0], "{}", written);
    }
}
