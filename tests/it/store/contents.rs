//! What the objects hold: fetched when it is new or changed, and only as it was listed.

use std::fmt::Display;

use futures::FutureExt;
use koprs_external::spec::Format;
use koprs_external::store::{Object, ObjectStorePoller};
use koprs_external::watcher::{ExternalEvent, ExternalSource, Pace};
use koprs_external_tests::Reply;
use koprs_external_tests::s3::{Asked, Op, error};

use super::faulty::{Fault, Faulty, Lost};
use super::stage::Stage;
use super::stages::Scripted;

/// `+a=1 ~b=2 -c=3`, by path, and a `!` at the end for a failure.
async fn see<S>(source: &mut S) -> String
where
    S: ExternalSource<Item = Object<u32>>,
{
    let mut events = Vec::new();
    let mut failed = "";
    for _ in 0..1000 {
        match source.poll().await {
            Ok(told) => events.extend(told),
            Err(_) => {
                failed = "!";
                break;
            }
        }
        if source.pace() != Pace::Now {
            break;
        }
    }
    events.sort_by(|a, b| a.value().path.cmp(&b.value().path));
    let words = events.into_iter().map(|event| word(event.map(shown)));
    let words = words.chain((!failed.is_empty()).then(|| failed.to_owned()));
    let words: Vec<_> = words.collect();
    if words.is_empty() { ".".to_owned() } else { words.join(" ") }
}

fn shown(object: Object<u32>) -> String {
    assert_eq!(object.size, object.value.to_string().len() as u64, "{}", object.path);
    format!("{}={}", object.path, object.value)
}

fn word<T: Display>(event: ExternalEvent<T>) -> String {
    event.to_string().replacen(' ', "", 1)
}

fn on(store: &Faulty) -> impl ExternalSource<Item = Object<u32>> {
    ObjectStorePoller::new(store.store()).contents::<u32>()
}

async fn two() -> Faulty {
    let store = Faulty::start().await;
    store.put("a", "1").await;
    store.put("b", "2").await;
    store
}

#[tokio::test]
async fn only_what_is_new_or_changed_is_fetched_and_by_its_etag() {
    let stage = Scripted::start().await;
    stage.put("a", "1").await;
    stage.put("b", "2").await;
    for poller in stage.pollers() {
        let mut source = poller.contents::<u32>().with_concurrency(1);
        let before = stage.s3.count(Op::Get);
        assert_eq!(see(&mut source).await, "+a=1 +b=2");
        assert_eq!(see(&mut source).await, ".");
        assert_eq!(stage.s3.count(Op::Get) - before, 2);
        stage.put("b", "33").await;
        assert_eq!(see(&mut source).await, "~b=33");
        let asked = stage.s3.asked();
        let gets = asked.iter().filter_map(|asked| match asked {
            Asked::Get(get) => Some(get),
            _ => None,
        });
        let gets: Vec<_> = gets.skip(before).collect();
        assert_eq!(gets.len(), 3);
        assert!(gets.iter().all(|get| get.if_match.is_some()), "{gets:?}");
        stage.delete("b").await;
        assert_eq!(see(&mut source).await, "-b=33");
        stage.put("b", "2").await;
    }
}

#[tokio::test]
async fn an_object_that_cannot_be_had_is_told_when_it_can() {
    for lost in [Lost::Generic, Lost::Precondition, Lost::NotFound, Lost::Short(0)] {
        println!("{lost:?}");
        let store = two().await;
        let mut source = on(&store);
        assert_eq!(see(&mut source).await, "+a=1 +b=2");
        store.put("b", "33").await;
        store.put("c", "4").await;
        store.lost(Some(lost));
        for _ in 0..4 {
            let seen = see(&mut source).await;
            assert!(matches!(seen.as_str(), "." | "!"), "{seen}");
        }
        store.lost(None);
        assert_eq!(see(&mut source).await, "~b=33 +c=4");
        assert_eq!(see(&mut source).await, ".");
        store.delete("a").await;
        assert_eq!(see(&mut source).await, "-a=1");
    }
}

