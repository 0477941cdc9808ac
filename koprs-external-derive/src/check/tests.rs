//! The derive and the library refuse the same values in the same words.

use std::time::Duration;

use koprs_external::config::ConfigError;
use koprs_external::set::WatcherSet;
use koprs_external::spec::{SecretSource, WatcherBuilder, WatcherSpec};

use crate::attr;
use crate::derive::derive;
use crate::errors::Errors;

const URL: &str = "https://api.example.com/v1/flags";
const HALF_A_MINUTE: Duration = Duration::from_secs(30);

/// What the derive says of `#[external(…)]`.
fn derived(external: &str) -> Vec<String> {
    let first_line = |message: String| message.lines().next().unwrap_or_default().to_owned();
    told(external).into_iter().map(first_line).collect()
}

/// The same with the way out.
fn told(external: &str) -> Vec<String> {
    let declaration = format!("#[external({external})] struct Flags;");
    let input = syn::parse_str(&declaration).unwrap();
    let mut errors = Errors::default();
    let written = attr::read(&input, &mut errors);
    super::check(&input, written, &mut errors);
    errors.messages()
}

/// What a YAML file with the same settings is told.
fn told_of_yaml(watcher: &str) -> Vec<String> {
    let file = format!("apiVersion: koprs-external/v1\nwatchers: [{{name: flags, {watcher}}}]");
    let Err(refused) = WatcherSet::from_str(&file) else { return Vec::new() };
    let refused = ConfigError::of(&refused).unwrap();
    let told = refused.diagnostics().iter();
    told.map(|told| format!("{}\nhelp: {}", told.message(), told.help().unwrap())).collect()
}

/// What the library says of the same settings.
fn built(spec: WatcherBuilder) -> Vec<String> {
    match spec.build() {
        Ok(_) => Vec::new(),
        Err(refused) => refused.mistakes.into_iter().map(|mistake| mistake.message).collect(),
    }
}

fn agree(external: &str, spec: WatcherBuilder) {
    assert_eq!(derived(external), built(spec), "{external}");
}

#[test]
fn of_the_schedule() {
    let spec = || WatcherSpec::http("flags", URL);
    let seconds = Duration::from_secs;
    let derive = |rest: &str| format!("http(url = \"{URL}\"), {rest}");
    agree(&derive(""), spec());
    for millis in [0, 1, 999, 1000, 1500] {
        let interval = Duration::from_millis(millis);
        agree(&derive(&format!("interval = \"{millis}ms\"")), spec().interval(interval));
    }
    for longest in [1, 29, 30, 31] {
        let rest = format!("interval = \"30s\", max_backoff = \"{longest}s\"");
        let spec = spec().interval(HALF_A_MINUTE).max_backoff(seconds(longest));
        agree(&derive(&rest), spec);
    }
    for (percent, ratio) in [("0", 0.0), ("12.5", 0.125), ("50", 0.5), ("51", 0.51), ("-5", -0.05)]
    {
        let rest = format!("interval = \"30s\", jitter = \"{percent}%\"");
        agree(&derive(&rest), spec().interval(HALF_A_MINUTE).jitter(ratio));
    }
}

#[test]
fn of_names_and_urls() {
    let long = "a".repeat(63);
    let longer = "a".repeat(64);
    for name in ["flags", "a", "1-2", "", "-a", "a-", "Flags", "a_b", "a.b", "ä", &long, &longer] {
        let external = format!("http(url = \"{URL}\"), interval = \"30s\", name = \"{name}\"");
        agree(&external, WatcherSpec::http(name, URL).interval(HALF_A_MINUTE));
    }
    let urls = [
        "https://h",
        "http://h:8080/x?y=z#f",
        "https://u:SECRET@h/x",
        "",
        "/x",
        "h/x",
        "ftp://u:SECRET@h/x?token=SECRET",
        "file:///x",
        "mailto:a@b",
        "https://",
        "https://h:99999/x?token=SECRET",
        "https://u:SECRET@[::1/x",
        "https://a b/x",
        "HTTPS://h/x",
        "https:/h/x",
        "https:h/x",
        "https:///h/x",
        "https://h\\x",
        " https://h/x",
        "https://h/x\n",
        "https://h/x\ty",
        "ht\ntps://h/x",
    ];
    for url in urls {
        let external = format!("http(url = {url:?}), interval = \"30s\"");
        agree(&external, WatcherSpec::http("flags", url).interval(HALF_A_MINUTE));
    }
}

/// Texts are read only by the derive and by YAML.
#[test]
fn of_quantities() {
    let agree = |derive: &str, yaml: &str| assert_eq!(told(derive), told_of_yaml(yaml), "{derive}");
    let durations = [
        "1h 30m",
        "1h30m",
        "30",
        "5M",
        "5min",
        "1y",
        "1ns",
        "-30",
        "1e3",
        "inf",
        "365d",
        "366d",
        "18446744073709551615s",
        "often",
    ];
    for text in durations {
        agree(
            &format!("http(url = \"{URL}\"), interval = \"{text}\""),
            &format!("http: {{url: \"{URL}\"}}, interval: \"{text}\""),
        );
    }
    for text in ["8MiB", "1.5 KiB", "0", "-1", "large", "999999999999TiB", "16EiB"] {
        agree(
            &format!("http(url = \"{URL}\", body_limit = \"{text}\"), interval = \"30s\""),
            &format!("http: {{url: \"{URL}\", bodyLimit: \"{text}\"}}, interval: 30s"),
        );
    }
    for text in ["5%", "12.5 %", "5", "0.05", "0.125", "51", "51%", "-5%", "little"] {
        agree(
            &format!("http(url = \"{URL}\"), interval = \"30s\", jitter = \"{text}\""),
            &format!("http: {{url: \"{URL}\"}}, interval: 30s, jitter: \"{text}\""),
        );
    }
}

