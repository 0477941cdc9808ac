//! What the builder accepts, and what it refuses.

use std::time::Duration;

use super::*;

const URL: &str = "https://api.example.com/v1/tenants";

fn declared() -> WatcherBuilder {
    at(URL)
}

fn at(url: &str) -> WatcherBuilder {
    WatcherSpec::http("tenants", url).interval(Duration::from_secs(30))
}

fn env() -> SecretSource {
    SecretSource::Env("TOKEN".to_owned())
}

fn built(builder: WatcherBuilder) -> WatcherSpec {
    builder.build().unwrap()
}

fn http(builder: WatcherBuilder) -> HttpSpec {
    let SourceSpec::Http(http) = built(builder).source else { panic!() };
    http
}

/// `setting code`, in order.
fn refused(builder: WatcherBuilder) -> Vec<String> {
    let mistakes = builder.build().err().map_or_else(Vec::new, |refused| refused.mistakes);
    assert!(mistakes.iter().all(|it| it.help.is_some()), "{mistakes:?}");
    mistakes.into_iter().map(|it| format!("{} {}", it.setting, it.code)).collect()
}

#[test]
fn what_is_left_out_has_its_default() {
    let spec = built(declared());
    assert_eq!((spec.items(), spec.ignore(), spec.distinct()), (None, [].as_slice(), false));
    assert_eq!(spec.removal(), Removal::DEFAULT);
    let SourceSpec::Http(http) = spec.source else { panic!() };
    assert_eq!(http, HttpSpec::bare(URL).unwrap());
}

#[test]
fn a_list_is_as_it_was_declared() {
    let spec = built(declared().items("/data").key("/meta/id").item_limit(7));
    let items = spec.items().unwrap();
    assert_eq!(items.at().to_string(), "/data");
    assert_eq!(items.key().unwrap().to_string(), "/meta/id");
    assert_eq!((items.limit(), items.on_bad_item()), (7, OnBadItem::Keep));
    let spec = built(declared().items("").on_bad_item(OnBadItem::Fail));
    let items = spec.items().unwrap();
    assert!(items.at().is_root() && items.key().is_none());
    assert_eq!((items.limit(), items.on_bad_item()), (table::ITEM_LIMIT, OnBadItem::Fail));
    let lines = built(declared().decode(Format::Ndjson).key("/id"));
    assert!(lines.items().unwrap().at().is_root());
}

#[test]
fn a_list_that_cannot_be_one_is_refused() {
    let cases: [(WatcherBuilder, &[&str]); 16] = [
        (declared().items("data"), &["items.at bad-pointer"]),
        (declared().items("").key("id"), &["items.key bad-pointer"]),
        (declared().items("").item_limit(0), &["items.limit out-of-range"]),
        (declared().key("/id"), &["items.key not-a-list"]),
        (declared().item_limit(1), &["items.limit not-a-list"]),
        (declared().on_bad_item(OnBadItem::Keep), &["on_bad_item not-a-list"]),
        (declared().items("").decode(Format::Text), &["items no-use"]),
        (declared().items("").decode(Format::Bytes), &["items no-use"]),
        (declared().items("").method(Method::Head), &["items no-use"]),
        (declared().decode(Format::Ndjson), &["items.key missing-key"]),
        (declared().decode(Format::Ndjson).items("/data").key("/id"), &["items.at no-use"]),
        (
            declared().decode(Format::Ndjson).items("/data"),
            &["items.at no-use", "items.key missing-key"],
        ),
        (declared().decode(Format::Ndjson).key("/id").method(Method::Head), &["items no-use"]),
        (declared().ignore(""), &["ignore.0 bad-pointer"]),
        (
            declared().ignore("x").ignore("/x").ignore("y"),
            &["ignore.0 bad-pointer", "ignore.2 bad-pointer"],
        ),
        (declared().ignore("/x").decode(Format::Text), &["ignore no-use"]),
    ];
    for (builder, told) in cases {
        assert_eq!(refused(builder), told);
    }
}

