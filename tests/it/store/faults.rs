//! What the server of a bucket may do wrong: nothing is lost by it, nothing wrongly removed.

use std::time::{Duration, SystemTime};

use futures::poll;
use koprs_external::watcher::ExternalSource;
use koprs_external_tests::Reply;
use koprs_external_tests::s3::{Listing, Op, S3, error, nothing};
use koprs_external_tests::store::{Order, Parameter, Tokens};

use super::stage::{Eyes, Stage, observe};
use super::stages::Scripted;

const KEYS: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
const ADDED: &str = "+a +b +c +d +e +f +g +h +i +j +k +l";
const CHANGED: &str = "-a ~b -l +m";

/// Four pages.
const PAGES: Listing = Listing::pages_of(3);

async fn bucket() -> (Scripted, Eyes) {
    let stage = Scripted::start().await;
    stage.s3.lists(PAGES);
    stage.put_all(&KEYS).await;
    let mut eyes = Eyes::on(&stage);
    eyes.see(ADDED).await;
    (stage, eyes)
}

/// Changes of each kind, at the beginning and the end.
fn change(s3: &S3) {
    s3.delete("a");
    s3.put("b", "22");
    s3.delete("l");
    s3.put("m", "1");
}

type Spoil = fn(Reply) -> Reply;

/// What a page may be answered with, in place of what it is.
fn failures() -> Vec<(&'static str, Spoil)> {
    vec![
        ("an internal error", |_| error(500, "InternalError")),
        ("an overload", |_| error(503, "SlowDown")),
        ("an expired token", |_| error(403, "ExpiredToken")),
        ("no access", |_| error(403, "AccessDenied")),
        ("no bucket", |_| error(404, "NoSuchBucket")),
        ("a reset", |_| Reply::reset()),
        ("closed without an answer", |_| Reply::close()),
        ("closed in the page", |page| page.truncate(150)),
        ("a reset in the page", |page| page.reset_after(150)),
        ("garbage", |_| Reply::garbage("\x01\x02\x03")),
    ]
}

/// Answers that say that they are well and are no page: a client that reads no more than it needs takes
/// them for the end of the listing.
fn impostors() -> Vec<(&'static str, Spoil)> {
    vec![
        ("an error that says that all is well", |_| error(200, "InternalError")),
        ("a page that ends early, and is well with it", |page| page.truncate(150).no_length()),
        ("no page", |_| Reply::bytes("application/xml", "")),
        ("a page of another kind", |_| Reply::bytes("text/html", "<html>Sign in</html>")),
    ]
}

#[tokio::test]
async fn a_page_that_fails_loses_nothing_and_removes_nothing() {
    all_are_survived(failures()).await;
}

#[tokio::test]
async fn an_answer_that_is_no_page_is_not_the_end_of_the_listing() {
    for (failure, spoil) in impostors() {
        for page in [0, 1, 3] {
            println!("{failure}, from page {page} on");
            is_survived(page, usize::MAX, spoil).await;
        }
    }
}

/// One page that is none is found out by asking for what it does not show: the listing is made again.
#[tokio::test]
async fn a_single_answer_that_is_no_page_costs_a_listing() {
    for (impostor, spoil) in impostors() {
        for page in [0, 1, 3] {
            println!("{impostor}, page {page}");
            let (stage, mut eyes) = bucket().await;
            for _ in 0..3 {
                stage.s3.spoil(Op::List, page..=page, spoil);
                eyes.watch(|_, observed| assert!(observed.events.is_empty(), "{observed:?}")).await;
                stage.s3.heal();
            }
            change(&stage.s3);
            eyes.see(CHANGED).await;
        }
    }
}

async fn all_are_survived(failures: Vec<(&str, Spoil)>) {
    for (failure, spoil) in failures {
        // The first page, one in the middle, the last one.
        for page in [0, 1, 3] {
            println!("{failure}, page {page}");
            is_survived(page, page, spoil).await;
        }
    }
}

async fn is_survived(first: usize, last: usize, spoil: Spoil) {
    let (stage, _) = bucket().await;
    for poller in stage.pollers() {
        let mut eyes = Eyes::of(poller);
        put_back(&stage.s3);
        eyes.see(ADDED).await;
        for changed in [false, true] {
            if changed {
                change(&stage.s3);
            }
            for _ in 0..4 {
                stage.s3.spoil(Op::List, first..=last, spoil);
                eyes.fail().await;
                stage.s3.heal();
            }
            eyes.see(if changed { CHANGED } else { "." }).await;
        }
        eyes.see(".").await;
    }
}

