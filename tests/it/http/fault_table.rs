//! The fault table: what servers do wrong, what polls come to meanwhile, and that nothing is lost and nothing wrongly
//! removed. Each row of `fault_rows` has seen a good state of its subject (`fault_subjects`), meets its fault for
//! several polls, and then a good state that has changed: exactly the events of that change follow.
//!
//! Other faults are tested beside their subject:
//!
//! | fault | where |
//! |---|---|
//! | a redirect to another origin, with each kind of credential | `redirect`, `credential`, `oauth2`, `tls` |
//! | a token file that is swapped by symlink, or half written | `token`, `credential` |
//! | a storm of 429 over the watchers of a host | `pace` |
//! | an expired certificate, a wrong CA | `tls` |
//! | a server that is down | `removal` |
//! | a failure that a retry survives | `retry` |
//! | a page of a walk, a walk that does not end | `fault_pages` |
//! | a list that moves while it is walked | `fault_moving` |
//! | bad items, many that vanish | `fault_items` |

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use koprs_external::http::{HttpPoller, reqwest};
use koprs_external_tests::{Reply, Server};

use super::fault_rows::{Answer, Row, rows};
use super::fault_subjects::{Place, Subject, TWELVE, a_list, a_value, page_three_of_seven};
use super::faults;
use super::shelf::{Item, at, each, list, page, serve};
use super::stage::{declare, poll, source, value};
use super::token::pass;

/// All rows that fail are shown.
#[tokio::test]
async fn no_behaviour_of_a_server_removes_anything_or_loses_a_change() {
    let mut failed = 0;
    for Row { name, answer, meets } in rows() {
        for (places, words) in *meets {
            for place in *places {
                let met = AssertUnwindSafe(meets_and_recovers(name, *answer, *place, words));
                failed += usize::from(met.catch_unwind().await.is_err());
            }
        }
    }
    assert_eq!(failed, 0, "rows failed");
}

async fn meets_and_recovers(name: &str, answer: Answer, place: Place, words: &str) {
    let mut watched = Subject::at(place).watched(name).await;
    watched.server.set("/loop", Reply::redirect(302, "/loop"));
    watched.breaks_with(answer);
    watched.meets(words).await;
    watched.recovers().await;
}

/// Those of a value are in `faults`.
#[tokio::test]
async fn a_fault_of_the_socket_loses_no_item_and_removes_none() {
    let elsewhere = Server::start().await;
    elsewhere.set("/503", Reply::status(503));
    // A 304 is over something here.
    let rows = faults::faults(&elsewhere).into_iter().filter(|row| row.0 != "a 304 over nothing");
    for (row, fault, kind, _) in rows {
        for subject in [a_list(), page_three_of_seven()] {
            let mut watched = subject.watched(row).await;
            watched.server.set("/there", Reply::redirect(307, "/there"));
            // A loop of the page itself would come back to the list.
            let loops = row == "a redirect loop";
            watched.breaks(if loops { Reply::redirect(307, "/there") } else { fault.clone() });
            for _ in 0..2 {
                let error = watched.source.look().await.unwrap_err();
                let koprs_external::ExternalError::Http(error) = error else { panic!("{error}") };
                assert_eq!(error.kind(), kind, "{}", watched.row);
            }
            watched.recovers().await;
        }
    }
}

#[tokio::test]
async fn a_stall_loses_nothing_and_removes_nothing() {
    let slow = |reply: Reply| reply.slow(1, Duration::from_secs(2));
    let stalls = [
        ("silence", Reply::stall()),
        ("silence in the body", page("a1 b1").stall_after(4)),
        ("a body that comes a byte each two seconds", slow(page("a1 b1"))),
        ("chunks that come a byte each two seconds", slow(page("a1 b1").chunked())),
    ];
    for (row, fault) in stalls {
        for subject in [a_value(), a_list(), page_three_of_seven()] {
            let mut watched = subject.watched(row).await;
            let requests = watched.requests();
            watched.breaks(fault.clone());
            for _ in 0..3 {
                watched.times_out(requests).await;
            }
            watched.recovers().await;
        }
    }
}

