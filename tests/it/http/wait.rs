//! A walk over pages waits for the server within the deadline of its poll, and goes on where it was.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use koprs_external::declared::DeclaredSource;
use koprs_external::spec::{ClientCredentials, SecretSource, WatcherBuilder};
use koprs_external::watcher::ExternalSource;
use koprs_external_tests::{Reply, Server};
use tokio::time::Instant;

use super::shelf::{Item, at, linked, page, page_before, serve};
use super::stage::{declare, poll, poll_over_time, source, value};
use super::token::pass;

fn walk(
    server: &Server,
    with: impl FnOnce(WatcherBuilder) -> WatcherBuilder,
) -> DeclaredSource<Item> {
    let long = linked(server.url("/v")).deadline(Duration::from_secs(120));
    source(with(long))
}

/// How often each page was asked for.
fn asked<const N: usize>(server: &Server) -> [usize; N] {
    let requests = server.requests();
    let asked = |n| requests.iter().filter(|request| request.target() == at(n + 1)).count();
    std::array::from_fn(asked)
}

/// Polls over time, and says how many seconds it took.
async fn timed(source: &mut DeclaredSource<Item>) -> (String, u64) {
    let began = Instant::now();
    let word = poll_over_time(source).await;
    (word, began.elapsed().as_secs())
}

#[tokio::test]
async fn a_page_that_is_refused_is_asked_for_again_after_the_delay_and_no_other() {
    let asks = [("retry-after", "8"), ("retry-after-ms", "8000"), ("x-ratelimit-reset", "8")];
    for (status, (header, text)) in
        [(429, asks[0]), (503, asks[0]), (403, asks[0]), (429, asks[1]), (429, asks[2])]
    {
        let server = Server::start().await;
        serve(&server, "a1 | b1 | c1");
        let refusal = || Reply::status(status).header(header, text);
        server.queue(&at(2), [refusal(), refusal()]);
        let mut list = walk(&server, |list| list);
        let (word, seconds) = timed(&mut list).await;
        assert_eq!(word, "+a1+b1+c1", "{status} {header}");
        assert!((16..=19).contains(&seconds), "{status} {header}: {seconds}");
        assert_eq!(asked(&server), [1, 3, 1]);
    }
}

