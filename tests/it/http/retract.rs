//! What a source takes back when it is followed no more.

use koprs_external::watcher::ExternalSource;
use koprs_external_tests::{Reply, Server};

use super::shelf::{Item, list, page};
use super::stage::{Shown, bare, declare, poll, source, value, word};

/// Of a piece, what is told.
fn taken_back<S: ExternalSource<Item: Shown>>(source: &mut S) -> String {
    let events = source.retract().into_iter();
    word(&Ok(events.map(|event| event.map(|item| item.shown())).collect()))
}

#[tokio::test]
async fn a_value_is_taken_back_once_with_what_was_last_told() {
    let server = Server::start().await;
    server.set("/v", value(1));
    let mut declared = source::<u32>(declare(server.url("/v")));
    let mut bare = bare(server.url("/v"));
    assert_eq!(taken_back(&mut declared), ".");
    assert_eq!((poll(&mut declared).await, poll(&mut bare).await), ("+1".into(), "+1".into()));
    server.set("/v", Reply::status(500));
    assert_eq!((poll(&mut declared).await, poll(&mut bare).await), ("!500".into(), "!500".into()));
    assert_eq!(taken_back(&mut declared), "-1");
    assert_eq!(taken_back(&mut bare), "-1");
    assert_eq!(taken_back(&mut declared), ".");
    assert_eq!(taken_back(&mut bare), ".");
}

#[tokio::test]
async fn a_value_that_is_gone_is_not_taken_back_again() {
    let server = Server::start().await;
    server.set("/v", value(1));
    let mut source = source::<u32>(declare(server.url("/v")));
    assert_eq!(poll(&mut source).await, "+1");
    server.set("/v", Reply::status(410));
    assert_eq!(poll(&mut source).await, "-1");
    assert_eq!(taken_back(&mut source), ".");
}

#[tokio::test]
async fn the_items_of_a_list_are_taken_back_by_key_with_their_last_good_values() {
    let server = Server::start().await;
    let mut source = source::<Item>(list(server.url("/v")));
    for (items, told) in [("c1 a1 b1", "+a1+b1+c1"), ("c2 a1", "-b1~c2")] {
        server.set("/v", page(items));
        assert_eq!(poll(&mut source).await, told);
    }
    server.set("/v", Reply::json(r#"[{"id": "a", "n": "bad"}, {"id": "c", "n": 2}, {"id": "d"}]"#));
    let polled = poll(&mut source).await;
    assert!(!polled.contains(['+', '-']), "{polled}");
    server.set("/v", Reply::status(404));
    assert_eq!(poll(&mut source).await, ".", "to be confirmed");
    assert_eq!(taken_back(&mut source), "-a1-c2");
    assert_eq!(taken_back(&mut source), ".");
}
