//! A list of which the server says that it sent a part: what is absent may be in the rest, and is held.

use koprs_external::declared::DeclaredSource;
use koprs_external::spec::Paging;
use koprs_external::watcher::{ExternalSource, HeldReason, HeldRemovals};
use koprs_external_tests::{Reply, Server};

use super::secrets::Logs;
use super::shelf::{Item, With, array, list, many, page, page_before};
use super::stage::{poll, source};

/// The first page of a list, as the server says.
fn first(items: &str) -> Reply {
    page_before("/v?page=2", items)
}

/// How many removals are held, because it is a part of the list.
fn held(source: &DeclaredSource<Item>) -> u64 {
    let Some(HeldRemovals { items, agreed, reason, .. }) = source.report().held_removals else {
        return 0;
    };
    assert_eq!((agreed, reason), (0, HeldReason::PartialList), "a part agrees with nothing");
    items
}

/// A list without pages, and its server.
async fn shelf(declare: With) -> (Server, DeclaredSource<Item>) {
    let server = Server::start().await;
    let source = source::<Item>(declare(list(server.url("/v"))));
    (server, source)
}

/// From items to an answer.
type Answer = fn(&str) -> Reply;

/// How servers say that there is more than `a` and `b`.
fn parts() -> Vec<(&'static str, Answer)> {
    fn ranged(items: &str, range: impl AsRef<[u8]>) -> Reply {
        page(items).header("content-range", range)
    }
    vec![
        ("a link", first),
        ("a link among others", |items| {
            page(items).header("link", "</v?page=9>; rel=last, </v?page=2>; rel='next'")
        }),
        ("a link in a field of its own", |items| {
            page(items).header("link", "</>; rel=up").append("link", "</v?page=2>; rel=next")
        }),
        ("a link that cannot be read", |items| page(items).header("link", b"</v>; re\xff=next")),
        ("a range", |items| ranged(items, "items 0-1/4")),
        ("a range without a total", |items| ranged(items, "0-1/*")),
        ("a total", |items| ranged(items, "items */4")),
        ("a range that cannot be read", |items| ranged(items, b"items \xff-1/4")),
        ("a range of another kind", |items| ranged(items, "page 1 of 2")),
    ]
}

#[tokio::test]
async fn what_falls_off_a_part_of_a_list_is_held_while_the_server_says_that_there_is_more() {
    for (what, part) in parts() {
        let (server, mut source) = shelf(|list| list).await;
        server.set("/v", part("a1 b1"));
        assert_eq!(poll(&mut source).await, "+a1+b1", "{what}");
        assert_eq!(held(&source), 0, "{what}");
        assert!(source.report().partial_list.is_some(), "{what}");
        server.set("/v", part("n1 a2"));
        assert_eq!(poll(&mut source).await, "~a2+n1", "{what}");
        for _ in 0..4 {
            assert_eq!(poll(&mut source).await, ".", "{what}");
            assert_eq!(held(&source), 1, "{what}");
        }
        // It comes back, as it is now.
        server.set("/v", part("a2 b2"));
        assert_eq!(poll(&mut source).await, "~b2", "{what}");
        assert_eq!(held(&source), 1, "{what}");
        // The server says so no longer: the normal rule.
        server.set("/v", page("b2"));
        assert_eq!(poll(&mut source).await, "-a2-n1", "{what}");
        let report = source.report();
        assert_eq!((report.held_removals, report.partial_list), (None, None), "{what}");
    }
}

#[tokio::test]
async fn a_list_that_the_server_calls_whole_is_whole() {
    for range in ["items 0-1/2", "items 1-2/2", "items */2", "bytes 0-9/10"] {
        let (server, mut source) = shelf(|list| list).await;
        let whole = |items| {
            let reply = page(items).header("link", "</v>; rel=\"self\"; title=\"\u{fc}\"");
            reply.header("content-range", range)
        };
        server.set("/v", whole("a1 b1"));
        assert_eq!(poll(&mut source).await, "+a1+b1");
        server.set("/v", whole("a1 c1"));
        assert_eq!(poll(&mut source).await, "-b1+c1", "{range}");
    }
}

#[tokio::test]
async fn held_removals_of_a_part_are_released_on_demand_and_later_ones_are_held_again() {
    let (server, mut source) = shelf(|list| list).await;
    server.set("/v", first("a1 b1"));
    assert_eq!(poll(&mut source).await, "+a1+b1");
    server.set("/v", first("b1 c1"));
    assert_eq!(poll(&mut source).await, "+c1");
    source.release_removals();
    assert_eq!(poll(&mut source).await, "-a1");
    server.set("/v", first("c1 d1"));
    assert_eq!(poll(&mut source).await, "+d1");
    assert_eq!(held(&source), 1);
}

#[tokio::test]
async fn observations_of_a_part_do_not_count_as_agreement() {
    let (server, mut source) = shelf(|list| list).await;
    server.set("/v", page(&many(0..20)));
    assert!(poll(&mut source).await.starts_with('+'));
    for _ in 0..4 {
        server.set("/v", first(&many(0..2)));
        assert_eq!(poll(&mut source).await, ".");
        assert_eq!(held(&source), 18);
    }
    // Many at once: three whole observations have to agree.
    server.set("/v", page(&many(0..2)).unconditional());
    let reported = |source: &DeclaredSource<Item>| {
        source.report().held_removals.map(|held| (held.reason, held.agreed))
    };
    assert_eq!(poll(&mut source).await, ".");
    assert_eq!(reported(&source), Some((HeldReason::Share, 1)));
    assert_eq!(poll(&mut source).await, ".");
    assert_eq!(poll(&mut source).await.matches('-').count(), 18);
}

