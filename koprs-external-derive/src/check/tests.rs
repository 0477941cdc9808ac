//! The derive and the library refuse the same values in the same words.

mod object_stores;
mod requests;

use std::time::Duration;

use koprs_external::config::ConfigError;
use koprs_external::set::WatcherSet;
use koprs_external::spec::{
    ClientCredentials, Format, Method, OnBadItem, Paging, SecretSource, WatcherBuilder, WatcherSpec,
};

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
    let told = told.map(|told| format!("{}\nhelp: {}", told.message(), told.help().unwrap()));
    told.map(|told| told.replace("`bodyLimit`", "`body_limit`")).collect()
}

/// What the library says of the same settings.
fn built(spec: WatcherBuilder) -> Vec<String> {
    match spec.build() {
        Ok(_) => Vec::new(),
        Err(refused) => refused.mistakes.into_iter().map(|mistake| mistake.message).collect(),
    }
}

/// The library quotes no value that may be a secret; the derive's stand at the caret anyway.
fn unquoted(message: &str) -> String {
    let hidden = ["the value ", "the text "].iter().find_map(|hidden| message.strip_prefix(hidden));
    let quoted = message.strip_prefix('`').and_then(|rest| rest.split_once("` "));
    hidden.or(quoted.map(|(_, rest)| rest)).unwrap_or(message).to_owned()
}

/// In any order: the derive has that of its tokens, the library that of its settings.
fn agree_on(external: &str, mut ours: Vec<String>, mut theirs: Vec<String>) {
    ours.sort();
    theirs.sort();
    if ours != theirs {
        let unquoted = |messages: &[String]| {
            let mut messages: Vec<_> = messages.iter().map(|it| unquoted(it)).collect();
            messages.sort();
            messages
        };
        let is_hidden = |it: &String| {
            it.contains('…')
                || ["the value ", "the text "].iter().any(|hidden| it.starts_with(hidden))
        };
        let is_hidden = theirs.iter().any(is_hidden);
        assert!(
            is_hidden && unquoted(&ours) == unquoted(&theirs),
            "{external}: {ours:#?} {theirs:#?}"
        );
    }
}

fn agree(external: &str, spec: WatcherBuilder) {
    agree_on(external, derived(external), built(spec));
}