#[test]
fn removals_are_as_declared_within_their_ranges() {
    let removal = built(declared().confirm(1).hold_above(1.0).hold_min(1)).removal();
    assert_eq!((removal.confirm(), removal.hold_above(), removal.hold_min()), (1, 1.0, 1));
    let codes = [
        "removal.confirm out-of-range",
        "removal.hold_above out-of-range",
        "removal.hold_min out-of-range",
    ];
    assert_eq!(refused(declared().confirm(0).hold_above(1.01).hold_min(0)), codes);
    assert_eq!(refused(declared().hold_above(f64::NAN)), [codes[1]]);
}

#[test]
fn a_body_is_posted() {
    let body = http(declared().json_body("{\"a\": [1]}"));
    assert_eq!((body.method(), body.body), (Method::Post, Some(Body::Json("{\"a\": [1]}".into()))));
    let body = http(declared().method(Method::Post).text_body("{"));
    assert_eq!((body.method(), body.body), (Method::Post, Some(Body::Text("{".into()))));
    assert_eq!(http(declared().method(Method::Post)).body, None);
    for method in [Method::Get, Method::Head] {
        assert_eq!(refused(declared().method(method).text_body("x")), ["http.body no-use"]);
    }
    let broken = declared().json_body("{\"s3cr3t\": s3cr3t}");
    assert_eq!(refused(broken.clone()), ["http.body.json bad-json"]);
    assert!(!broken.build().unwrap_err().to_string().contains("s3cr3t"));
}

#[test]
fn of_several_credentials_the_last_one_holds() {
    let auth = |builder| http(builder).auth.unwrap();
    let builder = declared().bearer(env()).basic("operator", env());
    assert_eq!(
        auth(builder.clone()),
        Auth::Basic { username: "operator".to_owned(), password: env() }
    );
    let name = ::http::HeaderName::from_static("x-api-key");
    assert_eq!(
        auth(builder.clone().auth_header("X-Api-Key", "Token ", env())),
        Auth::Header { name, prefix: "Token ".to_owned(), secret: env() }
    );
    assert_eq!(
        auth(builder.auth_query("api_key", env())),
        Auth::Query { name: "api_key".to_owned(), secret: env() }
    );
}

#[test]
fn a_credential_that_cannot_be_one_is_refused() {
    let no_name = || SecretSource::Env("s3cr3t=x".to_owned());
    let header = |name: &str, prefix: &str| declared().auth_header(name, prefix, env());
    let cases: [(WatcherBuilder, &[&str]); 14] = [
        (declared().bearer(no_name()), &["http.auth.bearer.env bad-variable"]),
        (
            declared().basic("u:s3cr3t", no_name()),
            &["http.auth.basic.username bad-username", "http.auth.basic.password.env bad-variable"],
        ),
        (declared().basic("u\n", env()), &["http.auth.basic.username bad-username"]),
        (header("x y", ""), &["http.auth.header.name bad-header-name"]),
        (header("Range", ""), &["http.auth.header.name own-header"]),
        (header("Proxy-Authorization", ""), &["http.auth.header.name own-header"]),
        (header("x", "s3cr3t\n"), &["http.auth.header.prefix bad-header-value"]),
        (declared().auth_header("x", "", no_name()), &["http.auth.header.env bad-variable"]),
        (declared().auth_query("", env()), &["http.auth.query.name empty-text"]),
        (declared().auth_query("k", no_name()), &["http.auth.query.env bad-variable"]),
        (declared().query("k", "s3cr3t").auth_query("k", env()), &["http.auth two-credentials"]),
        (declared().header("authorization", "").basic("", env()), &["http.auth two-credentials"]),
        (header("X-Key", "").header("x-key", "s3cr3t"), &["http.auth two-credentials"]),
        (header("X-Key", "").header("Authorization", "s3cr3t"), &[]),
    ];
    for (builder, told) in cases {
        assert!(!format!("{:?}", builder.clone().build()).contains("s3cr3t"));
        assert_eq!(refused(builder), told);
    }
}