/// A 304 need not repeat what was said of more pages, nor say that there are none by now.
#[tokio::test]
async fn a_304_keeps_what_the_server_said_of_more_and_held_removals_are_asked_about_in_full() {
    let (server, mut source) = shelf(|list| list).await;
    let bare = |reply: Reply| {
        Reply::with(move |request| match request.header("if-none-match") {
            Some("\"a1\"") => Reply::status(304),
            _ => reply.clone(),
        })
    };
    server.set("/v", bare(first("a1")));
    assert_eq!(poll(&mut source).await, "+a1");
    assert_eq!(poll(&mut source).await, ".");
    assert!(server.requests()[1].header("if-none-match").is_some());
    server.set("/v", first("b1"));
    assert_eq!(poll(&mut source).await, "+b1");
    server.set("/v", page("b1"));
    assert_eq!(poll(&mut source).await, "-a1");
    // A 304 that says so is believed.
    server.set("/v", page("b1").header("link", "</v?page=2>; rel=next"));
    assert_eq!(poll(&mut source).await, ".");
    server.set("/v", first("c1"));
    assert_eq!(poll(&mut source).await, "+c1");
    assert_eq!(held(&source), 1);
}

#[tokio::test]
async fn pages_that_end_before_the_server_says_so_are_a_part() {
    let cursor: With = |list| list.items("/data").pages(Paging::cursor_at("/meta/next").param("c"));
    let cases: [(&str, With, &str); 3] = [
        ("a cursor", cursor, r#"{"meta":{"next":null},"data":ITEMS}"#),
        ("a number", |list| list.pages(Paging::number("page")), "ITEMS"),
        ("an offset", |list| list.pages(Paging::offset("skip")), "ITEMS"),
    ];
    let headers = [("link", "</v?page=2>; rel=next"), ("content-range", "items 0-1/4")];
    for (what, declare, body) in cases {
        for header in headers {
            let (server, mut source) = shelf(declare).await;
            let serve = |items: &str, is_part: bool| {
                let page = move |items: &str| {
                    let reply = Reply::json(body.replace("ITEMS", &array(items)));
                    if is_part { reply.header(header.0, header.1) } else { reply }
                };
                let items = items.to_owned();
                server.set(
                    "/v",
                    Reply::with(move |request| match request.query() {
                        Some("page=2" | "skip=2") => page(""),
                        _ => page(&items),
                    }),
                );
            };
            serve("a1 b1", true);
            assert_eq!(poll(&mut source).await, "+a1+b1", "{what}");
            serve("b1 c1", true);
            assert_eq!(poll(&mut source).await, "+c1", "{what}");
            assert_eq!(held(&source), 1, "{what}");
            serve("b1 c1", false);
            assert_eq!(poll(&mut source).await, "-a1", "{what}");
        }
    }
}

#[tokio::test]
async fn pages_that_reach_the_end_are_whole_whatever_the_pages_before_say() {
    let (server, mut source) = shelf(|list| list.pages(Paging::link_header())).await;
    let ranged = |reply: Reply, range: &str| reply.header("content-range", range).unconditional();
    server.set("/v", ranged(first("a1 b1"), "items 0-1/4"));
    server.set("/v?page=2", ranged(page("c1 d1"), "items 2-3/4"));
    assert_eq!(poll(&mut source).await, "+a1+b1+c1+d1");
    server.set("/v", ranged(first("a1 b1"), "items 0-1/3"));
    server.set("/v?page=2", ranged(page("d1"), "items 2-2/3"));
    assert_eq!(poll(&mut source).await, "-c1");
}

#[tokio::test]
async fn what_is_known_of_a_part_stays_within_the_limit_of_items() {
    let (server, mut source) = shelf(|list| list.item_limit(3)).await;
    server.set("/v", first("a1 b1"));
    assert_eq!(poll(&mut source).await, "+a1+b1");
    server.set("/v", first("b1 c1"));
    assert_eq!(poll(&mut source).await, "+c1");
    server.set("/v", first("c1 d1"));
    for _ in 0..3 {
        let message = source.poll().await.unwrap_err().to_string();
        let names = ["`items.limit`, 3", "`pages`", "release"];
        assert!(names.iter().all(|name| message.contains(name)), "{message}");
        assert_eq!(held(&source), 1, "nothing is removed to make room");
    }
    // What is held is released, and there is room again.
    source.release_removals();
    assert_eq!(poll(&mut source).await, "-a1+d1");
    server.set("/v", page("c1 d1"));
    assert_eq!(poll(&mut source).await, "-b1");
}

#[tokio::test]
async fn a_partial_content_is_a_failed_poll() {
    let (server, mut source) = shelf(|list| list).await;
    server.set("/v", page("a1 b1"));
    assert_eq!(poll(&mut source).await, "+a1+b1");
    server.set("/v", page("a1").status_code(206).header("content-range", "items 0-0/2"));
    assert_eq!(poll(&mut source).await, "!206");
}

#[tokio::test]
async fn that_a_list_is_a_part_is_logged_once_each_time_it_begins() {
    let (server, mut source) = shelf(|list| list).await;
    let (logs, _listening) = Logs::listen();
    let text = || logs.ours().join("\n");
    let warned = || text().matches("more items than it sent").count();
    for (reply, times) in [
        (page("a1 b1"), 0),
        (first("a1 b1"), 1),
        (first("b1 c1"), 1),
        (first("b1 c1"), 1),
        (page("b1 c1"), 1),
        (first("b1 c2"), 2),
    ] {
        server.set("/v", reply);
        poll(&mut source).await;
        assert_eq!(warned(), times);
    }
    let text = text();
    assert!(
        text.contains("`Link: <…>; rel=\"next\"`") && text.contains("declare `pages`"),
        "{text}"
    );
}
