//! What is asked, beside a plain GET: HEAD, POST, and in which format. That a POST is sent once is in `retry`.

use koprs_external::ExternalSource;
use koprs_external::spec::{Format, Method};
use koprs_external_tests::{Reply, Server};
use serde::Deserialize;

use super::shelf::{Item, With, list, page};
use super::stage::{Shown, declare, poll, source, value};

/// What HEAD says of something.
#[derive(Clone, Debug, Deserialize)]
struct Head {
    etag: Option<String>,
    last_modified: Option<String>,
    content_length: Option<u64>,
    content_type: Option<String>,
}

impl Shown for Head {
    fn shown(&self) -> String {
        let Self { etag, last_modified, content_length, content_type } = self;
        let parts = [
            etag.clone(),
            last_modified.as_ref().map(|date| date.replace(' ', "_")),
            content_length.map(|length| length.to_string()),
            content_type.clone(),
        ];
        parts.map(|part| part.unwrap_or_else(|| "?".to_owned())).join("|")
    }
}

#[tokio::test]
async fn a_head_is_the_value_of_a_head() {
    let server = Server::start().await;
    let mut source = source::<Head>(declare(server.url("/v")).method(Method::Head));
    let large = |etag: &str| {
        Reply::bytes("application/zip", "x").header("content-length", "5000000000").etag(etag)
    };
    server.set("/v", large("\"v1\""));
    assert_eq!(poll(&mut source).await, "+\"v1\"|?|5000000000|application/zip");
    assert_eq!(poll(&mut source).await, ".");
    server.set("/v", large("\"v2\""));
    assert_eq!(poll(&mut source).await, "~\"v2\"|?|5000000000|application/zip");
    let dated = Reply::status(200).last_modified("Sun, 06 Nov 1994 08:49:37 GMT");
    server.set("/v", dated);
    assert_eq!(poll(&mut source).await, "~?|Sun,_06_Nov_1994_08:49:37_GMT|0|?");
    server.set("/v", Reply::status(410));
    assert!(poll(&mut source).await.starts_with('-'));
    let methods: Vec<_> = server.requests().iter().map(|it| it.method.clone()).collect();
    assert!(methods.iter().all(|method| method == "HEAD"), "{methods:?}");
    assert_eq!(server.requests()[1].header("if-none-match"), Some("\"v1\""));
}

#[tokio::test]
async fn a_head_that_would_show_no_change_is_an_error_that_says_so() {
    let server = Server::start().await;
    server.set("/v", value(1));
    let mut source = source::<Head>(declare(server.url("/v")).method(Method::Head));
    assert!(poll(&mut source).await.starts_with("+\"v1\""));
    server.set("/v", Reply::json("1"));
    for _ in 0..3 {
        let error = source.poll().await.unwrap_err();
        let message = error.to_string();
        assert!(message.contains("neither `ETag` nor `Last-Modified`"), "{message}");
        assert!(!error.is_retryable(), "{message}");
    }
    server.set("/v", value(2));
    assert!(poll(&mut source).await.starts_with("~\"v2\""));
}

