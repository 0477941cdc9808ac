//! Promises 5 and 6. What else can go wrong with a socket is in `faults`.

use std::fmt::Debug;

use koprs_external::http::HttpPoller;
use koprs_external::{ExternalSource, Watch, watch};
use koprs_external_tests::{Reply, Server};
use serde::Deserialize;

use super::stage::{Stage, declare, poll, source, value, word};

/// Answers that say neither what the value is nor that it is gone.
fn failures() -> Vec<(Reply, &'static str)> {
    let html = |code| Reply::bytes("text/html", "<h1>Sorry</h1>").status_code(code);
    let mut failures: Vec<_> = [
        (400, "!400"),
        (401, "!401"),
        (402, "!402"),
        (403, "!403"),
        (405, "!405"),
        (406, "!406"),
        (407, "!407"),
        (408, "!408"),
        (412, "!412"),
        (416, "!416"),
        (418, "!418"),
        (429, "!429"),
        (451, "!451"),
        (500, "!500"),
        (501, "!501"),
        (502, "!502"),
        (503, "!503"),
        (504, "!504"),
        (599, "!599"),
        (300, "!300"),
        (305, "!305"),
        // Parts of the value, or a promise of it.
        (202, "!202"),
        (205, "!205"),
        (206, "!206"),
    ]
    .map(|(code, word)| (html(code), word))
    .into();
    failures.extend([
        (Reply::status(302), "!redirect"),
        (Reply::redirect(302, "/v"), "!redirect"),
        (Reply::redirect(302, "http://"), "!redirect"),
        (Reply::redirect(302, "ftp://h/v"), "!redirect"),
        (Reply::reset(), "!interrupted"),
        (Reply::close(), "!interrupted"),
        (Reply::garbage("\x01\x02\x03"), "!interrupted"),
        (value(7).truncate(0), "!interrupted"),
        (value(7).endless(), "!large"),
        (Reply::redirect(302, &format!("http://{}.test/v", "x".repeat(64))), "!connect"),
    ]);
    failures
}

#[tokio::test]
async fn a_failure_is_never_a_removal() {
    for (failure, word) in failures() {
        for mut stage in Stage::both().await {
            let script = [value(1), failure.clone(), failure.clone(), failure.clone(), value(1)];
            let words = stage.plays(script).await;
            assert_eq!(words, format!("+1 {word} {word} {word} ."), "{}", stage.kind);
            let words = stage.plays([failure.clone(), value(2), Reply::status(410)]).await;
            assert_eq!(words, format!("{word} ~2 -2"), "{}", stage.kind);
        }
    }
}

#[tokio::test]
async fn content_that_is_not_what_the_type_says_is_never_a_removal() {
    let json = "application/json";
    let bodies = [
        Reply::bytes("text/html", "<h1>Down for maintenance</h1>"),
        Reply::bytes("text/html; charset=utf-8", "2"),
        Reply::bytes(json, "<h1>Down for maintenance</h1>"),
        Reply::bytes(json, ""),
        Reply::bytes(json, "null"),
        Reply::bytes(json, "{}"),
        Reply::bytes(json, "-1"),
        Reply::bytes(json, "1 2"),
        Reply::bytes(json, &[0xff, 0xfe][..]),
        Reply::status(204),
    ];
    for body in bodies {
        let mut stage = Stage::declared().await;
        let script = [value(1), body.clone(), body.clone(), value(1), body, value(2)];
        assert_eq!(stage.plays(script).await, "+1 !decode !decode . !decode ~2");
        assert_eq!(stage.sees(Reply::status(410)).await, "-2");
    }
}

#[tokio::test]
async fn a_stall_is_never_a_removal() {
    for mut stage in Stage::both().await {
        assert_eq!(stage.sees(value(1)).await, "+1", "{}", stage.kind);
        for _ in 0..3 {
            assert_eq!(stage.waits_for(Reply::stall()).await, "!timeout", "{}", stage.kind);
        }
        let words = stage.plays([value(1), value(2), Reply::status(410)]).await;
        assert_eq!(words, ". ~2 -2", "{}", stage.kind);
    }
}

#[tokio::test]
async fn a_server_that_is_down_is_never_a_removal() {
    for mut stage in Stage::both().await {
        assert_eq!(stage.sees(value(1)).await, "+1", "{}", stage.kind);
        let address = stage.server.address();
        stage.server.stop().await;
        let down = [stage.source.look().await, stage.source.look().await];
        for polled in &down {
            assert_eq!(word(polled), "!connect", "{}", stage.kind);
        }
        stage.server = Server::start_at(address).await;
        let words = stage.plays([value(1), value(2), Reply::status(410)]).await;
        assert_eq!(words, ". ~2 -2", "{}", stage.kind);
    }
}

