//! Promise 9: what a server says of when to come back.

use std::time::Duration;

use futures::future::join_all;
use koprs_external::declared::DeclaredSource;
use koprs_external::error::{ExternalError, HttpErrorKind};
use koprs_external::http::HttpPoller;
use koprs_external::spec::{Paging, SecretSource};
use koprs_external::watcher::{ExternalSource, Pace};
use koprs_external_tests::{Reply, Server};

use super::shelf::{Item, list, page, page_before};
use super::stage::{Stage, bare, declare, poll, source, value};
use super::token::pass;

#[tokio::test]
async fn retry_after_is_read_as_seconds_and_as_a_date_against_the_date_of_the_answer() {
    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    let cases = [
        ("120", Some(120)),
        ("0", Some(0)),
        ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
        ("Sunday, 06-Nov-94 08:50:07 GMT", Some(30)),
        ("Sun, 06 Nov 1994 08:49:00 GMT", Some(0)),
        ("60.25", Some(60)),
        // One that cannot be read is a minute.
        ("soon", Some(60)),
        ("-1", Some(60)),
    ];
    for code in [403, 429, 503] {
        for (value, seconds) in cases {
            for mut stage in Stage::both().await {
                let reply = Reply::status(code).header("retry-after", value).header("date", DATE);
                stage.sees(reply).await;
                let error = stage.error();
                let expected = seconds.map(Duration::from_secs);
                let wait = error.retry_after().map(|wait| Duration::from_secs(wait.as_secs()));
                assert_eq!(wait, expected, "{code} {value}, {}", stage.kind);
                let retryable = code != 403 || seconds.is_some();
                assert_eq!((error.status(), error.is_retryable()), (Some(code), retryable));
            }
        }
    }
}

#[tokio::test]
async fn only_403_429_and_503_ask_to_wait() {
    for mut stage in Stage::both().await {
        for code in [401, 500, 502, 504] {
            stage.sees(Reply::status(code).header("retry-after", "7")).await;
            assert_eq!(stage.error().retry_after(), None, "{code}, {}", stage.kind);
        }
    }
}

#[tokio::test]
async fn x_poll_interval_is_the_pace_for_as_long_as_the_server_says_so() {
    let failure = || Reply::status(500);
    let asks = |n, seconds| value(n).header("x-poll-interval", seconds);
    let wait = |seconds| Pace::NotBefore(Duration::from_secs(seconds));
    for mut stage in Stage::both().await {
        assert_eq!(stage.source.pace(), Pace::Interval, "{}", stage.kind);
        let steps = [
            (asks(1, "60"), "+1", wait(60)),
            // A 304 says so too.
            (asks(1, "90"), ".", wait(90)),
            // A failure takes it back only for another.
            (failure(), "!500", wait(90)),
            (failure().header("x-poll-interval", "20"), "!500", wait(20)),
            (asks(2, "0"), "~2", Pace::Interval),
            (asks(3, "30"), "~3", wait(30)),
            // What cannot be read takes nothing back.
            (asks(4, "often"), "~4", wait(30)),
            (asks(5, "30"), "~5", wait(30)),
            (value(5), ".", Pace::Interval),
        ];
        for (reply, word, pace) in steps {
            assert_eq!(stage.sees(reply).await, word, "{}", stage.kind);
            assert_eq!(stage.source.pace(), pace, "{word}, {}", stage.kind);
        }
    }
}

/// A watcher of a path, with a token.
fn with_token(server: &Server, path: &str, token: &str) -> DeclaredSource<u32> {
    let secret = SecretSource::Value(token.into());
    source(declare(server.url(path)).bearer(secret))
}

fn kind(error: &ExternalError) -> HttpErrorKind {
    let ExternalError::Http(error) = error else { panic!("{error}") };
    error.kind()
}

fn is_about(wait: Option<Duration>, seconds: u64) -> bool {
    let seconds = Duration::from_secs(seconds);
    wait.is_some_and(|wait| wait <= seconds && wait + Duration::from_secs(5) > seconds)
}

