//! Conditional requests, on the wire. See also `events`, `redirect` and `token`.

use koprs_external::http::HttpPoller;
use koprs_external::spec::Paging;
use koprs_external_tests::{Reply, Server};

use super::stage::{Look, Stage, declare, poll, source, value, word};

#[tokio::test]
async fn a_304_over_nothing_is_an_error_and_the_poll_after_it_works() {
    for mut stage in Stage::both().await {
        let surprise = Reply::status(304).etag("\"v9\"");
        let words = stage.plays([surprise, value(1), value(1)]).await;
        assert_eq!(words, "!304 +1 .", "{}", stage.kind);
        assert_eq!(stage.validator(1), None, "{}", stage.kind);
    }
}

#[tokio::test]
async fn a_304_from_where_nothing_came_from_drops_the_validators() {
    let server = Server::start().await;
    server.queue("/v", [Reply::redirect(302, "/there"), Reply::status(304)]);
    server.queue("/v", [Reply::redirect(302, "/there"), Reply::redirect(302, "/there")]);
    server.set("/there", value(1));
    let mut source = source::<u32>(declare(server.url("/v")));
    let mut words = Vec::new();
    for _ in 0..4 {
        words.push(poll(&mut source).await);
    }
    assert_eq!(words, ["+1", "!304", ".", "."]);
    let there = server.requests();
    let there = there.iter().filter(|request| request.path() == "/there");
    let asked: Vec<_> = there.map(|request| request.header("if-none-match")).collect();
    assert_eq!(asked, [None, None, Some("\"v1\"")]);
}

#[tokio::test]
async fn a_304_may_renew_the_etag() {
    for mut stage in Stage::both().await {
        let renewed = Reply::status(304).etag("W/\"v1\"");
        assert_eq!(stage.plays([value(1), renewed, value(2)]).await, "+1 . ~2", "{}", stage.kind);
        assert_eq!(stage.validator(2).as_deref(), Some("W/\"v1\""), "{}", stage.kind);
    }
}

#[tokio::test]
async fn validators_are_sent_back_as_they_came() {
    for etag in ["\"v1\"", "W/\"v1\"", "w/\"v1\"", "unquoted", "\"a,b\""] {
        for mut stage in Stage::both().await {
            let words = stage.plays([value(1).etag(etag), value(1).etag(etag)]).await;
            assert_eq!(words, "+1 .", "{etag}, {}", stage.kind);
            assert_eq!(stage.validator(1).as_deref(), Some(etag), "{}", stage.kind);
        }
    }
}

#[tokio::test]
async fn an_answer_without_validators_takes_back_those_of_before() {
    for mut stage in Stage::both().await {
        let words = stage.plays([value(1), Reply::json("2"), Reply::json("3")]).await;
        assert_eq!(words, "+1 ~2 ~3", "{}", stage.kind);
        assert_eq!(stage.validator(1).as_deref(), Some("\"v1\""), "{}", stage.kind);
        assert_eq!(stage.validator(2), None, "{}", stage.kind);
    }
}

#[tokio::test]
async fn two_pollers_of_one_url_have_validators_of_their_own() {
    let server = Server::start().await;
    let by_language = |request: &koprs_external_tests::Recorded| {
        let n = if request.header("accept-language") == Some("fy") { 1 } else { 2 };
        Reply::json(n.to_string()).etag(&format!("\"v{n}\"")).header("vary", "accept-language")
    };
    server.set("/v", Reply::with(by_language));
    let mut one = HttpPoller::new(server.url("/v")).with_header("accept-language", "fy");
    let mut other = HttpPoller::new(server.url("/v"));
    assert_eq!((poll(&mut one).await, poll(&mut other).await), ("+1".into(), "+2".into()));
    assert_eq!((poll(&mut one).await, poll(&mut other).await), (".".into(), ".".into()));
    let requests = server.requests();
    let asked: Vec<_> = requests.iter().map(|request| request.header("if-none-match")).collect();
    assert_eq!(asked, [None, None, Some("\"v1\""), Some("\"v2\"")]);
}

