//! What is sent is bounded, wherever it comes from; and numbers that are as large as they can be harm nobody.

use std::time::Duration;

use koprs_external::spec::{ClientCredentials, OnBadItem, Paging, SecretSource, WatcherBuilder};
use koprs_external_tests::{Reply, Server};

use super::shelf::{Item, page, page_before, wrapped};
use super::stage::{Look, bare, declare, poll, source, value, word};

/// The most bytes of a URL.
const URL: usize = 8 * 1024;
/// The most bytes of a secret.
const SECRET: usize = 64 * 1024;
/// The most bytes of all headers.
const HEADERS: usize = 64 * 1024;

fn with_headers(headers: usize) -> impl Fn(WatcherBuilder) -> WatcherBuilder {
    move |builder| (0..headers).fold(builder, |it, n| it.header(format!("x-{n}"), "v"))
}

/// The codes of a refused declaration, with their settings.
fn refused(builder: WatcherBuilder) -> Vec<String> {
    let refused = builder.build().unwrap_err();
    assert!(refused.to_string().len() <= 4096, "{}", refused.to_string().len());
    refused.mistakes.iter().map(|it| format!("{} {}", it.setting, it.code)).collect()
}

#[tokio::test]
async fn a_declaration_has_at_most_100_headers() {
    let server = Server::start().await;
    server.set("/v", value(1));
    let declared = |headers| with_headers(headers)(declare(server.url("/v")));
    assert_eq!(poll(&mut source::<u32>(declared(100))).await, "+1");
    assert_eq!(server.requests()[0].header("x-99"), Some("v"));
    for headers in [101, 24_600] {
        assert_eq!(refused(declared(headers)), ["http.header too-many"]);
    }
}

#[tokio::test]
async fn all_headers_of_a_declaration_have_at_most_64_kib() {
    let server = Server::start().await;
    server.set("/v", value(1));
    let long = |bytes: usize| declare(server.url("/v")).header("x-a", "a".repeat(bytes - 3));
    assert_eq!(poll(&mut source::<u32>(long(HEADERS))).await, "+1");
    assert_eq!(refused(long(HEADERS + 1)), ["http.header too-long"]);
}

/// Its builder cannot fail, and so the first poll does.
#[tokio::test]
async fn a_bare_poller_has_at_most_100_headers_with_64_kib_together() {
    let server = Server::start().await;
    server.set("/v", value(1));
    let many = |headers: usize| {
        (0..headers).fold(bare(server.url("/v")), |it, n| it.with_header(format!("x-{n}"), "v"))
    };
    let long = |bytes: usize| bare(server.url("/v")).with_header("x-a", "a".repeat(bytes - 3));
    for mut fits in [many(100), long(HEADERS)] {
        assert_eq!(poll(&mut fits).await, "+1");
    }
    for mut above in [many(101), many(24_600), long(HEADERS + 1), long(20 * HEADERS)] {
        let error = above.look().await.unwrap_err();
        assert!(error.is_permanent() && error.to_string().contains("`http.header`"), "{error}");
    }
    // What takes the place of another one is none more.
    let mut again = many(99).with_bearer_token("one").with_bearer_token("two");
    assert_eq!(poll(&mut again).await, "+1");
    assert_eq!(server.requests().last().unwrap().header("authorization"), Some("Bearer two"));
}

/// A URL of so many bytes at this server.
fn long_url(server: &Server, bytes: usize) -> String {
    let url = server.url("/");
    let rest = bytes - url.len();
    url + &"a".repeat(rest)
}

#[tokio::test]
async fn a_url_is_bounded_with_all_that_is_filled_in() {
    let server = Server::start().await;
    server.fallback(value(1));
    assert_eq!(poll(&mut source::<u32>(declare(long_url(&server, URL)))).await, "+1");
    assert_eq!(refused(declare(long_url(&server, URL + 1))), ["http.url too-long"]);
    // What is escaped has three bytes for one.
    let escaped = server.url(&format!("/{}", "ü".repeat(URL / 4)));
    assert_eq!(refused(declare(escaped)), ["http.url too-long"]);
    let queried =
        |bytes: usize| declare(long_url(&server, URL - 100)).query("q", "a".repeat(bytes));
    assert_eq!(poll(&mut source::<u32>(queried(97))).await, "+1");
    assert_eq!(refused(queried(98)), ["http.query too-long"]);
    // What a secret adds is known when it is sent.
    let secret = |bytes: usize| SecretSource::Value("s".repeat(bytes).into());
    let keyed = |bytes| declare(long_url(&server, URL - 100)).auth_query("q", secret(bytes));
    assert_eq!(poll(&mut source::<u32>(keyed(97))).await, "+1");
    let error = source::<u32>(keyed(98)).look().await.unwrap_err();
    assert!(error.to_string().contains("the URL has more than 8192 bytes"), "{error}");
    assert!(!error.to_string().contains("ss"), "{error}");
}

#[tokio::test]
async fn a_redirect_leads_to_a_url_that_is_bounded() {
    let server = Server::start().await;
    server.fallback(value(1));
    for (bytes, expected) in [(URL, "+1"), (URL + 1, "!redirect")] {
        server.set("/v", Reply::redirect(307, &long_url(&server, bytes)));
        let polled = source::<u32>(declare(server.url("/v"))).look().await;
        assert_eq!(word(&polled), expected);
        assert!(polled.is_ok_and(|it| it.len() == 1) || expected.starts_with('!'));
    }
}

