//! Lists in pages: each way to the next page, conditional page by page, and what a list that moves costs.
//! What goes wrong with pages is in `fault_pages`.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use koprs_external::declared::DeclaredSource;
use koprs_external::spec::Paging;
use koprs_external::watcher::ExternalSource;
use koprs_external_tests::{Recorded, Reply, Server};

use super::shelf::{Item, With, each, linked, list, page, page_before, serve, wrapped};
use super::stage::{poll, poll_over_time, source};

/// A server's way to say what comes next: pages of two, of what is there.
struct Way {
    name: &'static str,
    declare: With,
    /// Where in the list a request asks.
    asked: fn(&Recorded) -> usize,
    /// The page of these items, and where the next one begins.
    page: fn(&str, Option<usize>) -> Reply,
}

fn parameter(request: &Recorded, name: &str) -> Option<usize> {
    let query = request.query()?.split('&');
    query.filter_map(|pair| pair.split_once('=')).find(|(known, _)| *known == name)?.1.parse().ok()
}

fn header(items: &str, next: Option<String>) -> Reply {
    let page = page(items);
    match next {
        Some(next) => page.header("x-next", next),
        None => page,
    }
}

fn ways() -> Vec<Way> {
    let from: fn(&Recorded) -> usize = |request| parameter(request, "from").unwrap_or(0);
    vec![
        Way {
            name: "a link",
            declare: |list| list.items("").pages(Paging::link_header()),
            asked: from,
            page: |items, next| match next {
                Some(next) => page_before(&format!("/v?from={next}"), items),
                None => page(items),
            },
        },
        Way {
            name: "a relative link",
            declare: |list| list.items("").pages(Paging::link_header()),
            asked: from,
            page: |items, next| match next {
                Some(next) => page_before(&format!("?from={next}"), items),
                None => page(items).header("link", "<?from=0>; rel=first"),
            },
        },
        Way {
            name: "a cursor",
            declare: |list| {
                list.items("/data").pages(Paging::cursor_at("/meta/next").param("from"))
            },
            asked: from,
            page: |items, next| match next {
                Some(next) => wrapped(items, &format!("\"{next}\"")),
                None => wrapped(items, "null"),
            },
        },
        Way {
            name: "a cursor that is a number, and false at the end",
            declare: |list| {
                list.items("/data").pages(Paging::cursor_at("/meta/next").param("from"))
            },
            asked: from,
            page: |items, next| {
                wrapped(items, &next.map_or("false".to_owned(), |next| next.to_string()))
            },
        },
        Way {
            name: "a cursor that is a URL, and empty at the end",
            declare: |list| list.items("/data").pages(Paging::cursor_at("/meta/next")),
            asked: from,
            page: |items, next| match next {
                Some(next) => wrapped(items, &format!("\"/v?from={next}\"")),
                None => wrapped(items, "\"\""),
            },
        },
        Way {
            name: "a cursor in a header",
            declare: |list| list.items("").pages(Paging::cursor_header("x-next").param("from")),
            asked: from,
            page: |items, next| header(items, next.map(|next| next.to_string())),
        },
        Way {
            name: "a URL in a header",
            declare: |list| list.items("").pages(Paging::cursor_header("X-Next")),
            asked: from,
            page: |items, next| header(items, next.map(|next| format!("?from={next}"))),
        },
        Way {
            name: "a number",
            declare: |list| list.items("").pages(Paging::number("p")),
            asked: |request| 2 * (parameter(request, "p").unwrap() - 1),
            page: |items, _| page(items),
        },
        Way {
            name: "a number from 0",
            declare: |list| list.items("").pages(Paging::number("p").first(0)),
            asked: |request| 2 * parameter(request, "p").unwrap(),
            page: |items, _| page(items),
        },
        Way {
            name: "an offset",
            declare: |list| list.items("").pages(Paging::offset("skip")),
            asked: |request| parameter(request, "skip").unwrap(),
            page: |items, _| page(items),
        },
    ]
}