#[tokio::test]
async fn a_request_says_what_it_wants_and_who_asks() {
    for mut stage in Stage::both().await {
        stage.sees(value(1)).await;
        let request = stage.server.request(0).await;
        assert_eq!(request.method, "GET");
        assert!(request.header("user-agent").unwrap().starts_with("koprs-external/"));
        let accept = request.header("accept").unwrap();
        match stage.kind {
            "bare" => assert_eq!(accept, "*/*"),
            _ => assert!(accept.starts_with("application/json"), "{accept}"),
        }
    }
}

#[tokio::test]
async fn headers_and_query_are_sent_as_they_were_given() {
    let server = Server::start().await;
    server.set("/v", value(1));
    let declaration = declare(server.url("/v?a=1"))
        .query("q", "a b&c=d")
        .header("accept", "application/vnd.x+json")
        .header("x-team", "one")
        .header("x-team", "two");
    assert_eq!(poll(&mut source::<u32>(declaration)).await, "+1");
    let request = server.request(0).await;
    assert_eq!(request.query(), Some("a=1&q=a+b%26c%3Dd"));
    assert_eq!(request.headers.get_all("accept").iter().count(), 1);
    assert_eq!(request.header("accept"), Some("application/vnd.x+json"));
    let teams: Vec<_> = request.headers.get_all("x-team").iter().collect();
    assert_eq!(teams, ["one", "two"]);
}

#[tokio::test]
async fn the_last_bearer_token_is_the_one_that_is_sent() {
    let server = Server::start().await;
    server.set("/v", value(1));
    let poller = HttpPoller::new(server.url("/v"));
    let mut poller = poller.with_header("Authorization", "Basic eA==").with_bearer_token("a");
    poller = poller.with_bearer_token("b");
    assert_eq!(poll(&mut poller).await, "+1");
    let request = server.request(0).await;
    let sent: Vec<_> = request.headers.get_all("authorization").iter().collect();
    assert_eq!(sent, ["Bearer b"]);
}

#[tokio::test]
async fn a_304_with_another_entity_tag_hides_no_change() {
    for mut stage in Stage::both().await {
        // The server compares with v1, and writes its headers when v2 is in place.
        let late = Reply::status(304).etag("\"v2\"");
        assert_eq!(stage.plays([value(1), late, value(2)]).await, "+1 . ~2", "{}", stage.kind);
        assert_eq!(stage.validator(2).as_deref(), Some("\"v1\""), "{}", stage.kind);
    }
}

#[tokio::test]
async fn a_304_that_a_client_was_led_to_elsewhere_says_nothing_of_the_value() {
    let server = Server::start().await;
    server.set("/v", value(1));
    let mut poller = HttpPoller::new(server.url("/v")).with_client(koprs_external_tests::client());
    let mut words = vec![poll(&mut poller).await];
    server.set("/v", Reply::redirect(302, "/new"));
    server.set("/new", Reply::json("2").etag("\"v1\""));
    for _ in 0..3 {
        words.push(poll(&mut poller).await);
    }
    assert_eq!(words, ["+1", "!304", "~2", "."]);
}

#[tokio::test]
async fn an_older_file_put_back_in_place_is_seen_within_ten_polls() {
    // Servers answer 304 to a date that is later than theirs (RFC 9110 §13.1.3).
    let file = |content: &'static str, modified: &'static str| {
        Reply::with(move |request| match request.header("if-modified-since") {
            Some(since) if since >= modified => Reply::status(304),
            _ => Reply::json(content)
                .last_modified(modified)
                .header("date", "Mon, 07 Nov 1994 08:00:00 GMT"),
        })
    };
    for mut stage in Stage::both().await {
        stage.sees(file("1", "Sun, 06 Nov 1994 08:49:37 GMT")).await;
        let older = file("2", "Sun, 06 Nov 1994 08:00:00 GMT");
        let words = stage.plays(vec![older; 10]).await;
        assert_eq!(words, ". . . . . . . . . ~2", "{}", stage.kind);
    }
}

#[tokio::test]
async fn an_entity_tag_that_any_content_matches_is_none() {
    for tag in ["*", "\"\"", "W/\"\""] {
        let content = |n: &'static str| {
            Reply::with(move |request| match request.header("if-none-match") {
                Some(known) if known == tag => Reply::status(304),
                _ => Reply::json(n).etag(tag),
            })
        };
        for mut stage in Stage::both().await {
            let words = stage.plays([content("1"), content("2")]).await;
            assert_eq!(words, "+1 ~2", "{tag}, {}", stage.kind);
        }
    }
}

