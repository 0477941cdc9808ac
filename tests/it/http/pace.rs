//! Promise 9: what a server says of when to come back.

use std::time::Duration;

use koprs_external::watcher::Pace;
use koprs_external_tests::Reply;

use super::stage::{Stage, value};

#[tokio::test]
async fn retry_after_is_read_as_seconds_and_as_a_date_against_the_date_of_the_answer() {
    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    let cases = [
        ("120", Some(120)),
        ("0", Some(0)),
        ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
        ("Sunday, 06-Nov-94 08:50:07 GMT", Some(30)),
        ("Sun, 06 Nov 1994 08:49:00 GMT", None),
        ("soon", None),
        ("-1", None),
    ];
    for mut stage in Stage::both().await {
        for code in [429, 503] {
            for (value, seconds) in cases {
                let reply = Reply::status(code).header("retry-after", value).header("date", DATE);
                stage.sees(reply).await;
                let error = stage.error();
                let expected = seconds.map(Duration::from_secs);
                assert_eq!(error.retry_after(), expected, "{code} {value}, {}", stage.kind);
                assert_eq!((error.status(), error.is_retryable()), (Some(code), true));
            }
        }
    }
}

#[tokio::test]
async fn only_429_and_503_ask_to_wait() {
    for mut stage in Stage::both().await {
        for code in [403, 500, 502, 504] {
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
            (asks(4, "often"), "~4", Pace::Interval),
            (asks(5, "30"), "~5", wait(30)),
            (value(5), ".", Pace::Interval),
        ];
        for (reply, word, pace) in steps {
            assert_eq!(stage.sees(reply).await, word, "{}", stage.kind);
            assert_eq!(stage.source.pace(), pace, "{word}, {}", stage.kind);
        }
    }
}
