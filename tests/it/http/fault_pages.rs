//! The fault table, its pages: walks that do not end, that lead elsewhere, and over a list that moves. See
//! `fault_table`.

use koprs_external::ExternalSource;
use koprs_external::error::ExternalError;
use koprs_external::spec::{ClientCredentials, Paging, SecretSource, WatcherBuilder};
use koprs_external_tests::{Recorded, Reply, Server};

use super::fault_subjects::{SEVEN_PAGES, SEVEN_PAGES_LATER, page_three_of_seven};
use super::shelf::{Item, array, at, each, linked, list, page, page_before, serve};
use super::stage::{poll, source};

async fn fails(source: &mut impl ExternalSource) -> String {
    let error = source.poll().await.unwrap_err();
    assert!(matches!(error, ExternalError::Http(_)), "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_walk_that_comes_back_to_a_page_is_an_error_and_no_list() {
    let next = |n: usize| page_before(&at(n), "e1 f1");
    for (row, loops) in [
        ("the page itself again", next(3)),
        ("the page before", next(2)),
        ("the first page", next(1)),
        ("the same page, written in another way", page_before("?page=%33", "e1 f1")),
    ] {
        let mut watched = page_three_of_seven().watched(row).await;
        watched.server.set("/v?page=%33", page_before("?page=%33", "x1"));
        watched.breaks(loops);
        watched.comes_to("!pages !pages !pages").await;
        watched.recovers().await;
    }
}

/// A cursor that stays, and two that lead to each other.
#[tokio::test]
async fn a_cursor_that_goes_round_in_a_circle_is_an_error_and_no_list() {
    let body = |items: &str, next: &str| {
        Reply::json(format!(r#"{{"data":{},"next":"{next}"}}"#, array(items)))
    };
    for (row, [one, other]) in [("a → a", ["a", "a"]), ("a → b → a", ["b", "a"])] {
        let server = Server::start().await;
        server.set("/v", body("a1 b1", "a"));
        server.set("/v?c=a", body("c1", "z"));
        server.set("/v?c=z", body("d1", ""));
        let paging = Paging::cursor_at("/next").param("c");
        let mut source = source::<Item>(list(server.url("/v")).items("/data").pages(paging));
        assert_eq!(poll(&mut source).await, "+a1+b1+c1+d1");
        server.set("/v?c=a", body("c1", one));
        server.set("/v?c=b", body("d1", other));
        for _ in 0..3 {
            let asked = server.requests().len();
            let message = fails(&mut source).await;
            assert!(message.contains("go round in a circle"), "{row}: {message}");
            assert!(server.requests().len() - asked <= 3, "{row}");
        }
        server.set("/v?c=a", body("c2", ""));
        assert_eq!(poll(&mut source).await, "~c2-d1", "{row}");
    }
}

/// How a walk can carry something that only its origin may see.
type Declared = fn(&Server) -> WatcherBuilder;

fn credentials() -> [(&'static str, Declared); 8] {
    fn secret() -> SecretSource {
        SecretSource::Value("s3cr3t".into())
    }
    fn plain(server: &Server) -> WatcherBuilder {
        list(server.url("/v"))
    }
    [
        ("a bearer", |server| plain(server).bearer(secret())),
        ("basic", |server| plain(server).basic("us", secret())),
        ("a header", |server| plain(server).auth_header("x-key", "", secret())),
        ("a query parameter", |server| plain(server).auth_query("key", secret())),
        ("OAuth 2.0", |server| {
            let token = r#"{"access_token":"s3cr3t","token_type":"Bearer"}"#;
            server.set("/token", Reply::json(token));
            plain(server).oauth2(ClientCredentials::new(server.url("/token"), "us", secret()))
        }),
        ("userinfo", |server| list(server.url("/v").replace("http://", "http://us:s3cr3t@"))),
        ("a header of one's own", |server| plain(server).header("x-team", "s3cr3t")),
        ("nothing", plain),
    ]
}

#[tokio::test]
async fn a_next_page_at_another_origin_is_refused_and_nothing_arrives_there() {
    for (what, declared) in credentials() {
        let (server, other) = (Server::start().await, Server::start().await);
        other.set("/v", page("c1"));
        server.set("/v", page_before("/w", "a1 b1"));
        server.set("/w", page("c1"));
        let mut source = source::<Item>(declared(&server).pages(Paging::link_header()));
        assert_eq!(poll(&mut source).await, "+a1+b1+c1", "{what}");
        server.set("/v", page_before(&other.url("/v?token=T0KEN"), "a1 b2"));
        for _ in 0..3 {
            let message = fails(&mut source).await;
            assert!(message.contains("`pages.origins`"), "{message}");
            let origin = format!("`{}`", other.url(""));
            assert!(message.contains(&origin) && !message.contains("T0KEN"), "{message}");
        }
        assert_eq!(other.connections(), 0, "{what}");
        server.set("/v", page_before("/w", "a1 b2"));
        assert_eq!(poll(&mut source).await, "~b2", "{what}");
    }
}

#[tokio::test]
async fn a_next_page_at_an_origin_that_is_allowed_is_asked_for_without_credentials() {
    for (what, declared) in credentials() {
        let (server, other) = (Server::start().await, Server::start().await);
        let userinfo = other.url("/v").replace("http://", "http://us:s3cr3t@");
        server.set("/v", page_before(&userinfo, "a1"));
        // And back again, where they are known.
        other.set("/v", page_before(&server.url("/w"), "b1"));
        server.set("/w", page("c1"));
        let paging = Paging::link_header().origin(other.url("/"));
        let declared = declared(&server).header("accept-language", "fy").pages(paging);
        let mut source = source::<Item>(declared);
        assert_eq!(poll(&mut source).await, "+a1+b1+c1", "{what}");
        other.set("/v", page_before(&server.url("/w"), "b2"));
        assert_eq!(poll(&mut source).await, "~b2", "{what}");
        for request in other.requests() {
            assert!(!format!("{request:?}").contains("s3cr3t"), "{what}: {request:?}");
            assert_eq!(request.header("authorization"), None, "{what}");
            assert_eq!(request.header("accept-language"), Some("fy"), "{what}");
        }
        let known = |request: &Recorded| format!("{request:?}").contains("s3cr3t");
        let basic = |request: &Recorded| request.header("authorization").is_some();
        for request in server.requests() {
            assert_eq!(known(&request) || basic(&request), what != "nothing", "{what}");
        }
        assert_eq!(other.requests()[1].header("if-none-match"), Some("\"b1\""), "{what}");
    }
}

#[tokio::test]
async fn a_secret_that_a_next_link_hands_back_does_not_go_to_another_origin() {
    let (server, other) = (Server::start().await, Server::start().await);
    // As of a server that makes its links of the request and of a name that it thinks it has.
    server.set("/v", page_before(&other.url("/v?a=%20b&api%20key=s3cr3t&page=2"), "a1"));
    other.set("/v", page("b1"));
    let secret = SecretSource::Value("s3cr3t".into());
    let paging = Paging::link_header().origin(other.url("/"));
    let declared = list(server.url("/v")).auth_query("api key", secret).pages(paging);
    assert_eq!(poll(&mut source::<Item>(declared)).await, "+a1+b1");
    assert_eq!(other.requests()[0].query(), Some("a=%20b&page=2"));
}

/// A declared parameter that is named like a secret is one, though it stands outside of `auth`.
#[tokio::test]
async fn a_parameter_that_is_named_like_a_secret_does_not_go_to_another_origin() {
    let (server, other) = (Server::start().await, Server::start().await);
    let echo = |path: &str| other.url(path) + "?limit=2&api_key=s3cr3t%2B&page=2";
    server.set("/v", page_before(&echo("/v"), "a1"));
    other.set("/v", page("b1"));
    let paging = Paging::link_header().origin(other.url("/"));
    let declared = || list(server.url("/v")).query("limit", "2").query("api_key", "s3cr3t+");
    let declared = |paging: &Paging| declared().pages(paging.clone());
    assert_eq!(poll(&mut source::<Item>(declared(&paging))).await, "+a1+b1");
    assert_eq!(other.requests()[0].query(), Some("limit=2&page=2"));

    for code in [301, 302, 303, 307, 308] {
        server.set("/v", Reply::redirect(code, &echo("/v")));
        let message = fails(&mut source::<Item>(declared(&paging))).await;
        assert!(message.contains("another origin") && !message.contains("s3cr3t"), "{message}");
    }
    assert_eq!(other.total_hits(), 1);
}

/// Neither is it sent there under another name, nor left out of a link that would lead to another page without it.
#[tokio::test]
async fn a_next_page_at_another_origin_that_holds_a_secret_elsewhere_is_refused() {
    let (server, other) = (Server::start().await, Server::start().await);
    let paging = Paging::link_header().origin(other.url("/"));
    for link in [
        "/v/SEC-RET-SECRET/b",
        "/v?cursor=b-SEC-RET-SECRET",
        "/v?api_key=SEC-RET-SECRET&a=SEC-RET-SECRET",
    ] {
        server.set("/v", page_before(&other.url(link), "a1"));
        let declared = list(server.url("/v")).query("api_key", "SEC-RET-SECRET");
        let message = fails(&mut source::<Item>(declared.pages(paging.clone()))).await;
        assert!(message.contains("secret") && !message.contains("SEC-RET"), "{message}");
    }
    assert_eq!(other.connections(), 0);
}

/// A page that wants this token; seven of them are a list.
fn behind(token: &'static str, n: usize, pages: &str) -> Reply {
    let items = pages.split('|').nth(n - 1).unwrap().trim().to_owned();
    let count = pages.split('|').count();
    Reply::with(move |request| match request.header("authorization") {
        Some(sent) if sent == token && n < count => page_before(&at(n + 1), &items),
        Some(sent) if sent == token => page(&items),
        _ => Reply::status(401),
    })
}

#[tokio::test]
async fn a_token_that_expires_in_a_walk_is_read_again_and_the_walk_goes_on() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "one").unwrap();
    let server = Server::start().await;
    serve(&server, SEVEN_PAGES);
    let bearer = SecretSource::File(file.path().to_owned());
    let mut source = source::<Item>(linked(server.url("/v")).bearer(bearer));
    assert_eq!(poll(&mut source).await, each('+', SEVEN_PAGES));

    // It expires at page 3, and the file is what it was.
    serve(&server, SEVEN_PAGES_LATER);
    for n in 3..=7 {
        server.set(&at(n), behind("Bearer two", n, SEVEN_PAGES_LATER));
    }
    for _ in 0..3 {
        let asked = server.requests().len();
        assert_eq!(poll(&mut source).await, "!401");
        assert_eq!(server.requests().len() - asked, 3, "the same token is not tried again");
    }
    std::fs::write(file.path(), "two").unwrap();
    let asked = server.requests().len();
    assert_eq!(poll(&mut source).await, "~b2-c1+o1");
    let requests = server.requests();
    let sent = requests[asked..].iter().map(|request| request.header("authorization").unwrap());
    let sent: Vec<_> = sent.collect();
    // The file was read again since the last refusal, or is at the next one.
    assert!(sent.ends_with(&["Bearer two"; 5]), "{sent:?}");
}

#[tokio::test]
async fn a_token_that_is_rotated_while_a_list_is_walked_costs_no_poll() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "one").unwrap();
    let server = Server::start().await;
    serve(&server, SEVEN_PAGES);
    let bearer = SecretSource::File(file.path().to_owned());
    let mut source = source::<Item>(linked(server.url("/v")).bearer(bearer));
    assert_eq!(poll(&mut source).await, each('+', SEVEN_PAGES));
    std::fs::write(file.path(), "two").unwrap();
    serve(&server, SEVEN_PAGES_LATER);
    for n in 3..=7 {
        server.set(&at(n), behind("Bearer two", n, SEVEN_PAGES_LATER));
    }
    let asked = server.requests().len();
    assert_eq!(poll(&mut source).await, "~b2-c1+o1");
    let requests = server.requests();
    let sent = requests[asked..].iter().map(|request| request.header("authorization").unwrap());
    let sent: Vec<_> = sent.collect();
    assert_eq!(sent[..4], ["Bearer one", "Bearer one", "Bearer one", "Bearer two"]);
    assert!(sent[4..].iter().all(|sent| *sent == "Bearer two"), "{sent:?}");
}

