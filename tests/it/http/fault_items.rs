//! The fault table, its items: bad ones, two of a key, and many that vanish. See `fault_table`.

use koprs_external::ExternalSource;
use koprs_external::declared::DeclaredSource;
use koprs_external::spec::OnBadItem;
use koprs_external::watcher::{HeldReason, HeldRemovals};
use koprs_external_tests::{Reply, Server};

use super::shelf::{Item, array, each, item, list, many, page, serve};
use super::stage::{declare, poll, source};

/// A server with a list of these items, and a source that has seen them.
async fn with(items: &str) -> (Server, DeclaredSource<Item>) {
    let server = Server::start().await;
    serve(&server, items);
    let mut source = source::<Item>(list(server.url("/v")));
    assert_eq!(poll(&mut source).await, each('+', items));
    (server, source)
}

fn held(source: &DeclaredSource<Item>) -> Option<(u64, u64, u32, HeldReason)> {
    let held = source.report().held_removals;
    held.map(|HeldRemovals { items, of, agreed, reason }| (items, of, agreed, reason))
}

fn json(items: &[&str]) -> Reply {
    Reply::json(format!("[{}]", items.join(",")))
}

#[tokio::test]
async fn rows_of_one_key_that_are_the_same_are_one_item() {
    let (server, mut source) = with("a1 b1 c1").await;
    for (items, events) in [("a1 b1 b1 d1", "-c1+d1"), ("b2 a1 b2 d1", "~b2"), ("b2 b2", "-a1-d1")]
    {
        server.set("/v", Reply::json(array(items)));
        let asked = server.requests().len();
        assert_eq!(poll(&mut source).await, events, "{items}");
        assert_eq!(server.requests().len() - asked, 1);
        assert_eq!(source.report().bad_items, 0);
    }
}

#[tokio::test]
async fn rows_of_one_key_that_differ_are_one_bad_item_and_the_others_go_on() {
    let (server, mut source) = with("a1 b1 c1").await;
    for (items, events) in [("a1 b1 b2", "-c1"), ("b2 b1 a2 d1", "~a2+d1"), ("b1 b2 a3", "~a3-d1")]
    {
        server.set("/v", Reply::json(array(items)));
        assert_eq!(poll(&mut source).await, events, "{items}");
        assert_eq!(poll(&mut source).await, ".", "{items}");
        assert_eq!((source.report().bad_items, source.report().bad_items_seen), (1, 1));
    }
    let last = source.report().last_bad_item.unwrap();
    assert!(
        last.contains("item `b`: several items, at 1 and 2, have this key and differ"),
        "{last}"
    );
    serve(&server, "a3 b2");
    assert_eq!(poll(&mut source).await, "~b2");
    assert_eq!(source.report().bad_items, 0);
}

#[tokio::test]
async fn rows_that_differ_from_the_first_poll_on_are_no_item_until_one_is_left() {
    let server = Server::start().await;
    serve(&server, "a1 a2 b1");
    let mut source = source::<Item>(list(server.url("/v")));
    assert_eq!(poll(&mut source).await, "+b1");
    assert_eq!(source.report().bad_items, 1);
    serve(&server, "a2 b1");
    assert_eq!(poll(&mut source).await, "+a2");
    // A key that tells nothing apart makes no list.
    serve(&server, "x1 x2 x3");
    let mut other = super::stage::source::<Item>(list(server.url("/v")));
    assert_eq!(poll(&mut other).await, "!decode");
}

#[tokio::test]
async fn rows_that_differ_fail_the_poll_where_bad_items_do() {
    let (server, _) = with("a1 b1").await;
    let mut source = source::<Item>(list(server.url("/v")).on_bad_item(OnBadItem::Fail));
    assert_eq!(poll(&mut source).await, "+a1+b1");
    server.set("/v", Reply::json(array("a1 b1 b2")));
    assert_eq!(poll(&mut source).await, "!decode");
    serve(&server, "a1 b2");
    assert_eq!(poll(&mut source).await, "~b2");
}