#[tokio::test]
async fn each_way_leads_from_page_to_page_to_the_end() {
    for Way { name, declare, asked, page } in ways() {
        let server = Server::start().await;
        let items = Arc::new(Mutex::new("a1 b1 c1 d1 e1".to_owned()));
        let there = Arc::clone(&items);
        server.set(
            "/v",
            Reply::with(move |request| {
                let there = there.lock().unwrap();
                let words: Vec<_> = there.split(' ').collect();
                let from = asked(request).min(words.len());
                let to = (from + 2).min(words.len());
                page(&words[from..to].join(" "), (to < words.len()).then_some(to))
            }),
        );
        let mut source = source::<Item>(declare(list(server.url("/v?q=a%20b"))));
        assert_eq!(poll(&mut source).await, "+a1+b1+c1+d1+e1", "{name}");
        let steps = [
            ("a1 b1 c1 d1 e1", "."),
            ("a1 b1 c2 d1 e1", "~c2"),
            ("e1 d1 c2 b1 a1", "."),
            ("e1 d1 b1 a1", "-c2"),
            ("a1 b1 d1 e2 f1 g1 h1", "~e2+f1+g1+h1"),
            ("a1 b1 d1 e2", "-f1-g1-h1"),
        ];
        for (now, word) in steps {
            now.clone_into(&mut items.lock().unwrap());
            assert_eq!(poll(&mut source).await, word, "{name}");
        }
        // What else is in the query stays, but where a link has its own.
        let asked = server.requests();
        let own = name.contains("link") || name.contains("URL");
        assert!(asked.iter().all(|request| own || request.target().starts_with("/v?q=a%20b")));
    }
}

#[tokio::test]
async fn each_page_is_asked_for_by_its_own_validator_and_one_that_has_changed_comes_alone() {
    let server = Server::start().await;
    serve(&server, "a1 b1 | c1 d1 | e1");
    let mut source = source::<Item>(linked(server.url("/v")));
    let mut asked_by = Vec::new();
    for (pages, word) in [
        ("a1 b1 | c1 d1 | e1", "+a1+b1+c1+d1+e1"),
        ("a1 b1 | c1 d1 | e1", "."),
        ("a1 b1 | c2 d1 | e1", "~c2"),
        ("a1 b1 | c2 d1 | e1", "."),
    ] {
        serve(&server, pages);
        let before = server.requests().len();
        assert_eq!(poll(&mut source).await, word);
        let requests = server.requests();
        let validators = requests[before..].iter().map(|it| it.header("if-none-match"));
        asked_by.push(validators.map(|it| it.map(str::to_owned)).collect::<Vec<_>>());
    }
    // A 304 of the last one would not say that there is another behind it by now.
    let known =
        |[one, two]: [&str; 2]| [Some(format!("\"{one}\"")), Some(format!("\"{two}\"")), None];
    assert_eq!(asked_by[0], [None, None, None]);
    assert_eq!(asked_by[1], known(["a1-b1", "c1-d1"]));
    assert_eq!(asked_by[2], known(["a1-b1", "c1-d1"]));
    assert_eq!(asked_by[3], known(["a1-b1", "c2-d1"]));
}

/// A page that is answered by a bare 304, whatever it is asked by.
fn not_modified() -> Reply {
    Reply::status(304)
}

#[tokio::test]
async fn a_page_that_is_not_modified_keeps_its_items_and_its_next_page() {
    let server = Server::start().await;
    serve(&server, "a1 b1 | c1 | d1");
    let mut source = source::<Item>(linked(server.url("/v")));
    assert_eq!(poll(&mut source).await, "+a1+b1+c1+d1");
    server.set("/v", not_modified());
    server.set("/v?page=2", not_modified());
    server.set("/v?page=3", page("d2"));
    assert_eq!(poll(&mut source).await, "~d2");
    assert_eq!(poll(&mut source).await, ".");
    server.set("/v?page=2", page_before("?page=3", "e1"));
    assert_eq!(poll(&mut source).await, "-c1+e1");
}