#[tokio::test]
async fn more_pages_than_are_allowed_are_an_error_that_names_the_limit() {
    let server = Server::start().await;
    serve(&server, "a1 | b1 | c1");
    let paging = Paging::link_header().limit(3);
    let mut source = source::<Item>(list(server.url("/v")).pages(paging));
    assert_eq!(poll(&mut source).await, "+a1+b1+c1");
    serve(&server, "a1 | b1 | c2 | d1");
    for _ in 0..3 {
        let asked = server.requests().len();
        assert!(fails(&mut source).await.contains("more pages than `pages.limit`, 3"));
        assert_eq!(server.requests().len() - asked, 3, "and no more is asked for");
    }
    serve(&server, "a1 | c2");
    assert_eq!(poll(&mut source).await, "-b1~c2");
}

#[tokio::test]
async fn pages_without_an_end_are_left_at_the_limit() {
    let server = Server::start().await;
    server.set(
        "/v",
        Reply::with(|request| {
            let n: u32 = request.query().and_then(|query| query[2..].parse().ok()).unwrap_or(0);
            page_before(&format!("/v?p={}", n + 1), "")
        }),
    );
    let mut source = source::<Item>(linked(server.url("/v")));
    assert!(fails(&mut source).await.contains("more pages than `pages.limit`, 1000"));
    assert_eq!(server.requests().len(), 1000);
}

