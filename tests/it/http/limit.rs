//! Promise 14: bounded memory.

use std::io::Write;
use std::time::Duration;

use koprs_external::error::{ExternalError, HttpErrorKind};
use koprs_external::http::HttpPoller;
use koprs_external_tests::Reply;

use super::faults::{bomb, encoded};
use super::stage::{Stage, declare, source, value};

const LIMIT: u64 = 8 * 1024 * 1024;

/// 256 MiB.
fn huge() -> Reply {
    Reply::json("0123456789abcdef").repeat(16 * 1024 * 1024)
}

#[tokio::test]
async fn a_body_is_bounded_in_decoded_bytes_and_the_error_names_the_limit_and_its_setting() {
    let bodies = [
        huge(),
        huge().chunked(),
        huge().no_length(),
        Reply::json(" ").endless(),
        bomb("gzip"),
        bomb("br"),
        bomb("zstd"),
        bomb("gzip").chunked(),
    ];
    for body in bodies {
        for mut stage in Stage::both().await {
            assert_eq!(stage.plays([value(1), body.clone()]).await, "+1 !large", "{}", stage.kind);
            let ExternalError::Http(error) = stage.error() else { panic!("{}", stage.kind) };
            assert_eq!(error.kind(), HttpErrorKind::BodyTooLarge { limit: LIMIT });
            let message = error.to_string();
            assert!(message.contains("`body_limit`") && message.contains("8388608"), "{message}");
            assert!(!stage.error().is_retryable());
            assert_eq!(stage.plays([value(1), value(2)]).await, ". ~2", "{}", stage.kind);
        }
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_left_early() {
    let bodies = [
        // Nothing of it comes, and nothing of it is waited for.
        huge().stall_after(0),
        // No more comes than has to, to know.
        huge().chunked().stall_after(LIMIT + 1),
        huge().no_length().stall_after(LIMIT + 1),
        // A server that would write for ever can no longer.
        Reply::json(" ").endless(),
    ];
    for body in bodies {
        for mut stage in Stage::both().await {
            assert_eq!(stage.sees(body.clone()).await, "!large", "{}", stage.kind);
            stage.server.wait_until_idle().await;
        }
    }
}

#[tokio::test]
async fn the_limit_is_the_declared_one_and_a_body_of_just_that_size_fits() {
    let spaces = |count: usize| format!("1{}", " ".repeat(count - 1));
    let declared = |url| source::<u32>(declare(url).body_limit(1000));
    let dressings: [fn(String) -> Reply; 6] = [
        |body| Reply::json(body),
        |body| Reply::json(body).chunked(),
        |body| Reply::json(body).no_length(),
        |body| encoded("gzip", body.as_bytes()),
        |body| encoded("br", body.as_bytes()),
        |body| encoded("zstd", body.as_bytes()),
    ];
    for dress in dressings {
        let mut stage = Stage::of("declared", declared).await;
        let words = stage.plays([dress(spaces(1000)), dress(spaces(1001))]).await;
        assert_eq!(words, "+1 !large");
        assert!(stage.error().to_string().contains("1000"), "{}", stage.error());
    }
}

#[tokio::test]
async fn what_comes_with_a_failure_is_not_read() {
    let mut stage = Stage::declared().await;
    for code in [404, 410, 500, 302] {
        let reply = Reply::json(" ").endless().status_code(code).header("location", "http://");
        stage.sees(reply).await;
        stage.server.wait_until_idle().await;
    }
}

#[tokio::test]
async fn the_limit_of_a_bare_poller_can_be_set() {
    let mut stage = Stage::of("bare", |url| HttpPoller::new(url).with_body_limit(3)).await;
    assert_eq!(stage.plays([Reply::json("123"), Reply::json("1234")]).await, "+123 !large");
}

#[tokio::test]
async fn a_limit_or_timeout_of_zero_ends_a_bare_poller() {
    let poller = || HttpPoller::new("https://h/v");
    for mut poller in [poller().with_body_limit(0), poller().with_timeout(Duration::ZERO)] {
        assert!(
            koprs_external::ExternalSource::poll(&mut poller).await.unwrap_err().is_permanent()
        );
    }
}

#[tokio::test]
async fn the_limit_counts_what_is_decoded_and_not_what_is_sent() {
    let mut stage = Stage::of("declared", |url| source::<u32>(declare(url).body_limit(3))).await;
    assert_eq!(stage.sees(encoded("gzip", b"123")).await, "+123");
}

#[tokio::test]
async fn a_window_of_zstd_is_bounded_too() {
    let framed = |log| {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(log).unwrap();
        encoder.write_all(b"1").unwrap();
        Reply::json(encoder.finish().unwrap()).header("content-encoding", "zstd")
    };
    let mut stage = Stage::declared().await;
    assert_eq!(stage.plays([framed(23), framed(24)]).await, "+1 !interrupted");
}