#[tokio::test]
async fn without_a_date_last_modified_is_a_validator_all_the_same() {
    const AT: &str = "Mon, 01 Jan 2024 00:00:00 GMT";
    let file = || {
        Reply::with(|request| match request.header("if-modified-since") {
            Some(AT) => Reply::status(304).last_modified(AT),
            _ => Reply::json("1").last_modified(AT),
        })
    };
    for mut stage in Stage::both().await {
        assert_eq!(stage.plays([file(), file(), file()]).await, "+1 . .", "{}", stage.kind);
        let requests = stage.server.requests();
        let asked: Vec<_> =
            requests.iter().map(|request| request.header("if-modified-since")).collect();
        assert_eq!(asked, [None, Some(AT), Some(AT)], "{}", stage.kind);
    }
}

#[tokio::test]
async fn validators_belong_to_the_headers_that_they_were_given_for() {
    let server = Server::start().await;
    server.set(
        "/v",
        Reply::with(|request| {
            let second = request.header("authorization") == Some("Bearer two");
            Reply::json(if second { "2" } else { "1" }).etag("\"same\"")
        }),
    );
    let mut poller = HttpPoller::new(server.url("/v")).with_bearer_token("one");
    assert_eq!(poll(&mut poller).await, "+1");
    assert_eq!(poll(&mut poller.with_bearer_token("two")).await, "~2");
}

#[tokio::test]
async fn userinfo_is_no_other_resource() {
    let server = Server::start().await;
    server.set("/v", value(1));
    let url = server.url("/v").replace("http://", "http://user:s3cr3t@");
    let mut sources: [Box<dyn Look>; 2] =
        [Box::new(HttpPoller::new(&url)), Box::new(source::<u32>(declare(&url)))];
    for source in &mut sources {
        for expected in ["+1", "."] {
            assert_eq!(word(&source.look().await), expected);
        }
        assert_eq!(server.requests().last().unwrap().header("if-none-match"), Some("\"v1\""));
        server.queue("/v", [Reply::status(500)]);
        let error = source.look().await.unwrap_err().to_string();
        assert!(!error.contains("redirected"), "{error}");
    }
}

#[tokio::test]
async fn another_client_asks_in_full() {
    let server = Server::start().await;
    server.set("/v", value(1));
    let mut poller = HttpPoller::new(server.url("/v"));
    assert_eq!(poll(&mut poller).await, "+1");
    assert_eq!(poll(&mut poller.with_client(koprs_external_tests::client())).await, ".");
    assert_eq!(server.requests()[1].header("if-none-match"), None);
}

#[tokio::test]
async fn a_304_that_leads_to_another_page_is_asked_for_in_full() {
    let server = Server::start().await;
    let first = |link: &'static str| {
        Reply::with(move |request| {
            let reply = match request.header("if-none-match") {
                Some(_) => Reply::status(304),
                None => Reply::json(r#"{"1":1}"#).etag("\"first\""),
            };
            if link.is_empty() { reply } else { reply.header("link", link) }
        })
    };
    server.set("/1", first(""));
    server.set("/2", Reply::json(r#"{"2":2}"#).etag("\"second\""));
    let declaration = declare(server.url("/1")).items("").pages(Paging::link_header());
    let mut list = source::<u32>(declaration);
    let mut words = vec![poll(&mut list).await, poll(&mut list).await];
    // Behind a page that is full begins another one.
    server.set("/1", first("</2>; rel=next"));
    words.extend([poll(&mut list).await, poll(&mut list).await]);
    assert_eq!(words, ["+1", ".", "+2", "."]);
    let asked: Vec<_> = server.requests().iter().map(|it| it.path().to_owned()).collect();
    // A last page that may be full is asked for in full.
    assert_eq!(asked, ["/1", "/1", "/1", "/2", "/1", "/2"]);
    // A 304 without a word of links says nothing of them.
    server.set("/1", Reply::status(304));
    assert_eq!(poll(&mut list).await, ".");
    // The page is no longer the last but one.
    server.set("/1", first("</0>; rel=prev"));
    assert_eq!(poll(&mut list).await, "-2");
    assert_eq!(poll(&mut list).await, ".");
}