#[tokio::test]
async fn a_key_on_two_pages_is_walked_again_once() {
    let server = Server::start().await;
    serve(&server, "a1 b1 | c1");
    let mut source = source::<Item>(linked(server.url("/v")));
    assert_eq!(poll(&mut source).await, "+a1+b1+c1");
    // Once: a list that moved.
    serve(&server, "a1 b1 | c2");
    server.queue("/v?page=2", [page("b1 c1")]);
    let asked = server.requests().len();
    assert_eq!(poll(&mut source).await, "~c2");
    assert_eq!(server.requests().len() - asked, 4);
    // Always: a bad item, which is no reason to walk twice for ever.
    serve(&server, "a1 b1 | b2 c3");
    for (requests, events) in [(4, "~c3"), (2, "."), (2, ".")] {
        let asked = server.requests().len();
        assert_eq!(poll(&mut source).await, events);
        assert_eq!(server.requests().len() - asked, requests);
        let report = source.report();
        assert_eq!((report.bad_items, report.bad_items_seen), (1, 1));
        let last = report.last_bad_item.unwrap();
        assert!(last.contains("item `b`: several items, at 1 and 2, have this key"), "{last}");
    }
    // Rows that are the same are one item.
    serve(&server, "a1 x1 | x1 c3");
    assert_eq!(poll(&mut source).await, "-b1+x1");
    assert_eq!(source.report().bad_items, 0);
    serve(&server, "a1 | x1 c3");
    assert_eq!(poll(&mut source).await, ".");
    serve(&server, "a1 | c3");
    assert_eq!(poll(&mut source).await, "-x1");
}

/// A server that does not know the parameter gives the first page for ever.
#[tokio::test]
async fn a_server_that_knows_no_pages_is_told_from_one_that_does() {
    let server = Server::start().await;
    server.set("/v", page("a1 b1"));
    for paging in [Paging::number("page"), Paging::offset("offset")] {
        let mut source = source::<Item>(list(server.url("/v")).pages(paging));
        let message = fails(&mut source).await;
        assert!(message.contains("the same as the one before it"), "{message}");
    }
    assert_eq!(server.requests().len(), 8, "two pages, walked twice, by each");
}

#[tokio::test]
async fn a_404_behind_the_last_counted_page_is_an_error_with_a_way_out() {
    let ways = [(Paging::number("at"), "at=1", "at=2"), (Paging::offset("at"), "at=0", "at=1")];
    for (paging, first, second) in ways {
        let server = Server::start().await;
        server.set(&format!("/v?{first}"), page("a1"));
        server.set(&format!("/v?{second}"), Reply::status(404));
        let message = fails(&mut source::<Item>(list(server.url("/v")).pages(paging))).await;
        assert!(message.contains("the server answered 404, where"), "{message}");
        assert!(message.contains("`cursor`, `link_header`"), "{message}");
    }
}