#[tokio::test]
async fn what_one_watcher_is_told_fifty_of_its_credential_heed_and_nobody_else() {
    let (server, elsewhere) = (Server::start().await, Server::start().await);
    server.fallback(value(1));
    elsewhere.fallback(value(1));
    let mut watchers: Vec<_> =
        (0..50).map(|n| with_token(&server, &format!("/{n}"), "one")).collect();
    let words = join_all(watchers.iter_mut().map(poll)).await;
    assert!(words.iter().all(|word| word == "+1"), "{words:?}");

    server.fallback(Reply::status(429).header("retry-after", "30"));
    let asked = server.requests().len();
    let polled = join_all(watchers.iter_mut().map(ExternalSource::poll)).await;
    let sent = server.requests().len() - asked;
    assert!((1..=8).contains(&sent), "{sent} requests");
    let errors: Vec<_> = polled.into_iter().map(Result::unwrap_err).collect();
    assert!(errors.iter().all(|error| error.is_retryable() && is_about(error.retry_after(), 30)));
    let count = |which| errors.iter().filter(|error| kind(error) == which).count();
    assert_eq!(count(HttpErrorKind::Status(429)), sent);
    assert_eq!(count(HttpErrorKind::Throttled), 50 - sent);

    server.fallback(value(1));
    for mut other in [with_token(&server, "/0", "two"), with_token(&elsewhere, "/0", "one")] {
        assert_eq!(poll(&mut other).await, "+1");
    }
    assert_eq!(poll(&mut bare(server.url("/0"))).await, "+1");

    pass(31).await;
    let words = join_all(watchers.iter_mut().map(poll)).await;
    assert!(words.iter().all(|word| word == "."), "{words:?}");
}

#[tokio::test]
async fn promise_09_what_a_server_asked_for_outlives_the_watcher_that_was_told() {
    let server = Server::start().await;
    server.set("/v", Reply::status(429).header("retry-after", "30"));
    let (mut told, mut none) =
        (with_token(&server, "/v", "one"), source::<u32>(declare(server.url("/v"))));
    assert_eq!((poll(&mut told).await, poll(&mut none).await), ("!429".into(), "!429".into()));
    drop((told, none));
    server.set("/v", value(1));
    pass(20).await;
    let faster = declare(server.url("/v")).interval(Duration::from_secs(7));
    let (mut again, mut none) = (with_token(&server, "/v", "one"), source::<u32>(faster));
    let error = again.poll().await.unwrap_err();
    assert!(is_about(error.retry_after(), 10), "{error}");
    assert_eq!(poll(&mut none).await, "!throttled");
    assert_eq!(server.hits("/v"), 2);
    assert_eq!(poll(&mut with_token(&server, "/v", "two")).await, "+1", "it is not its delay");
    pass(11).await;
    assert_eq!((poll(&mut again).await, poll(&mut none).await), ("+1".into(), "+1".into()));
}

#[tokio::test]
async fn who_is_not_asked_is_told_why_and_for_how_long() {
    let server = Server::start().await;
    server.set("/v", Reply::status(429).header("retry-after", "120"));
    let (mut one, mut other) = (with_token(&server, "/v", "one"), with_token(&server, "/w", "one"));
    assert_eq!(poll(&mut one).await, "!429");
    let error = other.poll().await.unwrap_err();
    let message = error.to_string();
    let (message, seconds) = message.rsplit_once(" to wait ").unwrap();
    assert_eq!(
        message,
        format!(
            "HTTP error: watcher `flags` ({}): not asked: a request with the same credential was told to leave the server alone; the server asks",
            server.url("/w")
        )
    );
    let seconds = seconds.strip_suffix(" s").and_then(|seconds| seconds.parse().ok());
    assert!(is_about(seconds.map(Duration::from_secs), 120), "{error}");
    assert_eq!(server.hits("/w"), 0);
    assert!(error.is_retryable());
    let Pace::NotBefore(wait) = other.pace() else { panic!("{:?}", other.pace()) };
    assert!(is_about(Some(wait), 120), "{wait:?}");
}

#[tokio::test]
async fn a_rate_limit_that_is_used_up_is_waited_for_before_it_is_an_error() {
    let server = Server::start().await;
    for [remaining, reset] in
        [["x-ratelimit-remaining", "x-ratelimit-reset"], ["ratelimit-remaining", "ratelimit-reset"]]
    {
        let last = value(1).header(remaining, "0").header(reset, "120");
        server.set("/v", last);
        server.set("/w", value(1));
        let (mut one, mut other) =
            (with_token(&server, "/v", remaining), with_token(&server, "/w", remaining));
        assert_eq!(poll(&mut one).await, "+1");
        let Pace::NotBefore(wait) = ExternalSource::pace(&one) else { panic!("{remaining}") };
        assert!(is_about(Some(wait), 120), "{wait:?}");
        assert_eq!(poll(&mut other).await, "!throttled");
        server.set("/v", value(1).header(remaining, "9").header(reset, "120"));
        pass(121).await;
        assert_eq!(poll(&mut one).await, ".");
        assert_eq!(ExternalSource::pace(&one), Pace::Interval);
        assert_eq!(poll(&mut other).await, "+1");
    }
}