#[tokio::test]
async fn a_server_that_says_how_long_it_is_overloaded_is_not_asked_before() {
    for code in [429, 503] {
        for subject in [a_value(), a_list(), page_three_of_seven()] {
            let mut watched = subject.watched(&format!("{code} with Retry-After")).await;
            watched.breaks(Reply::status(code).header("retry-after", "30"));
            watched.comes_to(&format!("!{code}")).await;
            let asked = watched.server.requests().len();
            watched.comes_to("!throttled !throttled").await;
            assert_eq!(watched.server.requests().len(), asked, "{}", watched.row);
            pass(31).await;
            watched.recovers().await;
        }
    }
}

#[tokio::test]
async fn what_is_not_found_is_confirmed_before_it_is_gone() {
    let mut watched = a_value().watched("404").await;
    watched.breaks(Reply::status(404));
    watched.comes_to(". -1 . .").await;
    // A failure between them, and it begins anew.
    let mut watched = a_value().watched("404, 500, 404").await;
    for (code, word) in [(404, "."), (500, "!500"), (404, ".")] {
        watched.breaks(Reply::status(code));
        watched.comes_to(word).await;
    }
    watched.recovers().await;
}

#[tokio::test]
async fn a_list_that_is_not_found_is_confirmed_and_then_held() {
    let mut watched = a_list().watched("404").await;
    watched.breaks(Reply::status(404));
    watched.comes_to(". .").await;
    watched.recovers().await;

    let mut watched = a_list().watched("404 for good").await;
    watched.breaks(Reply::status(404));
    watched.comes_to(&format!(". . {} .", each('-', TWELVE))).await;
}

#[tokio::test]
async fn a_short_list_that_is_not_found_is_gone_when_that_is_confirmed() {
    let server = Server::start().await;
    serve(&server, "a1 b1");
    let mut source = source::<Item>(list(server.url("/v")));
    assert_eq!(poll(&mut source).await, "+a1+b1");
    server.set("/v", Reply::status(404));
    assert_eq!((poll(&mut source).await, poll(&mut source).await), (".".into(), "-a1-b1".into()));
}

#[tokio::test]
async fn what_is_gone_is_removed_at_once() {
    let removed = [(a_value(), "-1".to_owned()), (a_list(), each('-', TWELVE))];
    for (subject, removed) in removed {
        let mut watched = subject.watched("410").await;
        watched.breaks(Reply::status(410));
        watched.comes_to(&format!("{removed} . .")).await;
    }
}

#[tokio::test]
async fn a_page_that_is_not_there_is_no_list_that_is_not_there() {
    for code in [404, 410] {
        let mut watched = page_three_of_seven().watched(&code.to_string()).await;
        watched.breaks(Reply::status(code));
        watched.comes_to(&format!("!{code} !{code} !{code} !{code}")).await;
        watched.recovers().await;
    }
}

#[tokio::test]
async fn a_byte_order_mark_is_no_fault() {
    let mut watched = a_list().watched("a byte order mark").await;
    watched.breaks(Reply::json(format!("\u{feff}{}", super::shelf::array(TWELVE))));
    watched.comes_to(". .").await;
    watched.recovers().await;
}