/// Of a block with mistakes in its settings and beside them.
fn agree_in_any_order(external: &str, spec: WatcherBuilder) {
    let (mut ours, mut theirs) = (derived(external), built(spec));
    ours.sort();
    theirs.sort();
    agree_on(external, ours, theirs);
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
    for name in ["flags", "a", "1-2", "", "-a", "a-", "Flags", "a_b", "a.b", "ä", &long] {
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
    let agree = |derive: &str, yaml: &str| agree_on(derive, told(derive), told_of_yaml(yaml));
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
        "PT30S",
        "every 30s",
        "1,5s",
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
fn of_lists() {
    let spec = || WatcherSpec::http("flags", URL).interval(HALF_A_MINUTE);
    let derive = |more: &str| format!("http(url = \"{URL}\"), interval = \"30s\", {more}");
    let (deepest, too_deep) = ("/0".repeat(128), "/0".repeat(129));
    for pointer in
        ["", "/", "/data", "/a~1b/0", "data", "$.data", "/a~", "/a~2", &deepest, &too_deep]
    {
        agree(&derive(&format!("items = \"{pointer}\"")), spec().items(pointer));
        agree(&derive(&format!("items(at = \"{pointer}\")")), spec().items(pointer));
        agree(&derive(&format!("items(key = \"{pointer}\")")), spec().items("").key(pointer));
        agree(
            &derive(&format!("ignore(\"/a\", \"{pointer}\")")),
            spec().ignore("/a").ignore(pointer),
        );
    }
    for limit in [0, 1, 2] {
        agree(&derive(&format!("items(limit = {limit})")), spec().items("").item_limit(limit));
    }
    agree(&derive("on_bad_item = fail"), spec().on_bad_item(OnBadItem::Fail));
    agree(
        &derive("items(), on_bad_item = \"keep\""),
        spec().items("").on_bad_item(OnBadItem::Keep),
    );
    let formats = [
        ("json", Format::Json),
        ("yaml", Format::Yaml),
        ("text", Format::Text),
        ("bytes", Format::Bytes),
        ("ndjson", Format::Ndjson),
        ("csv", Format::Csv),
    ];
    for (word, format) in formats {
        let derive = |more: &str| derive(&format!("decode = {word}{more}"));
        agree(&derive(""), spec().decode(format));
        agree(&derive(", items = \"\""), spec().decode(format).items(""));
        agree(&derive(", items(key = \"/id\")"), spec().decode(format).items("").key("/id"));
        agree_in_any_order(&derive(", items = \"/data\""), spec().decode(format).items("/data"));
        let head = derive("").replacen("http(", "http(method = head, ", 1);
        agree_in_any_order(&head, spec().decode(format).method(Method::Head));
        let at = spec().decode(format).items("/data").key("/id");
        agree(&derive(", items(at = \"/data\", key = \"/id\")"), at);
        agree(&derive(", ignore(\"/a\")"), spec().decode(format).ignore("/a"));
        agree(&derive(", on_bad_item = keep"), spec().decode(format).on_bad_item(OnBadItem::Keep));
    }
    for (confirm, hold_min) in [(0, 1), (1, 0), (2, 10)] {
        let removal = format!("removal(confirm = {confirm}, hold_min = \"{hold_min}\")");
        agree(&derive(&removal), spec().confirm(confirm).hold_min(hold_min));
    }
    for (percent, ratio) in [("0", 0.0), ("100", 1.0), ("101", 1.01), ("-5", -0.05)] {
        let removal = format!("removal(hold_above = \"{percent}%\")");
        agree(&derive(&removal), spec().hold_above(ratio));
    }
}

/// Texts are read only by the derive and by YAML.
#[test]
fn of_numbers_and_words() {
    let agree = |derive: &str, yaml: &str| {
        let first = |told: Vec<String>| -> Vec<String> {
            told.iter().filter_map(|told| told.lines().next()).map(str::to_owned).collect()
        };
        assert_eq!(derived(derive), first(told_of_yaml(yaml)), "{derive}");
    };
    let http = |more: &str| format!("http(url = \"{URL}\"{more}), interval = \"30s\"");
    let in_yaml = |more: &str| format!("http: {{url: \"{URL}\"{more}}}, interval: 30s");
    for text in ["0", "7", "11", "-1", "1.5", "many", "", "4294967296", "99999999999999999999"] {
        agree(
            &http(&format!(", retries = \"{text}\"")),
            &in_yaml(&format!(", retries: \"{text}\"")),
        );
    }
    for word in ["get", "GET", "put"] {
        agree(&http(&format!(", method = {word}")), &in_yaml(&format!(", method: {word}")));
    }
    for word in ["keep", "drop"] {
        let derive = http("") + &format!(", items = \"\", on_bad_item = {word}");
        agree(&derive, &(in_yaml("") + &format!(", items: {{}}, onBadItem: {word}")));
    }
    for share in ["30%", "0.3", "30", "101%", "some"] {
        let derive = http("") + &format!(", removal(hold_above = \"{share}\")");
        let yaml = in_yaml("") + &format!(", removal: {{holdAbove: \"{share}\"}}");
        let ours = told(&derive).iter().map(|it| it.replace("hold_above", "holdAbove")).collect();
        agree_on(&derive, ours, told_of_yaml(&yaml));
    }
}

/// What the derive says of the fields of a struct too.
fn derived_of(declaration: &str) -> Vec<String> {
    let input = syn::parse_str(declaration).unwrap();
    let mut errors = Errors::default();
    let written = attr::read(&input, &mut errors);
    super::check(&input, written, &mut errors);
    let first_line = |message: String| message.lines().next().unwrap_or_default().to_owned();
    errors.messages().into_iter().map(first_line).collect()
}

#[test]
fn of_a_field_that_is_the_key() {
    let foreign = "the key is a field here, and the items are of the type of `item`";
    let cases: [(&str, &[&str]); 10] = [
        ("items = \"/data\"", &[]),
        ("decode = ndjson", &[]),
        ("decode = csv, on_bad_item = fail", &[]),
        ("decode = json", &["`key` is of a list, and there is none"]),
        ("decode = jsn", &["`jsn` is not a format"]),
        ("items = 3", &["`items` takes a string"]),
        ("items(key = \"/id\")", &["the key is given twice"]),
        ("items = \"\", item = u8", &[foreign]),
        ("item = u8", &[foreign]),
        ("decode = text, items = \"\"", &["`items` has no use with `text`"]),
    ];
    for (external, told) in cases {
        let declaration = format!(
            "#[external(http(url = \"{URL}\"), interval = \"30s\", {external})] struct S {{ #[external(key)] id: u8 }}"
        );
        assert_eq!(derived_of(&declaration), told, "{external}");
    }
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
            "the name `a` stands in quotes",
        ),
        (
            "http(url = \"https://{t\"), params(t: u8), interval = \"1s\"".to_owned(),
            "a `{` is not closed",
        ),
        (format!("http(url = \"{URL}\", auth()), interval = \"30s\""), "no credential is given"),
        (
            format!("http(url = \"{URL}\", auth(baerer(env = \"T\"))), interval = \"30s\""),
            "unknown setting `baerer`",
        ),
        (
            format!("http(url = \"{URL}\", auth(basic(username = \"u\"))), interval = \"30s\""),
            "`basic` has no `password`",
        ),
        (
            format!(
                "http(url = \"{URL}\", auth(basic(username = \"u\", pasword(env = \"T\")))), interval = \"30s\""
            ),
            "unknown setting `pasword`",
        ),
        (
            format!(
                "http(url = \"{URL}\", auth(header(nme = \"u\", env = \"T\"))), interval = \"30s\""
            ),
            "unknown setting `nme`",
        ),
        (
            format!(
                "http(url = \"{URL}\", auth(header(name = \"u\", evn = \"T\"))), interval = \"30s\""
            ),
            "unknown setting `evn`",
        ),
        (
            format!("http(url = \"{URL}\", body(jso = \"1\")), interval = \"30s\""),
            "unknown setting `jso`",
        ),
        (format!("http(url = \"{URL}\", body()), interval = \"30s\""), "no body is given"),
        (format!("http(url = \"{URL}\", tls()), interval = \"30s\""), "`tls` names no file"),
        (
            format!("http(url = \"{URL}\", tls(cert = \"c\", kay = \"k\")), interval = \"30s\""),
            "unknown setting `kay`",
        ),
        (
            format!("http(url = \"{URL}\", pages(link)), interval = \"30s\", items = \"\""),
            "unknown setting `link`",
        ),
        (
            format!("http(url = \"{URL}\", pages(limit = 3)), interval = \"30s\", items = \"\""),
            "no way to the next page is given",
        ),
        (
            format!(
                "http(url = \"{URL}\", pages(link_header, offset(param = \"o\"))), interval = \"30s\", items = \"\""
            ),
            "`link_header` and `offset` are both given",
        ),
        (format!("{http}, interval = \"30s\", key = \"/id\""), "`key` does not stand here"),
        (format!("{http}, interval = \"30s\", retries = 3"), "`retries` does not stand here"),
        (format!("{http}, interval = \"30s\", distinct = 3"), "`distinct` takes `true` or `false`"),
        (
            format!(
                "http(url = \"{URL}\", body(text = \"{{t}} {{{{u}}}} {{ v }}\")), interval = \"1s\""
            ),
            "`{t}` is not a parameter",
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
