//! Of requests: their limits, their credentials.

use super::*;

/// Lists, and a URL, at their bounds and above.
#[test]
fn of_bounds() {
    let spec = || WatcherSpec::http("flags", URL).interval(HALF_A_MINUTE);
    let derive = |more: &str| format!("http(url = \"{URL}\", {more}), interval = \"30s\"");
    let list = |many: usize, entry: &dyn Fn(usize) -> String| {
        (0..many).map(entry).collect::<Vec<_>>().join(", ")
    };
    for many in [100, 101] {
        let pairs = list(many, &|n| format!("\"x-{n}\" = \"a\""));
        let all = (0..many).fold(spec(), |it, n| it.header(format!("x-{n}"), "a"));
        agree(&derive(&format!("header({pairs})")), all);
        let all = (0..many).fold(spec(), |it, n| it.query(format!("x-{n}"), "a"));
        agree(&derive(&format!("query({pairs})")), all);
    }
    for many in [256, 257] {
        let texts = list(many, &|n| format!("\"/a{n}\""));
        let derive = format!("http(url = \"{URL}\"), interval = \"30s\", ignore({texts})");
        agree(&derive, (0..many).fold(spec(), |it, n| it.ignore(format!("/a{n}"))));
    }
    for bytes in [8 * 1024, 8 * 1024 + 1] {
        let url = format!("{URL}{}", "a".repeat(bytes - URL.len()));
        let derive = format!("http(url = \"{url}\"), interval = \"30s\"");
        agree(&derive, WatcherSpec::http("flags", url).interval(HALF_A_MINUTE));
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