#[tokio::test]
async fn an_object_that_is_written_between_listing_and_fetch_is_told_as_it_is_then() {
    let stage = Scripted::start().await;
    stage.put("a", "1").await;
    for poller in stage.pollers() {
        stage.put("a", "1").await;
        let mut source = poller.contents::<u32>();
        assert_eq!(see(&mut source).await, "+a=1");
        stage.put("a", "22").await;
        let s3 = stage.s3.clone();
        stage.s3.spoil(Op::List, ..1, move |page| {
            s3.put("a", "33");
            page
        });
        let seen = see(&mut source).await;
        stage.s3.heal();
        // The listing is of the one, the bucket holds the other: never one with the metadata of the other.
        assert!(matches!(seen.as_str(), "." | "!" | "~a=33"), "{seen}");
        let then = if seen == "~a=33" { "." } else { "~a=33" };
        assert_eq!(see(&mut source).await, then);
    }
}

#[tokio::test]
async fn an_object_that_is_deleted_between_listing_and_fetch_is_no_event_of_its_own() {
    let stage = Scripted::start().await;
    for poller in stage.pollers() {
        stage.put("a", "1").await;
        let mut source = poller.contents::<u32>();
        assert_eq!(see(&mut source).await, "+a=1");
        stage.put("b", "2").await;
        let s3 = stage.s3.clone();
        stage.s3.spoil(Op::List, ..1, move |page| {
            s3.delete("b");
            page
        });
        let seen = see(&mut source).await;
        stage.s3.heal();
        assert!(matches!(seen.as_str(), "." | "!"), "{seen}");
        assert_eq!(see(&mut source).await, ".");
    }
}