fn put_back(s3: &S3) {
    s3.delete("m");
    for key in KEYS {
        s3.put(key, "1");
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_no_empty_bucket() {
    let (stage, mut eyes) = bucket().await;
    for spoil in [|_| Reply::reset(), |_| error(503, "SlowDown")] {
        stage.s3.spoil(Op::List, .., spoil);
        for _ in 0..5 {
            eyes.fail().await;
        }
        stage.s3.heal();
        eyes.see(".").await;
    }
    change(&stage.s3);
    eyes.see(CHANGED).await;
}

#[tokio::test]
async fn a_listing_that_does_not_show_what_is_there_fails() {
    let (stage, mut eyes) = bucket().await;
    for _ in 0..4 {
        stage.s3.spoil(Op::List, .., |_| nothing());
        eyes.fail().await;
        stage.s3.heal();
    }
    eyes.see(".").await;
    change(&stage.s3);
    stage.s3.spoil(Op::List, .., |_| nothing());
    eyes.fail().await;
    stage.s3.heal();
    eyes.see(CHANGED).await;
    eyes.see(".").await;
}

/// Listings that are right, though not as S3 makes them.
#[tokio::test]
async fn the_order_of_pages_repeated_keys_and_an_ignored_start_change_nothing() {
    let ignored = Listing { start_after: Parameter::Ignored, ..PAGES };
    for listing in [
        PAGES.in_order(Order::Shuffled(1)),
        PAGES.in_order(Order::Shuffled(2)),
        PAGES.with_tokens(Tokens::RepeatsLast),
        ignored,
        ignored.in_order(Order::Shuffled(3)).with_tokens(Tokens::RepeatsLast),
    ] {
        println!("{listing:?}");
        let (stage, mut eyes) = bucket().await;
        stage.s3.lists(listing);
        eyes.see(".").await;
        change(&stage.s3);
        eyes.see(CHANGED).await;
        eyes.see(".").await;
        Eyes::on(&stage).see("+b +c +d +e +f +g +h +i +j +k +m").await;
        stage.s3.lists(PAGES);
        eyes.see(".").await;
    }
}

#[tokio::test]
async fn writes_between_two_pages_are_told_now_or_by_the_next_listing() {
    for page in 0..4 {
        let (stage, _) = bucket().await;
        for mut poller in stage.pollers() {
            put_back(&stage.s3);
            assert_eq!(observe(&mut poller).await.words(), ADDED);
            let s3 = stage.s3.clone();
            stage.s3.spoil(Op::List, page..=page, move |reply| {
                change(&s3);
                reply
            });
            let mut observed = observe(&mut poller).await;
            stage.s3.heal();
            observed.events.extend(observe(&mut poller).await.events);
            assert_eq!(observed.words(), CHANGED, "page {page}, {}", poller.name());
            assert_eq!(observe(&mut poller).await.words(), ".");
        }
    }
}

#[tokio::test]
async fn a_poll_that_is_dropped_in_a_page_that_does_not_come_loses_nothing() {
    for page in [0, 1, 3] {
        let (stage, _) = bucket().await;
        for mut poller in stage.pollers() {
            put_back(&stage.s3);
            assert_eq!(observe(&mut poller).await.words(), ADDED);
            change(&stage.s3);
            stage.s3.spoil(Op::List, page..=page, |_| Reply::stall());
            let asked = stage.s3.asked().len() + page + 1;
            let mut told = Vec::new();
            loop {
                let mut polled = std::pin::pin!(poller.poll());
                tokio::select! {
                    biased;
                    () = stage.s3.wait_for(asked) => {
                        // The stalled page is asked for: what it waits for does not come.
                        assert!(poll!(&mut polled).is_pending());
                        break;
                    }
                    polled = &mut polled => told.extend(polled.unwrap()),
                }
            }
            stage.s3.heal();
            let mut observed = observe(&mut poller).await;
            observed.events.extend(told);
            assert_eq!(observed.words(), CHANGED, "page {page}, {}", poller.name());
        }
    }
}

#[tokio::test]
async fn a_slow_page_is_waited_for() {
    let (stage, mut eyes) = bucket().await;
    change(&stage.s3);
    stage.s3.spoil(Op::List, .., |page| page.slow(100, Duration::from_millis(1)));
    eyes.see(CHANGED).await;
}

#[tokio::test]
async fn an_etag_alone_decides_where_there_is_one() {
    let (stage, mut eyes) = bucket().await;
    let (long_ago, etag) = (SystemTime::UNIX_EPOCH, "\"other\"");
    stage.s3.touch("c", etag, long_ago);
    eyes.see("~c").await;
    stage.s3.touch("c", etag, long_ago + Duration::from_secs(7));
    eyes.see(".").await;
}

/// What the consoles of S3 make for a directory.
#[tokio::test]
async fn the_marker_of_the_prefix_is_no_object() {
    let stage = Scripted::start().await;
    stage.s3.put("data/", "");
    stage.put("data/a", "1").await;
    let mut eyes = Eyes::made(&stage, |poller| poller.with_prefix("data"));
    eyes.see("+data/a").await;
    stage.s3.delete("data/");
    eyes.see(".").await;
    stage.s3.put("data/", "");
    stage.delete("data/a").await;
    eyes.see("-data/a").await;
}
