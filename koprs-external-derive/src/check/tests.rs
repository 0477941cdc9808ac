//! The derive and the library refuse the same values in the same words.

mod object_stores;

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

/// Of a block with mistakes in its settings and beside them.
fn agree_in_any_order(external: &str, spec: WatcherBuilder) {
    let (mut ours, mut theirs) = (derived(external), built(spec));
    ours.sort();
    theirs.sort();
    assert_eq!(ours, theirs, "{external}");
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
        "keep-alive",
        "Expect",
        "TE",
        "Trailer",
        "Upgrade",
        "HTTP2-Settings",
        "Proxy-Authorization",
        "proxy-connection",
        "Proxy",
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

#[test]
fn of_lists() {
    let spec = || WatcherSpec::http("flags", URL).interval(HALF_A_MINUTE);
    let derive = |more: &str| format!("http(url = \"{URL}\"), interval = \"30s\", {more}");
    for pointer in ["", "/", "/data", "/a~1b/0", "data", "$.data", "/a~", "/a~2"] {
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

#[test]
fn of_the_limits_and_the_way_of_a_request() {
    let at = |url: &str| WatcherSpec::http("flags", url).interval(HALF_A_MINUTE);
    let spec = || at(URL);
    let derive_at =
        |url: &str, more: &str| format!("http(url = \"{url}\", {more}), interval = \"30s\"");
    let derive = |more: &str| derive_at(URL, more);
    for n in [0, 1, 10, 11, 20, 21] {
        agree(&derive(&format!("retries = {n}")), spec().retries(n));
        agree(&derive(&format!("redirect_limit = {n}")), spec().redirect_limit(n));
    }
    for n in [0, 1] {
        agree(&derive(&format!("max_in_flight = {n}")), spec().max_in_flight(n));
        agree(&derive(&format!("header_limit = \"{n}\"")), spec().header_limit(n as u64));
    }
    for url in [URL, "http://h", "HTTP://h"] {
        let derive = |more: &str| derive_at(url, more);
        agree(&derive("tls(ca = \"ca.pem\")"), at(url).tls_ca("ca.pem"));
        agree(
            &derive("tls(ca = \"\", cert = \"a\", key = \"\")"),
            at(url).tls_ca("").tls_identity("a", ""),
        );
    }
    if cfg!(unix) {
        agree(&derive_at("http://h", "unix_socket = \"/s\""), at("http://h").unix_socket("/s"));
        agree(&derive_at("http://h", "unix_socket = \"\""), at("http://h").unix_socket(""));
        agree(&derive("unix_socket = \"/s\""), spec().unix_socket("/s"));
    }
    let methods = [("get", Method::Get), ("head", Method::Head), ("post", Method::Post)];
    for (word, method) in methods {
        agree(&derive(&format!("method = {word}")), spec().method(method));
        let body = format!("method = {word}, body(text = \"x\")");
        agree(&derive(&body), spec().method(method).text_body("x"));
    }
    for json in
        ["", "{}", "[1, null]", "{x}", "{\"a\": }", "\"a", "1 2", "{ a: 1 }", "{\"a\": \"\\x\"}"]
    {
        let written = if json == "{x}" { "{{x}}" } else { json };
        agree(&derive(&format!("body(json = {written:?})")), spec().json_body(json));
    }
    let pages = |written: &str, paging: Paging| {
        for (items, list) in [("", spec()), (", items = \"\"", spec().items(""))] {
            let external = derive(&format!("pages({written})")) + items;
            agree(&external, list.pages(paging.clone()));
        }
        let external = derive(&format!("method = head, pages({written})"));
        agree(&external, spec().method(Method::Head).pages(paging));
    };
    let cdn = "https://cdn.example.com";
    pages("link_header", Paging::link_header());
    pages("link_header(), limit = 0", Paging::link_header().limit(0));
    pages("cursor(at = \"next\")", Paging::cursor_at("next"));
    pages("cursor(at = \"/n\", param = \"\")", Paging::cursor_at("/n").param(""));
    pages("cursor(header = \"X Next\")", Paging::cursor_header("X Next"));
    pages("cursor(header = \"Range\")", Paging::cursor_header("Range"));
    pages("number(param = \"p\", first = 0)", Paging::number("p").first(0));
    pages("number(param = \"\")", Paging::number(""));
    pages("offset(param = \"o\")", Paging::offset("o"));
    let origin = |paging: Paging| paging.origin(cdn);
    let origins = format!("origins(\"{cdn}\")");
    pages(&format!("link_header, {origins}"), origin(Paging::link_header()));
    pages(&format!("cursor(at = \"/n\"), {origins}"), origin(Paging::cursor_at("/n")));
    let into = Paging::cursor_at("/n").param("c");
    pages(&format!("cursor(at = \"/n\", param = \"c\"), {origins}"), origin(into));
    pages(&format!("number(param = \"p\"), {origins}"), origin(Paging::number("p")));
    pages(&format!("offset(param = \"o\"), {origins}"), origin(Paging::offset("o")));
    for url in [
        "https://a/",
        "https://a/b",
        "https://a?b",
        "https://a#b",
        "https://u:SECRET@a",
        "a",
        "ftp://a",
        "https://a:8443",
    ] {
        pages(&format!("link_header, origins({url:?})"), Paging::link_header().origin(url));
    }
}

#[test]
fn of_credentials() {
    let spec = || WatcherSpec::http("flags", URL).interval(HALF_A_MINUTE);
    let derive = |more: &str| format!("http(url = \"{URL}\", {more}), interval = \"30s\"");
    let env = || SecretSource::Env("TOKEN".to_owned());
    let wrong = || SecretSource::Env("a b".to_owned());
    for username in ["", "operator", "u:SECRET", "u\n"] {
        let basic = format!("auth(basic(username = {username:?}, password(env = \"TOKEN\")))");
        agree(&derive(&basic), spec().basic(username, env()));
    }
    let basic = "auth(basic(username = \"u\", password(env = \"a b\")))";
    agree(&derive(basic), spec().basic("u", wrong()));
    for name in ["X-Key", "X Key", "", "Range", "ä"] {
        let header = format!("auth(header(name = \"{name}\", prefix = \"T \", env = \"TOKEN\"))");
        agree(&derive(&header), spec().auth_header(name, "T ", env()));
        let twice = format!("header(\"x-key\" = \"1\"), {header}");
        agree(&derive(&twice), spec().header("x-key", "1").auth_header(name, "T ", env()));
    }
    agree(
        &derive("auth(header(name = \"x\", prefix = \"\\n\", env = \"a b\"))"),
        spec().auth_header("x", "\n", wrong()),
    );
    for name in ["", "k", "K"] {
        let query =
            format!("query(\"k\" = \"1\"), auth(query(name = \"{name}\", env = \"TOKEN\"))");
        agree(&derive(&query), spec().query("k", "1").auth_query(name, env()));
    }
    agree(
        &derive("header(\"authorization\" = \"x\"), auth(query(name = \"k\", env = \"a b\"))"),
        spec().header("authorization", "x").auth_query("k", wrong()),
    );
    let urls = ["https://l/t", "l/t", "https://u:SECRET@l/t", "ftp://l/t"];
    for (url, id, scope) in
        urls.into_iter().flat_map(|url| [(url, "c", "a:b/c"), (url, "", "a b"), (url, "c", "")])
    {
        let oauth2 = format!(
            "auth(oauth2(token_url = {url:?}, client_id = {id:?}, client_secret(env = \"TOKEN\"), scopes({scope:?}), audience = {id:?}, margin = \"0s\"))"
        );
        let credentials = ClientCredentials::new(url, id, env()).scope(scope).audience(id);
        agree_in_any_order(&derive(&oauth2), spec().oauth2(credentials.margin(Duration::ZERO)));
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
        assert_eq!(
            told(&derive).join("\n").replace("hold_above", "holdAbove"),
            told_of_yaml(&yaml).join("\n")
        );
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