#[tokio::test]
async fn the_reset_of_a_refusal_says_when_to_come_back() {
    for code in [403, 429] {
        for mut stage in Stage::both().await {
            let reply = Reply::status(code)
                .header("date", "Sun, 09 Sep 2001 01:46:40 GMT")
                .header("x-ratelimit-remaining", "0")
                .header("x-ratelimit-reset", "1000000090");
            stage.sees(reply).await;
            let error = stage.error();
            assert_eq!(error.status(), Some(code));
            assert_eq!(error.retry_after(), Some(Duration::from_secs(90)), "{error}");
        }
    }
}

#[tokio::test]
async fn a_wish_from_where_a_redirect_led_is_not_one_of_the_host_that_was_asked() {
    let (server, elsewhere) = (Server::start().await, Server::start().await);
    server.set("/v", Reply::redirect(307, &elsewhere.url("/v")));
    server.set("/w", value(1));
    elsewhere.set("/v", Reply::status(429).header("retry-after", "30"));
    let mut led = bare(server.url("/v"));
    let error = led.poll().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    assert_eq!(poll(&mut bare(server.url("/w"))).await, "+1");
}

#[tokio::test]
async fn what_the_origin_of_a_next_page_wishes_holds_for_all_who_go_there() {
    let (server, other) = (Server::start().await, Server::start().await);
    server.set("/v", page_before(&other.url("/v"), "a1"));
    server.set("/w", value(1));
    let used_up =
        |page: Reply| page.header("x-ratelimit-remaining", "0").header("x-ratelimit-reset", "60");
    other.set("/v", used_up(page("b1")));
    let paging = Paging::link_header().origin(other.url(""));
    let walk = || source::<Item>(list(server.url("/v")).pages(paging.clone()));
    let (mut one, mut two) = (walk(), walk());
    assert_eq!(poll(&mut one).await, "+a1+b1");
    let Pace::NotBefore(wait) = ExternalSource::pace(&one) else { panic!("it was told") };
    assert!(is_about(Some(wait), 60), "{wait:?}");
    assert_eq!(poll(&mut two).await, "!throttled");
    assert_eq!(poll(&mut bare(other.url("/v"))).await, "!throttled");
    assert_eq!(other.requests().len(), 1);
    assert_eq!(poll(&mut bare(server.url("/w"))).await, "+1", "it is not the wish of the first");
    pass(61).await;
    assert_eq!(poll(&mut two).await, "+a1+b1");
}

#[tokio::test]
async fn clients_of_ones_own_may_carry_other_credentials_and_share_no_wish() {
    let server = Server::start().await;
    server.set("/v", Reply::status(429).header("retry-after", "30"));
    server.set("/w", value(1));
    let own = |path| HttpPoller::new(server.url(path)).with_client(koprs_external_tests::client());
    let (mut one, mut other) = (own("/v"), own("/w"));
    assert_eq!(poll(&mut one).await, "!429");
    assert_eq!(poll(&mut one).await, "!throttled");
    assert_eq!(poll(&mut other).await, "+1");
}

#[tokio::test]
async fn max_age_is_the_pace_where_it_is_respected() {
    let fresh = |n, age| value(n).header("cache-control", "public, max-age=60").header("age", age);
    let wait = |seconds| Pace::NotBefore(Duration::from_secs(seconds));
    let respectful = |url| source::<u32>(declare(url).respect_max_age());
    let mut stage = Stage::of("respectful", respectful).await;
    let steps = [
        (fresh(1, "0"), "+1", wait(60)),
        (fresh(1, "20"), ".", wait(40)),
        (fresh(1, "20").header("x-poll-interval", "50"), ".", wait(50)),
        (fresh(1, "80"), ".", Pace::Interval),
        (fresh(2, "0"), "~2", wait(60)),
        // What failed is asked again at its own pace.
        (fresh(2, "0").status_code(500), "!500", Pace::Interval),
        (fresh(2, "0"), ".", wait(60)),
        (Reply::reset(), "!interrupted", Pace::Interval),
        (fresh(2, "0").header("cache-control", "max-age=60, no-cache"), ".", Pace::Interval),
        (fresh(2, "0").status_code(404), ".", Pace::Interval),
    ];
    for (reply, word, pace) in steps {
        assert_eq!(stage.sees(reply).await, word);
        assert_eq!(stage.source.pace(), pace, "{word}");
    }
    for mut stage in Stage::both().await {
        assert_eq!(stage.sees(fresh(1, "0")).await, "+1");
        assert_eq!(stage.source.pace(), Pace::Interval, "{}", stage.kind);
    }
}