#[cfg(feature = "oauth2")]
#[test]
fn client_credentials_are_as_declared() {
    let written = |url: &str| ClientCredentials::new(url, "operator", env());
    let full = written("https://login.example.com/token").scope("a:b").scope("c").audience("api");
    let Some(Auth::OAuth2(auth)) = http(declared().oauth2(full)).auth else { panic!() };
    assert_eq!(auth.scopes, ["a:b", "c"]);
    assert_eq!((auth.audience.as_deref(), auth.margin), (Some("api"), table::MARGIN));
    let shown = ClientCredentials::new("https://h/token?key=s3cr3t", "c", env());
    assert!(!format!("{:?}", built(declared().oauth2(shown))).contains("s3cr3t"));
    let wrong = ClientCredentials::new(
        "https://u:s3cr3t@login.example.com/token",
        "",
        SecretSource::Value("".into()),
    );
    let wrong = wrong.scope("a b").scope("c").scope("").audience("").margin(Duration::ZERO);
    let told = [
        "token_url bad-url",
        "client_id empty-text",
        "client_secret.value empty-secret",
        "scopes.0 bad-scope",
        "scopes.2 bad-scope",
        "audience empty-text",
    ];
    let told = told.map(|it| format!("http.auth.oauth2.{it}"));
    assert!(!format!("{:?}{wrong:?}", declared().oauth2(wrong.clone()).build()).contains("s3cr3t"));
    assert_eq!(refused(declared().oauth2(wrong)), told);
}

#[cfg(not(feature = "oauth2"))]
#[test]
fn client_credentials_need_their_feature() {
    let written = ClientCredentials::new("https://login.example.com/token", "operator", env());
    assert_eq!(refused(declared().oauth2(written)), ["http.auth.oauth2 missing-feature"]);
}

#[test]
fn tls_has_whole_pairs_of_files_and_https() {
    let tls = http(declared().tls_ca("ca.pem").tls_identity("tls.crt", "tls.key")).tls;
    assert_eq!(tls.ca, Some("ca.pem".into()));
    assert_eq!(tls.identity, Some(("tls.crt".into(), "tls.key".into())));
    assert_eq!(refused(declared().tls_ca("")), ["http.tls.ca empty-text"]);
    assert_eq!(refused(declared().tls_identity("a", "")), ["http.tls.key empty-text"]);
    assert_eq!(refused(at("http://h").tls_ca("ca.pem")), ["http.tls no-use"]);
}

#[cfg(unix)]
#[test]
fn a_socket_takes_the_place_of_a_plain_host() {
    let socket = http(at("http://localhost/x").unix_socket("/run/app.sock")).unix_socket;
    assert_eq!(socket, Some("/run/app.sock".into()));
    assert_eq!(refused(at("http://h").unix_socket("")), ["http.unix_socket empty-text"]);
    assert_eq!(refused(declared().unix_socket("/s")), ["http.unix_socket no-use"]);
}

#[test]
fn pages_are_as_declared() {
    let pages = |paging: Paging| http(declared().items("").pages(paging)).pages.unwrap();
    let link = pages(Paging::link_header().limit(7).origin("https://cdn.example.com"));
    assert_eq!((link.next, link.limit, link.origins.len()), (NextPage::Link, 7, 1));
    let from = CursorFrom::Body(Pointer::parse("", "/meta/next").unwrap());
    let param = Some("cursor".to_owned());
    let cursor = pages(Paging::cursor_at("/meta/next").param("cursor"));
    assert_eq!(cursor.next, NextPage::Cursor { from, param });
    assert_eq!((cursor.limit, cursor.origins), (table::PAGE_LIMIT, Vec::new()));
    let from = CursorFrom::Header(::http::HeaderName::from_static("x-next"));
    let cursor = pages(Paging::cursor_header("X-Next"));
    assert_eq!(cursor.next, NextPage::Cursor { from, param: None });
    let number = pages(Paging::number("page").first(0)).next;
    assert_eq!(number, NextPage::Number { param: "page".to_owned(), first: 0 });
    let number = pages(Paging::number("page")).next;
    assert_eq!(number, NextPage::Number { param: "page".to_owned(), first: 1 });
    let offset = pages(Paging::offset("skip")).next;
    assert_eq!(offset, NextPage::Offset { param: "skip".to_owned() });
}