#[tokio::test]
async fn gone_is_removed_at_once() {
    for mut stage in Stage::both().await {
        let gone = Reply::status(410);
        let words = stage.plays([value(1), gone.clone(), gone, value(1)]).await;
        assert_eq!(words, "+1 -1 . +1", "{}", stage.kind);
        // Nothing is known of what is gone: it is asked for in full.
        assert_eq!(stage.validator(3), None, "{}", stage.kind);
    }
}

#[tokio::test]
async fn not_found_is_removed_after_confirm_in_a_row_two_declared_and_one_bare() {
    let missing = || Reply::status(404);
    let script = || [value(1), missing(), missing(), missing(), value(1)];
    assert_eq!(Stage::bare().await.plays(script()).await, "+1 -1 . . +1");
    assert_eq!(Stage::declared().await.plays(script()).await, "+1 . -1 . +1");
}

#[tokio::test]
async fn a_row_of_404_is_broken_by_anything_else() {
    let missing = || Reply::status(404);
    let others = [
        (value(1), "."),
        (Reply::json("1"), "."),
        (value(2), "~2"),
        (Reply::json("{"), "!decode"),
        (Reply::status(503), "!503"),
        (Reply::status(401), "!401"),
        (Reply::reset(), "!interrupted"),
        (Reply::redirect(302, "/v"), "!redirect"),
        (value(7).truncate(0), "!interrupted"),
    ];
    for (other, word) in others {
        let mut stage = Stage::declared().await;
        let script = [value(1), missing(), other, missing()];
        assert_eq!(stage.plays(script).await, format!("+1 . {word} ."));
        assert!(stage.sees(missing()).await.starts_with('-'), "{word}");
    }
}

#[tokio::test]
async fn a_404_in_between_does_not_cost_the_validators() {
    let mut stage = Stage::declared().await;
    assert_eq!(stage.plays([value(1), Reply::status(404), value(1)]).await, "+1 . .");
    assert_eq!(stage.validator(2).as_deref(), Some("\"v1\""));
}

#[tokio::test]
async fn what_a_redirect_leads_to_can_be_gone() {
    let server = Server::start().await;
    server.set("/v", Reply::redirect(302, "/there"));
    server.set("/there", value(1));
    let mut bare = HttpPoller::new(server.url("/v"));
    let mut declared = source::<u32>(declare(server.url("/v")));
    assert_eq!(poll(&mut bare).await, "+1");
    assert_eq!(poll(&mut declared).await, "+1");
    server.set("/there", Reply::status(410));
    assert_eq!(poll(&mut bare).await, "-1");
    assert_eq!(poll(&mut declared).await, "-1");
}

#[tokio::test]
async fn a_poll_that_was_given_up_ends_a_row_of_404() {
    let mut stage = Stage::declared().await;
    assert_eq!(stage.plays([value(1), Reply::status(404)]).await, "+1 .");
    stage.server.set("/v", Reply::stall());
    let asked = stage.server.requests().len() + 1;
    tokio::select! {
        _ = stage.source.look() => panic!("nothing answers"),
        () = stage.server.wait_for(asked) => {}
    }
    assert_eq!(stage.plays([Reply::status(404), Reply::status(404)]).await, ". -1");
}

#[tokio::test]
async fn an_absence_that_is_not_confirmed_is_no_answer_to_wait_for() {
    let server = Server::start().await;
    server.queue("/v", [Reply::status(404)]);
    server.set("/v", value(1));
    let source = source::<u32>(declare(server.url("/v")));
    let config = source.config();
    sees_the_value_first(watch(source, config), "+ 1").await;

    server.queue("/v", [Reply::status(404)]);
    let derived = Derived::watch(server.address().port()).unwrap();
    sees_the_value_first(derived, "+ Derived(1)").await;
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "http://127.0.0.1:{port}/v"), params(port: u16), interval = "1s")]
struct Derived(#[allow(dead_code, reason = "it is shown")] u32);

async fn sees_the_value_first<T: Debug>(mut watch: Watch<T>, first: &str) {
    let handle = watch.handle();
    tokio::select! {
        biased;
        event = watch.recv() => {
            let event = event.unwrap().map(|value| format!("{value:?}"));
            assert_eq!(event.to_string(), first);
        }
        synced = handle.synced() => panic!("{synced:?} before the value"),
    }
}