#[tokio::test]
async fn no_fault_of_a_body_is_taken_for_a_value() {
    type Spoil = fn(Reply) -> Reply;
    let failures: [(&str, Spoil); 5] = [
        ("an overload", |_| error(503, "SlowDown")),
        ("a reset", |_| Reply::reset()),
        ("closed in the body", |body| body.truncate(2)),
        ("a reset in the body", |body| body.reset_after(2)),
        ("a body that ends early, and is well with it", |body| body.truncate(2).no_length()),
    ];
    for (failure, spoil) in failures {
        let stage = Scripted::start().await;
        for poller in stage.pollers() {
            println!("{failure}, {}", poller.name());
            stage.put("a", "1").await;
            let mut source = poller.contents::<u32>();
            assert_eq!(see(&mut source).await, "+a=1");
            stage.put("a", "12345").await;
            stage.s3.spoil(Op::Get, .., spoil);
            for _ in 0..3 {
                let seen = see(&mut source).await;
                assert!(matches!(seen.as_str(), "." | "!"), "{seen}");
            }
            stage.s3.heal();
            assert_eq!(see(&mut source).await, "~a=12345");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_a_bad_item_and_holds_up_nobody() {
    let store = two().await;
    let mut source = on(&store);
    assert_eq!(see(&mut source).await, "+a=1 +b=2");
    store.put("b", "not a number").await;
    store.put("c", "3").await;
    assert_eq!(see(&mut source).await, "+c=3");
    let report = source.report();
    assert_eq!(report.bad_items, 1);
    assert!(report.last_bad_item.is_some_and(|it| it.contains('b')));
    store.put("b", "4").await;
    assert_eq!(see(&mut source).await, "~b=4");
    assert_eq!(source.report().bad_items, 0);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_a_bad_item() {
    let store = two().await;
    let poller = ObjectStorePoller::new(store.store());
    let mut source = poller.contents::<u32>().with_body_limit(3);
    assert_eq!(see(&mut source).await, "+a=1 +b=2");
    store.put("b", "1234").await;
    assert_eq!(see(&mut source).await, ".");
    assert_eq!(source.report().bad_items, 1);
    store.put("b", "123").await;
    assert_eq!(see(&mut source).await, "~b=123");
}

#[tokio::test]
async fn a_listing_that_fails_removes_no_content() {
    let store = two().await;
    let mut source = on(&store);
    assert_eq!(see(&mut source).await, "+a=1 +b=2");
    store.faults([Fault::FailAt(1)]);
    for _ in 0..4 {
        assert_eq!(see(&mut source).await, "!");
    }
    store.faults([]);
    store.delete("b").await;
    assert_eq!(see(&mut source).await, "-b=2");
}

#[tokio::test]
async fn a_poll_that_is_dropped_while_an_object_does_not_come_loses_nothing() {
    let store = two().await;
    let mut source = on(&store);
    assert_eq!(see(&mut source).await, "+a=1 +b=2");
    store.put("b", "33").await;
    store.lost(Some(Lost::Stall));
    assert!(see(&mut source).now_or_never().is_none());
    store.lost(None);
    assert_eq!(see(&mut source).await, "~b=33");
}

/// A file that is written anew is empty for a moment.
#[tokio::test]
async fn an_object_without_content_is_a_bad_item_and_keeps_its_value() {
    let store = Faulty::start().await;
    let mut source = ObjectStorePoller::new(store.store()).contents::<Option<u32>>();
    let objects = [("a.json", "1"), ("a.yaml", "1")];
    for (path, body) in objects {
        store.put(path, body).await;
    }
    assert_eq!(source.poll().await.unwrap().len(), 2);
    let emptied =
        [("", ""), (" \n", " \n"), ("\u{feff}", "\u{feff}"), ("", "# 1\n"), ("\t", "---\n")];
    for (json, yaml) in emptied {
        store.put("a.json", json).await;
        store.put("a.yaml", yaml).await;
        assert_eq!(source.poll().await.unwrap(), [], "{yaml:?}");
        assert_eq!(source.report().bad_items, 2, "{yaml:?}");
    }
    for (path, _) in objects {
        store.put(path, "2").await;
    }
    let events = source.poll().await.unwrap();
    assert!(
        matches!(&events[..], [ExternalEvent::Modified(_), ExternalEvent::Modified(_)]),
        "{events:?}"
    );
    assert_eq!(source.report().bad_items, 0);
}

/// As a proxy in front of a store answers, with 200.
#[tokio::test]
async fn a_login_page_in_the_place_of_a_text_is_a_bad_object_until_the_object_is_served_again() {
    let store = Faulty::start().await;
    store.put("a", "one").await;
    store.put("b", "two").await;
    let texts = ObjectStorePoller::new(store.store()).contents::<String>();
    let mut texts = texts.with_format(Format::Text);
    assert_eq!(texts.poll().await.unwrap().len(), 2);
    store.put("a", "three").await;
    store.lost(Some(Lost::Proxy("<!DOCTYPE html><form>log in</form>")));
    assert!(texts.poll().await.unwrap().is_empty());
    let report = texts.report();
    assert_eq!(report.bad_items, 1);
    let why = report.last_bad_item.unwrap();
    assert!(why.contains("`a`: the body is an HTML page"), "{why}");
    store.lost(None);
    let events = texts.poll().await.unwrap();
    let [ExternalEvent::Modified(a)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((a.path.as_str(), a.value.as_str()), ("a", "three"));
    assert_eq!(texts.report().bad_items, 0);
}

#[tokio::test]
async fn what_a_proxy_sends_in_the_place_of_an_object_is_not_all_that_is_read_of_it() {
    let store = two().await;
    let mut numbers = on(&store);
    assert_eq!(see(&mut numbers).await, "+a=1 +b=2");
    store.put("a", "3").await;
    store.lost(Some(Lost::Proxy("<html>log in</html>")));
    // Two reads, and a rest after each.
    for _ in 0..2 {
        assert_eq!(see(&mut numbers).await, ".");
        assert_eq!(numbers.report().bad_items, 1);
    }
    store.lost(None);
    assert_eq!(see(&mut numbers).await, ".", "it rests");
    assert_eq!(see(&mut numbers).await, "~a=3");
    assert_eq!(numbers.report().bad_items, 0);
}

#[tokio::test]
async fn a_text_that_becomes_a_page_is_followed_where_the_store_says_that_it_is_the_object() {
    let store = Faulty::start().await;
    store.put("a", "one").await;
    let texts = ObjectStorePoller::new(store.store()).contents::<String>();
    let mut texts = texts.with_format(Format::Text);
    assert_eq!(texts.poll().await.unwrap().len(), 1);
    store.put("a", "<html>two</html>").await;
    let events = texts.poll().await.unwrap();
    let [ExternalEvent::Modified(a)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(a.value, "<html>two</html>");
}