#[tokio::test]
async fn a_name_that_does_not_resolve_any_more_loses_nothing() {
    /// Finds the host, or not.
    #[derive(Clone)]
    struct Names(Arc<std::sync::Mutex<Option<std::net::SocketAddr>>>);
    impl reqwest::dns::Resolve for Names {
        fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
            let known = *self.0.lock().unwrap();
            Box::pin(async move {
                let known = known.ok_or_else(|| std::io::Error::other("no such host"))?;
                Ok(Box::new(std::iter::once(known)) as reqwest::dns::Addrs)
            })
        }
    }
    let server = Server::start().await;
    let names = Names(Arc::new(Some(server.address()).into()));
    let client = koprs_external_tests::client_builder().dns_resolver(names.clone()).no_proxy();
    let url = format!("http://nothing.invalid:{}/v", server.address().port());
    let mut poller = HttpPoller::new(url).with_retries(0).with_client(client.build().unwrap());
    server.set("/v", value(1).close_after());
    assert_eq!(poll(&mut poller).await, "+1");
    *names.0.lock().unwrap() = None;
    server.set("/v", value(2));
    for _ in 0..3 {
        assert_eq!(poll(&mut poller).await, "!connect");
    }
    *names.0.lock().unwrap() = Some(server.address());
    assert_eq!((poll(&mut poller).await, poll(&mut poller).await), ("~2".into(), ".".into()));
}

#[tokio::test]
async fn a_server_that_takes_two_connections_and_no_more_is_never_asked_on_a_third() {
    let server = Server::start().await;
    server.fallback(Reply::with(
        |request| {
            if request.connection > 2 { Reply::stall() } else { value(1) }
        },
    ));
    let watcher = |n: u32| source::<u32>(declare(server.url(&format!("/{n}"))).max_in_flight(2));
    let mut watchers: Vec<_> = (0..20).map(watcher).collect();
    for expected in ["+1", "."] {
        let words = join_all(watchers.iter_mut().map(poll)).await;
        assert!(words.iter().all(|word| word == expected), "{words:?}");
    }
    assert!(server.connections() <= 2, "{} connections", server.connections());
}

/// A list as it looks to a server that has lost its data.
#[tokio::test]
async fn an_empty_list_of_many_is_held_and_ends_with_their_return() {
    let mut watched = a_list().watched("an empty list").await;
    watched.breaks(Reply::json("[]"));
    watched.comes_to(". .").await;
    watched.recovers().await;

    let mut watched = a_list().watched("an empty list for good").await;
    watched.breaks(Reply::json("[]"));
    watched.comes_to(&format!(". . {} .", each('-', TWELVE))).await;

    // What fails between them, and it begins anew.
    let mut watched = a_list().watched("an empty list with failures").await;
    for (fault, words) in [
        (Reply::json("[]"), ". ."),
        (Reply::status(500), "!500"),
        (Reply::json("[]"), ". ."),
        (Reply::reset(), "!interrupted"),
        (Reply::json("[]"), ". ."),
    ] {
        watched.breaks(fault);
        watched.comes_to(words).await;
    }
    watched.recovers().await;
}

/// The guard is of ten items and more (`hold_min`): below, an empty list is believed.
#[tokio::test]
async fn an_empty_list_of_fewer_than_ten_is_believed_at_once() {
    let server = Server::start().await;
    for (items, held) in
        [("a1 b1 c1 d1 e1 f1 g1 h1 i1", false), ("a1 b1 c1 d1 e1 f1 g1 h1 i1 j1", true)]
    {
        serve(&server, items);
        let mut source = source::<Item>(list(server.url("/v")));
        assert_eq!(poll(&mut source).await, each('+', items));
        server.set("/v", Reply::json("[]"));
        let expected = if held { ".".to_owned() } else { each('-', items) };
        assert_eq!(poll(&mut source).await, expected);
    }
}

/// A page that has lost its link ends the list where nobody said so.
#[tokio::test]
async fn a_walk_that_ends_too_soon_is_a_mass_removal_that_is_held() {
    for (row, cut) in [("no link", page("e1 f1")), ("an empty page without a link", page(""))] {
        let mut watched = page_three_of_seven().watched(row).await;
        watched.breaks(cut);
        watched.comes_to(". .").await;
        watched.recovers().await;
    }
    assert_eq!(at(1), "/v");
}
