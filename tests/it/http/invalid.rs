//! What no poll can mend.

use koprs_external::http::HttpPoller;
use koprs_external::spec::WatcherSpec;
use koprs_external::watcher::{ExternalSource, State, WatchConfig, watch};
use koprs_external_tests::{Reply, Server};

use super::stage::declare;

/// The error of the first poll and of every later one.
async fn refused(mut poller: HttpPoller) -> String {
    let first = poller.poll().await.unwrap_err();
    let second = poller.poll().await.unwrap_err();
    assert!(first.is_permanent() && !first.is_retryable(), "{first}");
    assert_eq!(first.to_string(), second.to_string());
    first.to_string()
}

#[tokio::test]
async fn a_bad_url_is_the_error_of_the_first_poll() {
    let cases = [
        ("not a url", "is not a URL"),
        ("", "absolute URL"),
        ("/v", "`/v`"),
        ("example.com/v", "`example.com/v`"),
        ("ftp://h/v", "`ftp`"),
        ("file:///etc/passwd", "`file`"),
        ("http://", "`http://`"),
        ("http://[::1/v", "IPv6"),
        ("http://h:99999/v", "`http://h:99999/v`"),
    ];
    for (url, says) in cases {
        let message = refused(HttpPoller::new(url)).await;
        assert!(message.starts_with("invalid declaration: `http.url`: "), "{message}");
        assert!(message.contains(says), "{message}");
        assert!(
            ["https://", "`object_store`"].iter().any(|way| message.contains(way)),
            "{message}"
        );
        let declared = declare(url).build().unwrap_err().to_string();
        assert!(declared.contains(says), "{declared}");
    }
}

#[tokio::test]
async fn a_bad_header_is_the_error_of_the_first_poll_and_no_request_is_sent() {
    let server = Server::start().await;
    server.fallback(Reply::json("1"));
    let cases = [
        ("x key", "v", "`x…`"),
        ("", "v", "header name"),
        ("x-key", "two\nlines", "`x-key`"),
        ("x-key", "\0", "`x-key`"),
        ("If-None-Match", "*", "`If-None-Match`"),
        ("range", "bytes=0-1", "`range`"),
        ("content-length", "1", "`content-length`"),
        ("connection", "close", "`connection`"),
        ("expect", "100-continue", "`expect`"),
        ("proxy-authorization", "Basic lines", "the proxy, in `HTTPS_PROXY`"),
    ];
    for (name, value, says) in cases {
        let poller = HttpPoller::new(server.url("/v")).with_header(name, value);
        let message = refused(poller.with_header("x-other", "1").with_bearer_token("t")).await;
        assert!(message.contains(says), "{message}");
        assert!(!message.contains("lines"), "{message}");
        let declared = declare(server.url("/v")).header(name, value).build().unwrap_err();
        assert!(declared.to_string().contains(says), "{declared}");
    }
    let poller = HttpPoller::new(server.url("/v")).with_bearer_token("two\nlines");
    assert!(refused(poller).await.contains("authorization"));
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn the_first_mistake_is_the_one_that_is_told() {
    let poller = HttpPoller::new("not a url").with_header("x key", "v").with_name("flags");
    assert_eq!(poller.name(), "flags");
    assert!(refused(poller).await.contains("is not a URL"));
}

#[tokio::test]
async fn a_watcher_that_can_never_poll_ends_and_says_why() {
    let second = std::time::Duration::from_secs(1);
    let mut watch = watch(HttpPoller::new("not a url"), WatchConfig::new(second));
    assert_eq!(watch.recv().await, None);
    let status = watch.status();
    assert_eq!(status.state, State::Stopped);
    assert!(status.last_error.unwrap().to_string().contains("is not a URL"));
}

#[test]
fn a_declaration_is_told_all_its_mistakes_at_once() {
    let built = WatcherSpec::http("Flags!", "not a url").header("x key", "v").body_limit(0).build();
    let codes: Vec<_> = built.unwrap_err().mistakes.iter().map(|mistake| mistake.code).collect();
    assert_eq!(codes, ["bad-name", "missing-interval", "bad-url", "bad-header-name", "zero-limit"]);
}