/// An entity tag may be of the body alone, and the next page stands in a header.
#[tokio::test]
async fn a_page_that_is_not_modified_may_have_another_next_page() {
    for (paging, name) in
        [(Paging::link_header(), "link"), (Paging::cursor_header("x-next"), "x-next")]
    {
        let server = Server::start().await;
        let leads =
            |to: &str| if name == "link" { format!("<{to}>; rel=next") } else { to.to_owned() };
        server.set("/v", page("a1 b1"));
        server.set("/c", page("c1"));
        server.set("/d", page("d1"));
        let mut source = source::<Item>(list(server.url("/v")).pages(paging));
        assert_eq!(poll(&mut source).await, "+a1+b1");
        server.set("/v", page("a1 b1").header(name, leads("/c")));
        assert_eq!(poll(&mut source).await, "+c1");
        server.set("/v", page("a1 b1").header(name, leads("/d")));
        assert_eq!(poll(&mut source).await, "-c1+d1");
        let last = server.requests();
        assert_eq!(last.last().unwrap().path(), "/d");
        // The third was a 304, which is not believed that the next page is another one.
        let first = last.iter().filter(|it| it.path() == "/v");
        let asked: Vec<_> = first.map(|it| it.header("if-none-match").is_some()).collect();
        assert_eq!(asked[..4], [false, false, true, false]);
    }
}

/// A page may be short for what the credential may not see, and not for being the last. Its 304 need not say
/// that there is another one by now.
#[tokio::test]
async fn a_last_page_whose_304_would_not_say_what_comes_next_is_asked_for_in_full() {
    let bare = |reply: Reply| {
        let full = std::sync::Mutex::new(reply);
        Reply::with(move |request| match request.header("if-none-match") {
            Some(_) => not_modified(),
            None => full.lock().unwrap().clone(),
        })
    };
    let server = Server::start().await;
    server.set("/v", bare(page_before("?page=2", "a1 b1")));
    server.set("/v?page=2", bare(page("c1")));
    let mut source = source::<Item>(linked(server.url("/v")));
    assert_eq!(poll(&mut source).await, "+a1+b1+c1");
    server.set("/v?page=2", bare(page_before("?page=3", "c1")));
    server.set("/v?page=3", bare(page("d1")));
    assert_eq!(poll(&mut source).await, "+d1");
    assert_eq!(poll(&mut source).await, ".");
}

#[tokio::test]
async fn a_page_that_is_not_there_any_more_is_believed_when_the_one_before_says_so_in_full() {
    let server = Server::start().await;
    serve(&server, "a1 b1 | c1");
    let mut source = source::<Item>(linked(server.url("/v")));
    assert_eq!(poll(&mut source).await, "+a1+b1+c1");
    // The page is what it was, by its entity tag, and is the last one now.
    server.set("/v", page("a1 b1"));
    server.set("/v?page=2", Reply::status(404));
    assert_eq!(poll(&mut source).await, "-c1");
}

/// Page 1 is what it was by its entity tag, and its cursor is another one by now.
struct Expired {
    server: Server,
    source: DeclaredSource<Item>,
}

impl Expired {
    /// The old cursor is answered by this.
    async fn with(stale: Reply) -> Self {
        let led = |next: &str| wrapped("a1 b1", next).etag("\"v1\"");
        let server = Server::start().await;
        server.set("/v", led("\"x\""));
        server.set("/v?from=x", wrapped("c1", "null"));
        let paging = Paging::cursor_at("/meta/next").param("from");
        let list = list(server.url("/v")).items("/data").pages(paging);
        let mut source = source::<Item>(list.timeout(Duration::from_secs(1)));
        assert_eq!(poll(&mut source).await, "+a1+b1+c1");
        server.set("/v", led("\"y\""));
        server.set("/v?from=x", stale);
        server.set("/v?from=y", wrapped("c1 d1", "null"));
        Self { server, source }
    }

    /// Whether each request after the first walk for page 1 was conditional.
    fn conditional(&self) -> Vec<bool> {
        let requests = self.server.requests();
        let first = requests.iter().skip(2).filter(|it| it.target() == "/v");
        first.map(|it| it.header("if-none-match").is_some()).collect()
    }
}

