//! What a source knows goes to its successor: by what changed in the declaration, and on the server.

use koprs_external::declared::DeclaredSource;
use koprs_external::spec::{Format, Method, WatcherBuilder};
use koprs_external::watcher::ExternalSource;
use koprs_external_tests::{Reply, Server};
use serde::Deserialize;

use super::shelf::{Item, With, array, linked, list, page, serve, wrapped};
use super::stage::{Shown, declare, poll, source, value, word};

/// The next source takes over what this one knows, if it can.
fn takes_over(old: &mut impl ExternalSource, new: &mut impl ExternalSource) -> bool {
    let known = old.hand_over().unwrap();
    let taken = new.inherit(known);
    if let Err(known) = taken {
        old.inherit(known).unwrap();
        return false;
    }
    true
}

fn removed<S: ExternalSource<Item: Shown>>(source: &mut S) -> String {
    let events = source.retract().into_iter();
    word(&Ok(events.map(|event| event.map(|item| item.shown())).collect()))
}

const SAME: With = |declared| declared;

#[tokio::test]
async fn of_a_value_only_what_differs_is_told_by_the_next_source() {
    let ignored: With = |declared| declared.ignore("/x");
    let json: With = |declared| declared.decode(Format::Json);
    let yaml: With = |declared| declared.decode(Format::Yaml);
    // What changes, what the new URL answers poll by poll, and what is told.
    let rows: [(&str, With, With, &[Reply], &str); 10] = [
        ("the URL", SAME, SAME, &[value(1)], "."),
        ("the URL, and the value", SAME, SAME, &[value(2), value(2)], "~2 ."),
        (
            "nothing is there any more",
            SAME,
            SAME,
            &[Reply::status(404), Reply::status(404)],
            ". -1",
        ),
        ("it is gone", SAME, SAME, &[Reply::status(410)], "-1"),
        ("it fails first", SAME, SAME, &[Reply::status(500), value(1), value(2)], "!500 . ~2"),
        ("another text of the same value", SAME, SAME, &[Reply::json(" 1 ")], "."),
        ("something is ignored", SAME, ignored, &[value(1), value(2)], ". ~2"),
        ("nothing is ignored", ignored, SAME, &[value(1), value(2)], ". ~2"),
        ("the format", json, yaml, &[value(1), value(2)], ". ~2"),
        ("the body", SAME, |it| it.method(Method::Post).json_body("{}"), &[value(1)], "."),
    ];
    for (what, before, after, replies, expected) in rows {
        let server = Server::start().await;
        server.set("/v", value(1));
        server.queue("/new", replies.iter().cloned());
        let made =
            |it: WatcherBuilder| DeclaredSource::<u32>::distinct(it.build().unwrap()).unwrap();
        let mut old = made(before(declare(server.url("/v"))));
        assert_eq!(poll(&mut old).await, "+1", "{what}");
        let mut new = made(after(declare(server.url("/new"))));
        assert!(takes_over(&mut old, &mut new), "{what}");
        let mut told = Vec::new();
        for _ in replies {
            told.push(poll(&mut new).await);
        }
        assert_eq!(told.join(" "), expected, "{what}");
        let request = &server.requests()[1];
        assert_eq!(request.header("if-none-match"), None, "{what}: it is asked for in full");
    }
}

#[derive(Clone, Debug, Deserialize)]
struct Opaque(u32);

impl Shown for Opaque {
    fn shown(&self) -> String {
        self.0.to_string()
    }
}

/// Without a way to compare values, a change is told rather than lost.
#[tokio::test]
async fn values_that_cannot_be_compared_are_modified_where_they_are_read_in_another_way() {
    let server = Server::start().await;
    server.set("/v", value(1));
    let declared = || declare(server.url("/v"));
    let mut old = source::<Opaque>(declared().ignore("/x"));
    assert_eq!(poll(&mut old).await, "+1");
    let mut same = source::<Opaque>(declared().ignore("/x").retries(1));
    assert!(takes_over(&mut old, &mut same));
    assert_eq!(poll(&mut same).await, ".");
    let mut other = source::<Opaque>(declared());
    assert!(takes_over(&mut same, &mut other));
    assert_eq!(poll(&mut other).await, "~1");
    assert_eq!(poll(&mut other).await, ".");
}

