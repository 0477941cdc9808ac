//! A blip does not cost a poll: what is tried again, and what is not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use koprs_external::http::HttpPoller;
use koprs_external::spec::Method;
use koprs_external_tests::Reply;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::stage::{Stage, declare, poll, source, value};

/// As they are by default.
async fn defaults() -> [Stage; 2] {
    let declared = |url| source::<u32>(declare(url).retries(2));
    [Stage::of("bare", HttpPoller::new).await, Stage::of("declared", declared).await]
}

/// Polls through these answers in one poll: what it came to, and how many of them it took.
async fn takes(stage: &mut Stage, replies: impl IntoIterator<Item = Reply>) -> (String, usize) {
    let before = stage.server.requests().len();
    stage.server.queue("/v", replies);
    let word = stage.poll().await;
    (word, stage.server.requests().len() - before)
}

#[tokio::test]
async fn a_blip_is_tried_again_within_the_poll() {
    let blips = [
        Reply::status(502),
        Reply::status(503),
        Reply::status(504),
        Reply::reset(),
        Reply::close(),
        Reply::json("12").truncate(1),
    ];
    for blip in blips {
        for mut stage in defaults().await {
            stage.server.set("/v", Reply::json("7"));
            let taken = takes(&mut stage, [blip.clone()]).await;
            assert_eq!(taken, ("+7".to_owned(), 2), "{}", stage.kind);
        }
    }
}

#[tokio::test]
async fn after_two_more_the_poll_has_failed_and_nothing_is_lost() {
    for mut stage in defaults().await {
        stage.server.set("/v", value(1));
        assert_eq!(takes(&mut stage, []).await, ("+1".to_owned(), 1));
        let blips = [Reply::status(502), Reply::reset(), Reply::status(503)];
        assert_eq!(takes(&mut stage, blips).await, ("!503".to_owned(), 3), "{}", stage.kind);
        // What was known goes with each.
        let requests = stage.server.requests();
        let validators = requests.iter().skip(1).map(|request| request.header("if-none-match"));
        assert!(validators.into_iter().all(|validator| validator == Some("\"v1\"")));
        assert_eq!(takes(&mut stage, []).await, (".".to_owned(), 1), "{}", stage.kind);
    }
}

#[tokio::test]
async fn what_does_not_mend_itself_in_a_second_is_not_tried_again() {
    let answers = [
        Reply::status(503).header("retry-after", "0"),
        Reply::status(500),
        Reply::status(501),
        Reply::status(401),
        Reply::status(403),
        Reply::status(408),
        Reply::status(425),
        Reply::status(429),
        Reply::status(404),
        Reply::json("0123456789").header("content-encoding", "gzip"),
        Reply::json("0123456789").header("content-encoding", "br"),
        Reply::json("0123456789").header("content-encoding", "zstd"),
        Reply::json("1").header("content-encoding", "compress"),
        Reply::redirect(302, "ftp://h/"),
    ];
    for answer in answers {
        for mut stage in defaults().await {
            let (word, requests) = takes(&mut stage, [answer.clone()]).await;
            assert_eq!(requests, 1, "{word}, {}", stage.kind);
        }
    }
}

#[tokio::test]
async fn a_timeout_has_had_its_time() {
    for mut stage in defaults().await {
        assert_eq!(stage.waits_for(Reply::stall()).await, "!timeout");
        assert_eq!(stage.server.requests().len(), 1, "{}", stage.kind);
    }
}

#[tokio::test]
async fn a_post_is_sent_once() {
    let post = |url| source::<u32>(declare(url).retries(2).method(Method::Post).json_body("{}"));
    for blip in [Reply::status(503), Reply::reset()] {
        let mut stage = Stage::of("post", post).await;
        let (word, requests) = takes(&mut stage, [blip]).await;
        assert_eq!(requests, 1, "{word}");
    }
}

#[tokio::test]
async fn how_often_is_a_setting() {
    let declared = |url| source::<u32>(declare(url).retries(1));
    let bare = |url| HttpPoller::new(url).with_retries(1);
    for mut stage in [Stage::of("bare", bare).await, Stage::of("declared", declared).await] {
        stage.server.set("/v", Reply::status(503));
        assert_eq!(takes(&mut stage, []).await, ("!503".to_owned(), 2), "{}", stage.kind);
    }
    for mut stage in Stage::both().await {
        stage.server.set("/v", Reply::status(503));
        assert_eq!(takes(&mut stage, []).await, ("!503".to_owned(), 1), "{}", stage.kind);
    }
    let mut refused = HttpPoller::new("https://h/v").with_retries(11);
    assert_eq!(poll(&mut refused).await, "!invalid");
}

#[tokio::test]
async fn a_handshake_that_is_refused_is_not_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/v", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    let server = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            tokio::spawn(async move { tokio::io::copy(&mut stream, &mut tokio::io::sink()).await });
        }
    });
    assert_eq!(poll(&mut HttpPoller::new(url)).await, "!connect");
    assert_eq!(connections.load(Ordering::SeqCst), 1);
    server.abort();
}

#[tokio::test]
async fn a_wish_that_comes_with_a_blip_is_heeded() {
    let mut stage = Stage::of("bare", HttpPoller::new).await;
    let blip = Reply::status(502).header("x-ratelimit-remaining", "0");
    let blip = blip.header("x-ratelimit-reset", "30");
    let (word, requests) = takes(&mut stage, [blip]).await;
    assert_eq!((word.as_str(), requests), ("!502", 1));
    assert_eq!(stage.error().retry_after(), Some(Duration::from_secs(30)));
}