#[test]
fn of_requests() {
    let spec = || WatcherSpec::http("flags", URL).interval(HALF_A_MINUTE);
    let derive = |more: &str| format!("http(url = \"{URL}\", {more}), interval = \"30s\"");
    let names = [
        "x-team",
        "Accept",
        "Authorization",
        "x team",
        "",
        "ä",
        "If-None-Match",
        "range",
        "Host",
        "if-modified-since",
        "Content-Length",
        "transfer-encoding",
        "If-Range",
        "Connection",
        "Accept-Encoding",
        "Cookie",
        "User-Agent",
    ];
    for name in names {
        agree(&derive(&format!("header(\"{name}\" = \"1\")")), spec().header(name, "1"));
    }
    for value in ["", "a b", "a\tb", "ä", "a\n", "a\u{7f}"] {
        agree(&derive(&format!("header(\"x-team\" = {value:?})")), spec().header("x-team", value));
    }
    let env = |name: &str| SecretSource::Env(name.to_owned());
    agree(&derive("auth(bearer(env = \"TOKEN\"))"), spec().bearer(env("TOKEN")));
    agree(&derive("auth(bearer(env = \"\"))"), spec().bearer(env("")));
    agree(&derive("auth(bearer(value = \"\"))"), spec().bearer(SecretSource::Value("".into())));
    for name in ["_", "T0KEN_a", "0TOKEN", "$TOKEN", "s3cr3t=abc", "TÖKEN", "a b"] {
        agree(&derive(&format!("auth(bearer(env = \"{name}\"))")), spec().bearer(env(name)));
    }
    for (one, other) in [("x-key", "X-Key"), ("x-key", "x-key"), ("x-key", "x-keys")] {
        let pairs = format!("header(\"{one}\" = \"1\", \"{other}\" = \"2\")");
        agree(&derive(&pairs), spec().header(one, "1").header(other, "2"));
    }
    agree(
        &derive("header(\"AUTHORIZATION\" = \"Basic eA==\"), auth(bearer(env = \"TOKEN\"))"),
        spec().header("AUTHORIZATION", "Basic eA==").bearer(env("TOKEN")),
    );
    agree(
        &derive("header(\"authorization\" = \"Basic eA==\"), auth(bearer(env = \"TOKEN\"))"),
        spec().header("authorization", "Basic eA==").bearer(env("TOKEN")),
    );
    agree(&derive("timeout = \"0s\""), spec().timeout(Duration::ZERO));
    agree(&derive("timeout = \"1ms\""), spec().timeout(Duration::from_millis(1)));
    agree(&derive("body_limit = \"0\""), spec().body_limit(0));
    agree(&derive("body_limit = \"1\""), spec().body_limit(1));
}

/// Whether the items are generated in spite of the mistakes.
fn has_items(external: &str) -> bool {
    let declaration = format!("#[external({external})] struct Flags;");
    derive(&syn::parse_str(&declaration).unwrap()).to_string().contains("FlagsSource")
}

#[test]
fn a_mistake_is_told_once() {
    let http = format!("http(url = \"{URL}\")");
    let cases = [
        (format!("url = \"{URL}\", interval = \"30s\""), "`url` does not stand here"),
        (
            format!("http(url = \"{URL}\", auth(env = \"T\")), interval = \"30s\""),
            "`env` does not stand here",
        ),
        (format!("{http}, env = \"T\", interval = \"30s\""), "`env` does not stand here"),
        (format!("http(\"{URL}\"), interval = \"30s\""), "a value stands behind its name"),
        (format!("{http}; interval = \"30s\""), "a comma is missing before this"),
        (format!("{http}, interval = \"30s\" often"), "a comma is missing before this"),
        (format!("{http} often; interval = \"30s\""), "a comma is missing before this"),
        (format!("{http}, intervall = \"30s\""), "unknown setting `intervall`"),
        (format!("{http}, interval = 30"), "`interval` takes a string"),
        (
            "http(url = \"https://{tennant}\"), params(tenant: u8), interval = \"1s\"".to_owned(),
            "`{tennant}` is not a parameter",
        ),
        (
            "http(url = \"https://{tenant}\"), params(tenant), interval = \"1s\"".to_owned(),
            "the parameter `tenant` has no type",
        ),
        (
            format!(
                "http(url = \"{URL}\", query(a = \"{{t}}\")), params(t: u8), interval = \"1s\""
            ),
            "`query` takes strings: constants and macros cannot be read here",
        ),
        (
            "http(url = \"https://{t\"), params(t: u8), interval = \"1s\"".to_owned(),
            "a `{` is not closed",
        ),
    ];
    for (external, message) in cases {
        assert_eq!(derived(&external), [message], "{external}");
        assert!(has_items(&external), "{external}");
    }
}

#[test]
fn without_its_payload_or_its_crate_nothing_is_generated() {
    let declared = format!("http(url = \"{URL}\"), interval = \"30s\"");
    for (unread, message) in
        [("item = \"ConfigMap\"", "`item` takes a type"), ("crate = 3", "`crate` takes a path")]
    {
        let external = format!("{declared}, {unread}");
        assert_eq!(derived(&external), [message]);
        assert!(!has_items(&external), "{external}");
    }
}