#[tokio::test]
async fn a_page_that_was_reused_and_leads_astray_is_asked_for_in_full_at_once() {
    let stale = [
        Reply::status(400),
        Reply::status(403),
        Reply::status(404),
        Reply::status(410),
        Reply::status(500),
        Reply::status(503),
        Reply::status(304),
        Reply::json(r#"{"error":"the cursor has expired"}"#),
        Reply::json("not JSON"),
        // A key that is there twice.
        wrapped("b1", "null"),
    ];
    for reply in stale {
        let mut expired = Expired::with(reply).await;
        assert_eq!(poll(&mut expired.source).await, "+d1");
        assert_eq!(expired.conditional(), [true, false]);
        assert_eq!(poll(&mut expired.source).await, ".");
    }
}

#[tokio::test]
async fn what_a_page_that_was_reused_leads_to_removes_nothing_before_all_was_asked_for_in_full() {
    let mut expired = Expired::with(wrapped("", "null")).await;
    assert_eq!(poll(&mut expired.source).await, "+d1");
    assert_eq!(expired.conditional(), [true, false]);
    // What is gone in full, too, is gone.
    expired.server.set("/v?from=y", wrapped("d1", "null"));
    assert_eq!(poll(&mut expired.source).await, "-c1");
}

/// What would only be met twice waits for the next poll.
#[tokio::test]
async fn after_a_failure_behind_a_page_that_was_reused_the_next_poll_asks_in_full() {
    let stale = [
        (Reply::status(401), "!401"),
        (Reply::status(429).header("retry-after", "0"), "!429"),
        (Reply::status(503).header("retry-after", "0"), "!503"),
        (Reply::reset(), "!interrupted"),
        (wrapped("c1", "null").truncate(3), "!interrupted"),
        (Reply::garbage("what"), "!interrupted"),
        (Reply::redirect(302, "ftp://h/"), "!redirect"),
        (Reply::bytes("application/json", "{}").header("content-encoding", "x"), "!contentcoding"),
    ];
    for (reply, word) in stale {
        let mut expired = Expired::with(reply).await;
        // A page that asks to wait is waited for.
        assert_eq!(poll_over_time(&mut expired.source).await, word);
        assert_eq!(poll(&mut expired.source).await, "+d1", "{word}");
        assert_eq!(expired.conditional(), [true, false]);
    }
}

#[tokio::test]
async fn a_poll_that_is_dropped_behind_a_page_that_was_reused_asks_in_full_the_next_time() {
    let Expired { server, mut source } = Expired::with(Reply::stall()).await;
    let asked = server.requests().len();
    tokio::select! {
        _ = source.poll() => panic!("the page never comes"),
        () = server.wait_for(asked + 2) => {}
    }
    assert_eq!(poll(&mut source).await, "+d1");
    assert_eq!(Expired { server, source }.conditional(), [true, false]);
}

/// Nothing was reused: the failure says nothing of the pages before, and their validators are kept.
#[tokio::test]
async fn after_a_failure_of_the_first_page_the_pages_are_reused() {
    let server = Server::start().await;
    serve(&server, "a1 | b1 | c1");
    let mut source = source::<Item>(linked(server.url("/v")));
    assert_eq!(poll(&mut source).await, "+a1+b1+c1");
    server.queue("/v", [Reply::status(500)]);
    assert_eq!(poll(&mut source).await, "!500");
    assert_eq!(poll(&mut source).await, ".");
    let requests = server.requests();
    let validators = requests[4..].iter().map(|it| it.header("if-none-match").is_some());
    assert_eq!(validators.collect::<Vec<_>>(), [true, true, false]);
}

#[tokio::test]
async fn a_link_is_relative_to_the_page_that_a_redirect_led_to() {
    let server = Server::start().await;
    server.set("/v", Reply::redirect(302, "/deep/list"));
    server.set("/deep/list", page_before("more?p=2", "a1 c1"));
    server.set("/deep/more", page("b1"));
    let mut source = source::<Item>(linked(server.url("/v")));
    assert_eq!(
        (poll(&mut source).await, poll(&mut source).await),
        ("+a1+b1+c1".into(), ".".into())
    );
    let requests = server.requests();
    let asked: Vec<_> =
        requests.iter().map(|it| (it.target(), it.header("if-none-match").is_some())).collect();
    let walk = |known| [("/v", false), ("/deep/list", known), ("/deep/more?p=2", false)];
    assert_eq!(asked, [walk(false), walk(true)].concat());
}

#[tokio::test]
async fn what_a_walk_lacks_is_confirmed_by_a_second_one_where_pages_may_shift() {
    let numbered = |request: &Recorded| match parameter(request, "page") {
        Some(1) => page("a1 b1"),
        Some(2) => page("c1"),
        _ => page(""),
    };
    // How a list is paged, and how many requests it takes to see `d` gone.
    let cursor: With =
        |list| list.items("/data").pages(Paging::cursor_at("/meta/next").param("from"));
    let cases: [(&str, With, usize); 4] = [
        ("one page", |list| list, 1),
        ("links", |list| list.pages(Paging::link_header()), 4),
        ("numbers", |list| list.pages(Paging::number("page")), 6),
        ("a cursor, which may be a position", cursor, 4),
    ];
    for (name, declare, requests) in cases {
        let server = Server::start().await;
        let serve = |last: &'static str| match name {
            "one page" => server.set("/v", page(&format!("a1 b1 {last}"))),
            "links" => serve(&server, &format!("a1 b1 | {last}")),
            "numbers" => server.set(
                "/v",
                Reply::with(move |request| match parameter(request, "page") {
                    Some(2) => page(last),
                    _ => numbered(request),
                }),
            ),
            _ => {
                server.set("/v", wrapped("a1 b1", "\"x\""));
                server.set("/v?from=x", wrapped(last, "null"));
            }
        };
        serve("c1 d1");
        let mut source = source::<Item>(declare(list(server.url("/v"))));
        assert_eq!(poll(&mut source).await, "+a1+b1+c1+d1", "{name}");
        serve("c1");
        let before = server.requests().len();
        assert_eq!(poll(&mut source).await, "-d1", "{name}");
        assert_eq!(server.requests().len() - before, requests, "{name}");
        let before = server.requests().len();
        assert_eq!(poll(&mut source).await, ".", "{name}");
        assert!(server.requests().len() - before <= requests, "{name}");
    }
}