#[tokio::test]
async fn a_body_is_posted_as_it_is_written() {
    let json = r#"{"query": "{ tenants { id } }",  "n": 1.0}"#;
    let cases: [(With, &str, &str); 4] = [
        (
            |it| it.json_body(r#"{"query": "{ tenants { id } }",  "n": 1.0}"#),
            "application/json",
            json,
        ),
        (|it| it.text_body("a=1&b=ü"), "text/plain; charset=utf-8", "a=1&b=ü"),
        (
            |it| it.text_body("a=1").header("content-type", "application/x-www-form-urlencoded"),
            "application/x-www-form-urlencoded",
            "a=1",
        ),
        (
            |it| it.json_body("{}").header("Content-Type", "application/graphql+json"),
            "application/graphql+json",
            "{}",
        ),
    ];
    for (with, content_type, body) in cases {
        let server = Server::start().await;
        server.set("/v", value(1));
        let mut source = source::<u32>(with(declare(server.url("/v"))));
        assert_eq!((poll(&mut source).await, poll(&mut source).await), ("+1".into(), ".".into()));
        for request in server.requests() {
            assert_eq!((request.method.as_str(), &request.body[..]), ("POST", body.as_bytes()));
            let types: Vec<_> = request.headers.get_all("content-type").iter().collect();
            assert_eq!(types, [content_type]);
            // 304 is of GET and HEAD (RFC 9110 §13.1.2).
            assert_eq!(request.header("if-none-match"), None);
        }
    }
}

#[tokio::test]
async fn a_post_without_a_body_is_one() {
    let server = Server::start().await;
    server.set("/v", value(1));
    let mut source = source::<u32>(declare(server.url("/v")).method(Method::Post));
    assert_eq!(poll(&mut source).await, "+1");
    let request = server.request(0).await;
    assert_eq!((request.method.as_str(), request.body.len()), ("POST", 0));
    assert_eq!(request.header("content-type"), None);
}

#[tokio::test]
async fn a_redirect_keeps_a_post_or_is_refused() {
    let server = Server::start().await;
    server.set("/there", value(1));
    for (code, word) in
        [(307, "+1"), (308, "+1"), (301, "!redirect"), (302, "!redirect"), (303, "!redirect")]
    {
        server.set("/v", Reply::redirect(code, "/there"));
        let mut source = source::<u32>(declare(server.url("/v")).json_body("{\"q\":1}"));
        let asked = server.requests().len();
        assert_eq!(poll(&mut source).await, word, "{code}");
        let requests = server.requests();
        let sent = &requests[asked..];
        assert_eq!(sent.len(), if word == "+1" { 2 } else { 1 }, "{code}");
        for request in sent {
            assert_eq!((request.method.as_str(), &request.body[..]), ("POST", &b"{\"q\":1}"[..]));
            assert_eq!(request.header("content-type"), Some("application/json"));
        }
    }
}

#[tokio::test]
async fn a_list_may_be_asked_for_by_post_page_by_page() {
    let server = Server::start().await;
    server.set("/v", page("a1").header("link", "</v?p=2>; rel=next"));
    server.set("/v?p=2", page("b1"));
    let paging = koprs_external::spec::Paging::link_header();
    let mut source = source::<Item>(list(server.url("/v")).json_body("{}").pages(paging));
    assert_eq!(poll(&mut source).await, "+a1+b1");
    server.set("/v?p=2", page("b2"));
    assert_eq!(poll(&mut source).await, "~b2");
    for request in server.requests() {
        assert_eq!((request.method.as_str(), &request.body[..]), ("POST", &b"{}"[..]));
    }
}

#[tokio::test]
async fn what_is_accepted_is_what_is_declared() {
    let cases: [(With, &str); 8] = [
        (|it| it, "application/json, application/yaml;q=0.9, */*;q=0.1"),
        (|it| it.decode(Format::Json), "application/json, */*;q=0.1"),
        (|it| it.decode(Format::Yaml), "application/yaml, text/yaml;q=0.9, */*;q=0.1"),
        (|it| it.decode(Format::Text), "text/plain, */*;q=0.1"),
        (|it| it.decode(Format::Bytes), "*/*"),
        (
            |it| it.decode(Format::Ndjson).key("/id"),
            "application/x-ndjson, application/jsonl;q=0.9, */*;q=0.1",
        ),
        (|it| it.decode(Format::Csv).key("/id"), "text/csv, */*;q=0.1"),
        (|it| it.header("accept", "application/vnd.x+json"), "application/vnd.x+json"),
    ];
    for (with, accepted) in cases {
        let server = Server::start().await;
        let mut source = source::<Item>(with(declare(server.url("/v"))));
        let _ = source.poll().await;
        let request = server.request(0).await;
        let sent: Vec<_> = request.headers.get_all("accept").iter().collect();
        assert_eq!(sent, [accepted]);
    }
}
