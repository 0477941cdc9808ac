//! Promise 14: bounded memory, and what else is bounded of a poll.

use std::io::Write;
use std::time::Duration;

use futures::future::join_all;
use koprs_external::error::{ExternalError, HttpErrorKind};
use koprs_external::http::HttpPoller;
use koprs_external_tests::{Reply, Server};
use tokio::task::yield_now;

use super::faults::{bomb, encoded};
use super::stage::{Stage, bare, declare, poll, source, value};
use super::token::pass;

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

#[tokio::test]
async fn the_headers_are_bounded_and_the_error_names_the_limit_and_its_setting() {
    let padded = |bytes: usize| value(1).header("x-padding", "x".repeat(bytes));
    let declared = |url| source::<u32>(declare(url).header_limit(1000));
    let mut stage = Stage::of("declared", declared).await;
    assert_eq!(stage.plays([padded(100), padded(1000)]).await, "+1 !headers");
    let ExternalError::Http(error) = stage.error() else { panic!("{}", stage.error()) };
    assert_eq!(error.kind(), HttpErrorKind::HeadersTooLarge { limit: 1000 });
    let message = error.to_string();
    assert!(message.contains("`header_limit`, 1000 bytes"), "{message}");
    assert!(!stage.error().is_retryable());
    // Of a failure, too.
    let failure = padded(1000).status_code(500);
    assert_eq!(stage.sees(failure).await, "!headers");
    assert_eq!(stage.plays([padded(0), value(2)]).await, ". ~2");
    for mut stage in Stage::both().await {
        let words = stage.plays([padded(60 * 1024), padded(65 * 1024)]).await;
        assert_eq!(words, "+1 !headers", "{}", stage.kind);
    }
}

/// The client counts them, and says of too many what it says of too long ones.
#[tokio::test]
async fn more_headers_than_the_client_reads_are_told_with_their_number() {
    let with =
        |more: usize| (0..more).fold(value(1), |reply, n| reply.header(&format!("x-{n}"), "x"));
    let long = value(1).header("x-padding", "x".repeat(500 * 1024));
    for mut stage in Stage::both().await {
        let words = stage.plays([with(80), with(101), long.clone()]).await;
        assert_eq!(words, "+1 !headers !headers", "{}", stage.kind);
        let message = stage.error().to_string();
        assert!(message.contains("more than 100 headers, or more than 408 KiB"), "{message}");
        assert!(!stage.error().is_retryable());
    }
}

#[tokio::test]
async fn the_redirects_are_so_many_as_are_declared() {
    let server = Server::start().await;
    for n in 0..6 {
        server.set(&format!("/{n}"), Reply::redirect(307, &format!("/{}", n + 1)));
    }
    server.set("/6", value(1));
    for (limit, from, word) in
        [(0, 6, "+1"), (0, 5, "!redirect"), (2, 4, "+1"), (2, 3, "!redirect")]
    {
        let declaration = declare(server.url(&format!("/{from}"))).redirect_limit(limit);
        let mut source = source::<u32>(declaration);
        assert_eq!(poll(&mut source).await, word, "{limit} from {from}");
    }
    let declaration = declare(server.url("/3")).redirect_limit(2);
    let error = koprs_external::ExternalSource::poll(&mut source::<u32>(declaration)).await;
    let message = error.unwrap_err().to_string();
    assert!(message.contains("`redirect_limit`, 2,"), "{message}");
}

/// Twenty watchers of a server that does not answer, until all are asked that will be, and no longer.
async fn arrive(most: Option<usize>, expected: usize) {
    let server = Server::start().await;
    server.fallback(Reply::stall());
    let mut watchers: Vec<_> = (0..20)
        .map(|n| {
            let declaration = declare(server.url(&format!("/{n}")));
            source::<u32>(match most {
                Some(most) => declaration.max_in_flight(most),
                None => declaration,
            })
        })
        .collect();
    tokio::select! {
        words = join_all(watchers.iter_mut().map(poll)) => panic!("{words:?}"),
        () = server.wait_for(expected) => {}
    }
    server.wait_until_idle().await;
    assert_eq!((server.requests().len(), server.connections()), (expected, expected));
    // Those who were dropped have given their places back.
    server.fallback(value(1));
    let words = join_all(watchers.iter_mut().map(poll)).await;
    assert!(words.iter().all(|word| word == "+1"), "{words:?}");
}

#[tokio::test]
async fn a_host_gets_eight_requests_at_a_time() {
    arrive(None, 8).await;
}

#[tokio::test]
async fn a_host_gets_so_many_requests_at_a_time_as_are_declared() {
    arrive(Some(2), 2).await;
    arrive(Some(12), 12).await;
}

#[tokio::test]
async fn a_request_that_times_out_gives_its_place_back() {
    let one = |url| source::<u32>(declare(url).max_in_flight(1));
    let mut stage = Stage::of("declared", one).await;
    assert_eq!(stage.waits_for(Reply::stall()).await, "!timeout");
    assert_eq!(stage.plays([Reply::reset(), value(1)]).await, "!interrupted +1");
}

#[tokio::test]
async fn the_wait_for_a_place_is_no_part_of_the_timeout() {
    let server = Server::start().await;
    server.set("/slow", Reply::stall());
    server.set("/v", value(1));
    let long = declare(server.url("/slow")).timeout(Duration::from_secs(300)).max_in_flight(1);
    let mut slow = source::<u32>(long);
    let mut other = source::<u32>(declare(server.url("/v")).max_in_flight(1));
    let mut asked = Box::pin(poll(&mut slow));
    tokio::select! {
        word = &mut asked => panic!("{word}"),
        () = server.wait_for(1) => {}
    }
    let mut waiting = Box::pin(poll(&mut other));
    for _ in 0..2 {
        tokio::select! {
            biased;
            word = &mut waiting => panic!("{word}"),
            () = yield_now() => {}
        }
        pass(60).await;
    }
    drop(asked);
    assert_eq!(waiting.await, "+1");
}

#[tokio::test]
async fn a_host_that_is_busy_does_not_hold_up_another() {
    let (busy, free) = (Server::start().await, Server::start().await);
    busy.fallback(Reply::stall());
    free.fallback(value(1));
    let mut stuck: Vec<_> = (0..20).map(|_| bare(busy.url("/"))).collect();
    let mut other = bare(free.url("/"));
    tokio::select! {
        words = join_all(stuck.iter_mut().map(poll)) => panic!("{words:?}"),
        word = async { busy.wait_for(8).await; poll(&mut other).await } => assert_eq!(word, "+1"),
    }
}