#[tokio::test]
async fn an_item_that_moves_from_page_to_page_has_not_changed() {
    let server = Server::start().await;
    serve(&server, "a1 b1 | c1 d1 | e1");
    let mut source = source::<Item>(linked(server.url("/v")));
    assert_eq!(poll(&mut source).await, each('+', "a1 b1 c1 d1 e1"));
    for pages in
        ["e1 a1 | b1 c1 | d1", "d1 | c1 b1 | a1 e1", "a1 b1 c1 d1 e1", "a1 | b1 | c1 | d1 | e1"]
    {
        serve(&server, pages);
        assert_eq!(poll(&mut source).await, ".", "{pages}");
    }
    serve(&server, "e2 a1 | b1 c1 | d1");
    assert_eq!(poll(&mut source).await, "~e2");
}

#[tokio::test]
async fn an_item_may_move_over_to_a_page_that_is_kept() {
    let server = Server::start().await;
    serve(&server, "a1 | b1 | c1 | d1");
    let mut source = source::<Item>(linked(server.url("/v")));
    assert_eq!(poll(&mut source).await, "+a1+b1+c1+d1");
    // Between pages that are 304, new ones and old ones in other places.
    for (pages, word) in [
        ("a1 | c1 | b1 | d1", "."),
        ("a1 | x1 | b1 | d1", "-c1+x1"),
        ("a1 | x1 | c1 b1 | d1", "+c1"),
        ("d1 | x2 | c1 b1 | a1", "~x2"),
    ] {
        serve(&server, pages);
        assert_eq!(poll(&mut source).await, word, "{pages}");
        assert_eq!(poll(&mut source).await, ".", "{pages}");
    }
}