#[tokio::test]
async fn a_page_that_says_that_nothing_remains_is_waited_after() {
    let server = Server::start().await;
    serve(&server, "a1 | b1 | c1");
    let used_up = page_before(&at(3), "b1").header("ratelimit", "\"default\";r=0;t=8");
    server.set(&at(2), used_up);
    let (word, seconds) = timed(&mut walk(&server, |list| list)).await;
    assert_eq!(word, "+a1+b1+c1");
    assert!((8..=10).contains(&seconds), "{seconds}");
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_walk_that_is_longer_than_its_limit_comes_to_its_end() {
    let server = Server::start().await;
    serve(&server, "a1 | b1 | c1 | d1 | e1 | f1 | g1");
    // Three requests in eight seconds.
    let window = Arc::new(Mutex::new((Instant::now(), 3)));
    for (n, items) in (1..).zip(["a1", "b1", "c1", "d1", "e1", "f1", "g1"]) {
        let window = Arc::clone(&window);
        let content = if n < 7 { page_before(&at(n + 1), items) } else { page(items) };
        let answer = move |_: &koprs_external_tests::Recorded| {
            let mut window = window.lock().unwrap();
            let left = Duration::from_secs(8).saturating_sub(window.0.elapsed());
            if left.is_zero() {
                *window = (Instant::now(), 3);
            }
            if window.1 == 0 {
                return Reply::status(429).header("retry-after", (left.as_secs() + 1).to_string());
            }
            window.1 -= 1;
            content.clone()
        };
        server.set(&at(n), Reply::with(answer));
    }
    let mut list = walk(&server, |list| list);
    assert_eq!(timed(&mut list).await.0, "+a1+b1+c1+d1+e1+f1+g1");
    assert_eq!(asked(&server), [1]);
}

#[tokio::test]
async fn a_delay_that_is_longer_than_the_poll_fails_it_at_once_and_is_heeded() {
    let server = Server::start().await;
    serve(&server, "a1 | b1 | c1");
    server.queue(
        &at(2),
        [
            Reply::status(429).header("retry-after", "8"),
            Reply::status(429).header("retry-after", "300"),
        ],
    );
    let mut list = walk(&server, |list| list);
    let (word, seconds) = timed(&mut list).await;
    assert_eq!(word, "!429");
    assert!((8..=10).contains(&seconds), "the second wait does not fit: {seconds}");
    let asked = server.requests().len();
    let error = list.poll().await.unwrap_err();
    assert!(error.retry_after().is_some_and(|wait| wait > Duration::from_secs(290)), "{error}");
    assert_eq!(server.requests().len(), asked, "nothing is sent before");
    pass(301).await;
    assert_eq!(timed(&mut list).await.0, "+a1+b1+c1");
}

#[tokio::test]
async fn before_anything_was_answered_a_poll_does_not_wait() {
    let server = Server::start().await;
    serve(&server, "a1 | b1");
    server.queue(&at(1), [Reply::status(429).header("retry-after", "8")]);
    let mut list = walk(&server, |list| list);
    assert_eq!(timed(&mut list).await, ("!429".into(), 0));
}

#[tokio::test]
async fn a_server_that_refuses_for_ever_is_asked_less_and_less() {
    for (refusal, most) in
        [(Reply::status(429).header("retry-after", "0"), 10), (Reply::status(429), 6)]
    {
        let server = Server::start().await;
        serve(&server, "a1 | b1");
        server.set(&at(2), refusal);
        let (word, seconds) = timed(&mut walk(&server, |list| list)).await;
        assert_eq!(word, "!429");
        assert!(seconds < 120, "{seconds}");
        let asked = server.hits(&at(2));
        assert!((4..=most).contains(&asked), "{asked}");
    }
}

#[tokio::test]
async fn a_walk_that_waits_holds_no_place_at_the_host() {
    let server = Server::start().await;
    serve(&server, "a1 | b1");
    server.set("/w", value(1));
    server.queue(&at(2), [Reply::status(429).header("retry-after", "30")]);
    let mut list = walk(&server, |list| list.max_in_flight(1));
    let one = declare(server.url("/w")).max_in_flight(1).bearer(SecretSource::Value("t".into()));
    let mut other = source::<u32>(one);
    let (word, beside) = tokio::join!(poll_over_time(&mut list), async {
        server.wait_for(2).await;
        let began = Instant::now();
        (poll(&mut other).await, began.elapsed())
    });
    assert_eq!((word.as_str(), beside.0.as_str()), ("+a1+b1", "+1"));
    assert!(beside.1 < Duration::from_secs(20), "{beside:?}");
}

#[tokio::test]
async fn a_token_endpoint_that_asks_to_wait_in_the_middle_of_a_walk_is_waited_for() {
    let server = Server::start().await;
    serve(&server, "a1 | b1 | c1");
    let token = |n: u32| Reply::json(format!(r#"{{"access_token":"t{n}"}}"#));
    server.queue("/token", [token(1), Reply::status(429).header("retry-after", "8"), token(2)]);
    server.queue(&at(2), [Reply::status(401)]);
    let secret = SecretSource::Value("s3cr3t".into());
    let credentials = ClientCredentials::new(server.url("/token"), "us", secret);
    let mut list = walk(&server, |list| list.oauth2(credentials));
    let (word, seconds) = timed(&mut list).await;
    assert_eq!(word, "+a1+b1+c1");
    assert!((8..=10).contains(&seconds), "{seconds}");
    assert_eq!(asked(&server), [1, 2, 1]);
}