#[tokio::test]
async fn a_link_and_a_cursor_lead_to_a_url_that_is_bounded() {
    let server = Server::start().await;
    server.fallback(page("b1"));
    let list = |at: &str| declare(server.url("/v")).items(at).key("/id");
    // `http://…/v?next=` stands before a cursor.
    let cursor = |bytes: usize| "a".repeat(bytes - server.url("/v?next=").len());
    let quoted = |text: String| wrapped("a1", &format!("\"{text}\""));
    for (bytes, expected) in [(URL, "+a1+b1"), (URL + 1, "!pages"), (40_000, "!pages")] {
        server.set("/v", page_before(&long_url(&server, bytes), "a1"));
        let mut by_link = source::<Item>(list("").pages(Paging::link_header()));
        let polled = by_link.look().await;
        assert_eq!(word(&polled), expected, "{bytes}: {polled:?}");
        server.fallback(wrapped("b1", "null"));
        server.set("/v", quoted(long_url(&server, bytes)));
        let mut by_url = source::<Item>(list("/data").pages(Paging::cursor_at("/meta/next")));
        assert_eq!(poll(&mut by_url).await, expected, "{bytes}");
        let first = quoted(cursor(bytes));
        server.set(
            "/v",
            Reply::with(move |request| match request.query() {
                None => first.clone(),
                Some(_) => wrapped("b1", "null"),
            }),
        );
        let paging = Paging::cursor_at("/meta/next").param("next");
        let mut by_param = source::<Item>(list("/data").pages(paging));
        let polled = by_param.look().await;
        assert_eq!(word(&polled), expected, "{bytes}");
        assert!(polled.err().is_none_or(|it| it.to_string().contains("more than 8192 bytes")));
        server.fallback(page("b1"));
    }
}

#[tokio::test]
async fn a_secret_is_bounded_wherever_it_comes_from() {
    let server = Server::start().await;
    server.fallback(value(1));
    let folder = tempfile::tempdir().unwrap();
    let file = |bytes: usize| {
        let path = folder.path().join(bytes.to_string());
        std::fs::write(&path, "s".repeat(bytes)).unwrap();
        SecretSource::File(path)
    };
    let value = |bytes: usize| SecretSource::Value("s".repeat(bytes).into());
    let declared = |secret| declare(server.url("/v")).bearer(secret);
    for secret in [file(SECRET), value(SECRET)] {
        assert_eq!(poll(&mut source::<u32>(declared(secret))).await, "+1");
    }
    assert_eq!(refused(declared(value(SECRET + 1))), ["http.auth.bearer.value too-long"]);
    let error = source::<u32>(declared(file(SECRET + 1))).look().await.unwrap_err();
    assert!(error.to_string().contains("more than 65536 bytes"), "{error}");
}

#[tokio::test]
async fn a_token_is_bounded_as_the_answer_is_that_holds_it() {
    let server = Server::start().await;
    server.set("/v", value(1));
    let answer = |bytes: usize| {
        let (head, tail) = (r#"{"access_token":""#, r#"","token_type":"bearer"}"#);
        Reply::json(format!("{head}{}{tail}", "t".repeat(bytes - head.len() - tail.len())))
    };
    for (bytes, expected) in [(SECRET, "+1"), (SECRET + 1, "!large")] {
        server.set("/token", answer(bytes));
        let secret = SecretSource::Value(bytes.to_string().into());
        let tokens = ClientCredentials::new(server.url("/token"), "us", secret);
        let polled = source::<u32>(declare(server.url("/v")).oauth2(tokens)).look().await;
        assert_eq!(word(&polled), expected, "{bytes}: {polled:?}");
    }
}

/// Each number that a declaration can hold, as large as its type allows.
#[tokio::test]
async fn no_number_is_too_large_for_a_poll() {
    let server = Server::start().await;
    server.set("/v", value(1));
    server.set("/first", page_before("/second", "a1"));
    server.set("/second", page("b1"));
    server.set("/n?page=18446744073709551615", page("a1"));
    let always = Duration::MAX;
    let everything = |builder: WatcherBuilder| {
        let builder = builder.interval(always).max_backoff(always).deadline(always);
        let builder = builder.timeout(always).jitter(0.5).confirm(u32::MAX).hold_above(1.0);
        let builder = builder.hold_min(u64::MAX).max_in_flight(usize::MAX).retries(10);
        builder.body_limit(u64::MAX).header_limit(u64::MAX).redirect_limit(20)
    };
    let one = everything(declare(server.url("/v")));
    assert_eq!(poll(&mut source::<u32>(one)).await, "+1");
    let list = |path, paging: Paging| {
        let list = everything(declare(server.url(path))).items("").key("/id");
        let list = list.item_limit(usize::MAX).on_bad_item(OnBadItem::Fail);
        source::<Item>(list.pages(paging.limit(usize::MAX)))
    };
    assert_eq!(poll(&mut list("/first", Paging::link_header())).await, "+a1+b1");
    // The number after the largest one is the largest one again.
    let error = list("/n", Paging::number("page").first(u64::MAX)).look().await;
    assert_eq!(word(&error), "!pages");
    server.set("/token", Reply::json(r#"{"access_token":"t","expires_in":1e300}"#));
    let secret = SecretSource::Value("s".into());
    let tokens = ClientCredentials::new(server.url("/token"), "us", secret).margin(always);
    let with_token = everything(declare(server.url("/v"))).oauth2(tokens);
    assert_eq!(poll(&mut source::<u32>(with_token)).await, "+1");
}

#[test]
fn no_share_is_anything_but_a_number_in_its_range() {
    let builder = || declare("http://h/v");
    for share in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.1, f64::MAX] {
        assert_eq!(refused(builder().jitter(share)), ["jitter out-of-range"]);
        assert_eq!(refused(builder().hold_above(share)), ["removal.hold_above out-of-range"]);
    }
}