#[tokio::test]
async fn an_item_of_the_wrong_type_keeps_its_last_value_and_the_others_go_on() {
    let (server, mut source) = with("a1 b1 c1").await;
    let bad = r#"{"id":"b","n":"two"}"#;
    server.set("/v", json(&[&item("a2"), bad, &item("d1")]));
    assert_eq!(poll(&mut source).await, "~a2-c1+d1");
    let report = source.report();
    assert_eq!((report.bad_items, report.bad_items_seen), (1, 1));
    let last = report.last_bad_item.unwrap();
    assert!(last.contains("item `b`: n: ") && last.contains("`flags`"), "{last}");
    // Once per change of it.
    assert_eq!(poll(&mut source).await, ".");
    assert_eq!(source.report().bad_items_seen, 1);
    server.set("/v", json(&[&item("a2"), r#"{"id":"b","n":"three"}"#, &item("d1")]));
    assert_eq!(poll(&mut source).await, ".");
    assert_eq!((source.report().bad_items, source.report().bad_items_seen), (1, 2));
    // Its last good value is that of before; when it goes, that goes.
    serve(&server, "a2 b1 d1");
    assert_eq!(poll(&mut source).await, ".");
    assert_eq!(source.report().bad_items, 0);
    server.set("/v", json(&[&item("a2"), bad, &item("d1")]));
    assert_eq!(poll(&mut source).await, ".");
    serve(&server, "a2 d1");
    assert_eq!(poll(&mut source).await, "-b1");
    assert_eq!(source.report().bad_items, 0);
}

#[tokio::test]
async fn while_an_item_has_no_key_nothing_is_removed() {
    let (server, mut source) = with("a1 b1 c1").await;
    for keyless in
        [r#"{"n":7}"#, r#"{"id":null,"n":7}"#, r#"{"id":"","n":7}"#, r#"{"id":[],"n":7}"#, "7"]
    {
        server.set("/v", json(&[&item("a1"), keyless]));
        for _ in 0..5 {
            assert_eq!(poll(&mut source).await, ".", "{keyless}");
        }
        let (items, of, _, reason) = held(&source).unwrap();
        assert_eq!((items, of, reason), (2, 3, HeldReason::ItemsWithoutKey), "{keyless}");
        assert_eq!(source.report().bad_items, 1);
    }
    assert_eq!(source.report().bad_items_seen, 5);
    // What is beside it comes and changes.
    server.set("/v", json(&[r#"{"n":7}"#, &item("a2"), &item("d1")]));
    assert_eq!(poll(&mut source).await, "~a2+d1");
    serve(&server, "a2 c1 d1");
    assert_eq!(poll(&mut source).await, "-b1");
    assert_eq!((held(&source), source.report().bad_items), (None, 0));
}

#[tokio::test]
async fn an_object_that_is_no_list_of_items_is_an_error_and_no_list() {
    let (server, mut source) = with("a1 b1 c1").await;
    for body in
        [r#"{"error":"down"}"#, r#"{"status":500,"message":"down"}"#, r#"{"error":{"code":7}}"#]
    {
        server.set("/v", Reply::json(body));
        for _ in 0..3 {
            assert_eq!(poll(&mut source).await, "!decode", "{body}");
        }
    }
    assert_eq!(source.report().bad_items_seen, 0);
    serve(&server, "a1 b2");
    assert_eq!(poll(&mut source).await, "~b2-c1");
}

#[tokio::test]
async fn items_of_which_none_was_ever_good_are_an_error_and_no_list() {
    // Members of an object, so few that no guard holds them.
    let server = Server::start().await;
    let mut source = source::<Item>(declare(server.url("/v")).items(""));
    server.set("/v", Reply::json(r#"{"error":"down"}"#));
    assert_eq!(poll(&mut source).await, "!decode", "and nobody takes this for all that there is");
    let good =
        |n: u32| Reply::json(format!(r#"{{"x":{},"y":{}}}"#, item("a1"), item(&format!("b{n}"))));
    server.set("/v", good(1));
    assert_eq!(poll(&mut source).await, "+a1+b1");
    for body in
        [r#"{"error":"down"}"#, r#"{"status":500,"message":"down"}"#, r#"{"error":{"code":7}}"#]
    {
        server.set("/v", Reply::json(body));
        for _ in 0..4 {
            let error = source.poll().await.unwrap_err().to_string();
            assert!(error.contains("item `error`") || error.contains("item `status`"), "{error}");
        }
    }
    assert_eq!(source.report().bad_items_seen, 0);
    // One of those that were good is enough, though it is bad now.
    server.set("/v", Reply::json(r#"{"x":{"id":"a"},"z":7}"#));
    assert_eq!(poll(&mut source).await, "-b1");
    assert_eq!(source.report().bad_items, 2);
    server.set("/v", good(2));
    assert_eq!(poll(&mut source).await, "+b2");
}

#[tokio::test]
async fn where_a_bad_item_is_to_fail_the_poll_it_does_and_nothing_is_lost() {
    let server = Server::start().await;
    serve(&server, "a1 b1 c1");
    let mut source = source::<Item>(list(server.url("/v")).on_bad_item(OnBadItem::Fail));
    assert_eq!(poll(&mut source).await, "+a1+b1+c1");
    for bad in [r#"{"id":"b","n":"two"}"#, r#"{"n":2}"#] {
        server.set("/v", json(&[&item("a2"), bad]).etag("\"bad\""));
        for _ in 0..3 {
            assert_eq!(poll(&mut source).await, "!decode", "{bad}");
        }
    }
    assert_eq!(source.report().bad_items, 0);
    serve(&server, "a2 c1");
    assert_eq!(poll(&mut source).await, "~a2-b1");
}

const KNOWN: u64 = 1000;

/// 1 000 items of which 600 have vanished.
async fn vanished() -> (Server, DeclaredSource<Item>) {
    let (server, source) = with(&many(0..1000)).await;
    server.set("/v", page(&many(600..1000)));
    (server, source)
}

#[tokio::test]
async fn many_that_vanish_at_once_are_held_until_the_third_poll_agrees() {
    let (_server, mut source) = vanished().await;
    for agreed in 1..=2 {
        assert_eq!(poll(&mut source).await, ".");
        assert_eq!(held(&source), Some((600, KNOWN, agreed, HeldReason::Share)));
    }
    assert_eq!(poll(&mut source).await, each('-', &many(0..600)));
    assert_eq!(held(&source), None);
    assert_eq!(poll(&mut source).await, ".");
}

#[tokio::test]
async fn a_failure_between_them_begins_the_row_anew() {
    let (server, mut source) = vanished().await;
    for fault in
        [Reply::status(503), Reply::reset(), Reply::json("["), Reply::json("{}").truncate(1)]
    {
        assert_eq!((poll(&mut source).await, poll(&mut source).await), (".".into(), ".".into()));
        assert_eq!(held(&source), Some((600, KNOWN, 2, HeldReason::Share)));
        server.queue("/v", [fault]);
        assert!(poll(&mut source).await.starts_with('!'));
        assert_eq!(held(&source), Some((600, KNOWN, 0, HeldReason::Share)));
    }
    assert_eq!((poll(&mut source).await, poll(&mut source).await), (".".into(), ".".into()));
    assert_eq!(poll(&mut source).await, each('-', &many(0..600)));
}

#[tokio::test]
async fn a_poll_that_was_given_up_begins_the_row_anew() {
    let (server, mut source) = vanished().await;
    assert_eq!((poll(&mut source).await, poll(&mut source).await), (".".into(), ".".into()));
    server.queue("/v", [Reply::stall()]);
    let asked = server.requests().len() + 1;
    tokio::select! {
        _ = source.poll() => panic!("nothing answers"),
        () = server.wait_for(asked) => {}
    }
    assert_eq!((poll(&mut source).await, poll(&mut source).await), (".".into(), ".".into()));
    assert_eq!(poll(&mut source).await, each('-', &many(0..600)));
}

#[tokio::test]
async fn removals_that_are_held_are_told_when_they_are_released() {
    let (server, mut source) = vanished().await;
    assert_eq!(poll(&mut source).await, ".");
    source.release_removals();
    // By a poll that sees the list, and no other.
    server.queue("/v", [Reply::status(503)]);
    assert_eq!(poll(&mut source).await, "!503");
    assert_eq!(poll(&mut source).await, each('-', &many(0..600)));
    // It was for those: the next ones are held again.
    server.set("/v", page(&many(990..1000)));
    assert_eq!(poll(&mut source).await, ".");
    assert_eq!(held(&source), Some((390, 400, 1, HeldReason::Share)));
}

#[tokio::test]
async fn a_release_of_nothing_is_of_nothing() {
    let (server, mut source) = with(&many(0..1000)).await;
    source.release_removals();
    assert_eq!(poll(&mut source).await, ".");
    server.set("/v", page(&many(600..1000)));
    assert_eq!(poll(&mut source).await, ".");
    assert_eq!(held(&source), Some((600, KNOWN, 1, HeldReason::Share)));
}

#[tokio::test]
async fn removals_that_are_held_are_forgotten_when_the_items_return() {
    let (server, mut source) = vanished().await;
    assert_eq!((poll(&mut source).await, poll(&mut source).await), (".".into(), ".".into()));
    server.set("/v", page(&many(0..1000)));
    assert_eq!(poll(&mut source).await, ".");
    assert_eq!(held(&source), None);
    // With those that stay away, the row goes on; they are few now, and gone.
    server.set("/v", page(&many(600..1000)));
    assert_eq!(poll(&mut source).await, ".");
    server.set("/v", page(&many(100..1000)));
    assert_eq!(poll(&mut source).await, each('-', &many(0..100)));
}

#[tokio::test]
async fn what_else_changes_is_told_while_removals_are_held() {
    let (server, mut source) = with(&many(0..20)).await;
    let changed = many(10..12).replace('1', "2");
    server.set("/v", page(&format!("{changed} new1")));
    assert_eq!(poll(&mut source).await, format!("{}+new1", each('~', &changed)));
    assert_eq!(held(&source), Some((18, 20, 1, HeldReason::Share)));
}

#[tokio::test]
async fn more_items_than_are_allowed_are_an_error_that_names_the_limit() {
    let server = Server::start().await;
    serve(&server, "a1 b1 c1");
    let mut source = source::<Item>(list(server.url("/v")).item_limit(3));
    assert_eq!(poll(&mut source).await, "+a1+b1+c1");
    for items in ["a1 b2 c1 d1", "a1 b1 c1 d1", "d1 e1 f1 g1"] {
        server.set("/v", page(items));
        let message = source.poll().await.unwrap_err().to_string();
        assert!(message.contains("more items than `items.limit`, 3"), "{message}");
    }
    // An item without a key is one as well.
    server.set("/v", json(&[&item("a1"), "1", "2", "3"]));
    assert_eq!(poll(&mut source).await, "!pages");
    serve(&server, "a1 b2 d1");
    assert_eq!(poll(&mut source).await, "~b2-c1+d1");
}

#[tokio::test]
async fn the_limits_of_an_answer_are_those_of_a_list_too() {
    let server = Server::start().await;
    serve(&server, "a1 b1");
    let limited = list(server.url("/v")).body_limit(100).header_limit(1000).redirect_limit(1);
    let mut source = source::<Item>(limited);
    assert_eq!(poll(&mut source).await, "+a1+b1");
    server.set("/r", Reply::redirect(302, "/s"));
    server.set("/s", page("a1 b2"));
    for (fault, word) in [
        (page("a1 b2 c1 d1 e1 f1 g1"), "!large"),
        (page("a1 b2").header("x-padding", "x".repeat(1000)), "!headers"),
        (Reply::redirect(302, "/r"), "!redirect"),
    ] {
        server.set("/v", fault);
        for _ in 0..3 {
            assert_eq!(poll(&mut source).await, word);
        }
    }
    serve(&server, "a1 b2");
    assert_eq!(poll(&mut source).await, "~b2");
}