#[test]
fn pages_that_lead_nowhere_are_refused() {
    const CDN: &str = "https://cdn.example.com";
    let cases: [(Paging, &[&str]); 10] = [
        (Paging::link_header().limit(0), &["http.pages.limit out-of-range"]),
        (Paging::link_header().param("p"), &["http.pages.link_header.param no-use"]),
        (Paging::offset("p").first(0), &["http.pages.offset.first no-use"]),
        (Paging::offset(""), &["http.pages.offset.param empty-text"]),
        (Paging::cursor_at("next"), &["http.pages.cursor.at bad-pointer"]),
        (Paging::cursor_header("x next"), &["http.pages.cursor.header bad-header-name"]),
        (Paging::cursor_at("/n").param(""), &["http.pages.cursor.param empty-text"]),
        (Paging::cursor_at("/n").param("p").origin(CDN), &["http.pages.origins no-use"]),
        (Paging::number("p").origin(CDN), &["http.pages.origins no-use"]),
        (
            Paging::link_header().origin("https://a/b").origin(CDN).origin("x"),
            &["http.pages.origins.0 bad-url", "http.pages.origins.2 bad-url"],
        ),
    ];
    for (paging, told) in cases {
        assert_eq!(refused(declared().items("").pages(paging)), told);
    }
    let link = Paging::link_header;
    let twice = declared().items("").pages(link().param("p")).pages(link());
    assert_eq!(refused(twice), [""; 0], "the last one holds");
    assert_eq!(refused(declared().pages(link())), ["http.pages not-a-list"]);
    let head = declared().method(Method::Head);
    assert_eq!(refused(head.clone().pages(link())), ["http.pages no-use"]);
    let both = ["items no-use", "http.pages no-use"];
    assert_eq!(refused(head.items("").pages(link())), both);
    assert_eq!(refused(declared().decode(Format::Ndjson).key("/id").pages(link())), [""; 0]);
}

#[test]
fn limits_are_as_declared_within_their_ranges() {
    let most = declared().retries(10).max_in_flight(1).header_limit(1).redirect_limit(20);
    let spec = http(most.respect_max_age());
    assert_eq!((spec.retries(), spec.max_in_flight(), spec.header_limit()), (10, 1, 1));
    assert!(spec.redirect_limit() == 20 && spec.respect_max_age());
    let none = http(declared().retries(0).redirect_limit(0));
    assert_eq!((none.retries(), none.redirect_limit()), (0, 0));
    let over = declared().retries(11).max_in_flight(0).header_limit(0).redirect_limit(21);
    let told = [
        "http.retries out-of-range",
        "http.max_in_flight out-of-range",
        "http.header_limit zero-limit",
        "http.redirect_limit out-of-range",
    ];
    assert_eq!(refused(over), told);
}

/// Each backend has a feature of its own.
#[test]
fn a_store_needs_the_feature_of_its_backend() {
    let stores = [
        ("file:///var", cfg!(feature = "object-store")),
        ("s3://models", cfg!(feature = "aws")),
        ("gs://models", cfg!(feature = "gcp")),
        ("az://models", cfg!(feature = "azure")),
        ("https://dav.example.com", cfg!(feature = "http")),
    ];
    for (url, compiled_in) in stores {
        let told: &[_] = if compiled_in { &[] } else { &["object_store.url missing-feature"] };
        let store = WatcherSpec::object_store("models", url).interval(Duration::from_secs(30));
        assert_eq!(refused(store), told, "{url}");
    }
}