type Declare = fn(String) -> WatcherBuilder;
type Pages<'a> = &'a [(&'a str, Reply)];

#[tokio::test]
async fn of_a_list_only_what_differs_is_told_by_the_next_source() {
    let keyed: Declare = |url| list(url);
    let nested: Declare = |url| declare(url).items("/data").key("/id");
    let paged: Declare = |url| linked(url);
    let few: Declare = |url| list(url).item_limit(2);
    let rows: [(&str, Declare, Pages<'_>, &str); 8] = [
        ("the URL", keyed, &[("/n", page("a1 b1 c1"))], "."),
        ("the URL, and the items", keyed, &[("/n", page("a1 b2 d1"))], "~b2-c1+d1"),
        ("an empty list", keyed, &[("/n", page(""))], "-a1-b1-c1"),
        ("the place of the items", nested, &[("/n", wrapped("a1 b2", "null"))], "~b2-c1"),
        ("pages", paged, &[("/n", page("a1 b1 c1"))], "."),
        ("fewer items", few, &[("/n", page("a1 b2"))], "~b2-c1"),
        ("it is gone", keyed, &[("/n", Reply::status(410))], "-a1-b1-c1"),
        (
            "a bad item",
            keyed,
            &[("/n", Reply::json(r#"[{"id":"a","n":"x"},{"id":"b","n":1}]"#))],
            "-c1",
        ),
    ];
    for (what, declared, replies, expected) in rows {
        let server = Server::start().await;
        server.set("/v", page("a1 b1 c1"));
        replies.iter().for_each(|(key, reply)| server.set(key, reply.clone()));
        let mut old = source::<Item>(list(server.url("/v")));
        assert_eq!(poll(&mut old).await, "+a1+b1+c1", "{what}");
        let mut new = source::<Item>(declared(server.url("/n")));
        assert!(takes_over(&mut old, &mut new), "{what}");
        assert_eq!(poll(&mut new).await, expected, "{what}");
        assert_eq!(poll(&mut new).await, ".", "{what}");
    }
}

#[tokio::test]
async fn an_item_that_vanishes_over_several_restarts_is_removed_once() {
    let server = Server::start().await;
    serve(&server, "a1 b1 | c1");
    let mut old = source::<Item>(linked(server.url("/v")));
    assert_eq!(poll(&mut old).await, "+a1+b1+c1");
    // None of these sees the list.
    for _ in 0..3 {
        let mut new = source::<Item>(linked(server.url("/nowhere")).retries(0));
        assert!(takes_over(&mut old, &mut new));
        server.set("/nowhere", Reply::status(500));
        assert_eq!(poll(&mut new).await, "!500");
        old = new;
    }
    serve(&server, "a1 | d1");
    let mut new = source::<Item>(linked(server.url("/v")));
    assert!(takes_over(&mut old, &mut new));
    assert_eq!(poll(&mut new).await, "-b1-c1+d1");
    assert_eq!(removed(&mut new), "-a1-d1");
}

#[tokio::test]
async fn a_source_that_was_never_polled_removes_what_it_inherited() {
    let server = Server::start().await;
    server.set("/v", page("a1 b1"));
    let mut old = source::<Item>(list(server.url("/v")));
    assert_eq!(poll(&mut old).await, "+a1+b1");
    let mut new = source::<Item>(list(server.url("/n")));
    assert!(takes_over(&mut old, &mut new));
    assert_eq!(removed(&mut old), ".", "it has handed over");
    assert_eq!(removed(&mut new), "-a1-b1");
}

#[tokio::test]
async fn many_removals_are_held_by_the_next_source_too() {
    let server = Server::start().await;
    server.set("/v", page("a1 b1 c1 d1"));
    server.set("/n", page("a1"));
    let declared = |path: &str| list(server.url(path)).hold_min(2);
    let mut old = source::<Item>(declared("/v"));
    assert_eq!(poll(&mut old).await, "+a1+b1+c1+d1");
    let mut new = source::<Item>(declared("/n"));
    assert!(takes_over(&mut old, &mut new));
    assert_eq!(poll(&mut new).await, ".");
    assert_eq!(new.report().held_removals.unwrap().items, 3);
    assert_eq!(poll(&mut new).await, ".");
    // Another one counts for itself.
    let mut last = source::<Item>(declared("/n"));
    assert!(takes_over(&mut new, &mut last));
    assert_eq!([poll(&mut last).await, poll(&mut last).await], [".", "."]);
    assert_eq!(poll(&mut last).await, "-b1-c1-d1");
}

#[tokio::test]
async fn what_cannot_be_compared_stays_with_the_old_source() {
    let server = Server::start().await;
    server.set("/v", Reply::json(array("a1 b1")));
    let url = || server.url("/v");
    let mut old = source::<Item>(list(url()));
    assert_eq!(poll(&mut old).await, "+a1+b1");
    assert!(!takes_over(&mut old, &mut source::<Item>(declare(url()).items("").key("/n"))));
    assert!(!takes_over(&mut old, &mut source::<Item>(declare(url()).items(""))));
    assert!(!takes_over(&mut old, &mut source::<Item>(declare(url()))));
    assert!(!takes_over(&mut old, &mut source::<u32>(list(url()))), "another type");
    assert_eq!(removed(&mut old), "-a1-b1");
}

#[tokio::test]
async fn an_object_where_an_array_was_is_an_error_for_the_next_source_too() {
    let server = Server::start().await;
    server.set("/v", page("a1 b1"));
    let mut old = source::<Item>(list(server.url("/v")));
    assert_eq!(poll(&mut old).await, "+a1+b1");
    server.set("/v", Reply::json(r#"{"error":{"id":"x","n":1}}"#));
    server.set("/v?size=100", Reply::json(r#"{"error":{"id":"x","n":1}}"#));
    let mut new = source::<Item>(list(server.url("/v")).hold_min(1));
    assert!(takes_over(&mut old, &mut new));
    for _ in 0..5 {
        assert!(poll(&mut new).await.starts_with('!'));
    }
    let mut sized = source::<Item>(list(server.url("/v?size=100")));
    assert!(takes_over(&mut new, &mut sized));
    assert!(poll(&mut sized).await.starts_with('!'), "the query says nothing of the shape");
    let mut new = source::<Item>(list(server.url("/v")));
    assert!(takes_over(&mut sized, &mut new));
    server.set("/v", page("a1 c1"));
    assert_eq!(poll(&mut new).await, "-b1+c1");
}
