//! Promise 14: what is known of a store, and what a poll holds, is bounded in bytes.

use koprs_external::error::ExternalError;
use koprs_external::store::{Object, ObjectStorePoller};
use koprs_external::watcher::{ExternalSource, Pace};
use serde_json::Value;

use super::faulty::{Fault, Faulty};
use super::stage::{Stage, observe};
use crate::memory::limit_of;

async fn keys(count: usize) -> Faulty {
    let store = Faulty::start().await;
    for n in 0..count {
        store.put(&format!("{n:0100}"), "1").await;
    }
    store
}

#[tokio::test]
async fn what_is_known_of_a_listing_is_bounded() {
    let store = keys(20).await;
    for (limit, fits) in [(20 * 1024, true), (1024, false)] {
        let mut poller = ObjectStorePoller::new(store.store()).with_memory_limit(limit);
        let error = observe(&mut poller).await.error;
        assert_eq!(error.as_ref().map(limit_of), (!fits).then_some(("memory_limit", limit)));
    }
}

#[tokio::test]
async fn a_listing_out_of_order_is_bounded() {
    let store = keys(20).await;
    store.faults([Fault::Reversed]);
    for (limit, fits) in [(20 * 1024, true), (1024, false)] {
        let mut poller = ObjectStorePoller::new(store.store()).with_walk_limit(limit);
        let error = observe(&mut poller).await.error;
        assert_eq!(error.as_ref().map(limit_of), (!fits).then_some(("walk_limit", limit)));
    }
}

/// How many events came until all was read, and the error if there was one.
async fn read(
    source: &mut impl ExternalSource<Item = Object<Value>>,
) -> (usize, Option<ExternalError>) {
    let mut events = 0;
    loop {
        match source.poll().await {
            Ok(told) => events += told.len(),
            Err(error) => return (events, Some(error)),
        }
        if source.pace() != Pace::Now {
            return (events, None);
        }
    }
}

#[tokio::test]
async fn what_objects_hold_is_bounded() {
    let store = Faulty::start().await;
    for n in 0..10 {
        store.put(&format!("{n}.json"), &format!("\"{}\"", "x".repeat(10_000))).await;
    }
    let poller = || ObjectStorePoller::new(store.store());
    let mut source = poller().with_memory_limit(64 * 1024).contents::<Value>();
    let (events, error) = read(&mut source).await;
    assert_eq!(limit_of(&error.unwrap()), ("memory_limit", 64 * 1024));
    assert!((1..6).contains(&events), "{events}");
    // What is known stays, and nothing is removed.
    let (again, error) = read(&mut source).await;
    assert_eq!(limit_of(&error.unwrap()), ("memory_limit", 64 * 1024));
    assert!(again + events < 6, "{again}");
    let mut source = poller().with_memory_limit(512 * 1024).contents::<Value>();
    let (events, error) = read(&mut source).await;
    assert_eq!((events, error.is_none()), (10, true));
}

#[tokio::test]
async fn a_content_that_does_not_fit_into_a_walk_fails_the_poll_and_others_come_in_pieces() {
    let store = Faulty::start().await;
    for n in 0..10 {
        store.put(&format!("{n}.json"), &format!("\"{}\"", "x".repeat(10_000))).await;
    }
    let poller = |limit| ObjectStorePoller::new(store.store()).with_walk_limit(limit);
    let mut source = poller(15_000).contents::<Value>();
    let (events, error) = read(&mut source).await;
    assert_eq!((events, limit_of(&error.unwrap())), (0, ("walk_limit", 15_000)));
    // Less than all of them, which are told in pieces.
    let mut source = poller(60_000).contents::<Value>();
    let (events, error) = read(&mut source).await;
    assert_eq!((events, error.is_none()), (10, true));
}

#[tokio::test]
async fn the_tree_of_an_object_of_yaml_is_bounded() {
    let store = Faulty::start().await;
    store.put("a.yaml", &format!("a: [{}[]]", "[],".repeat(20_000))).await;
    let poller = ObjectStorePoller::new(store.store()).with_walk_limit(1 << 20);
    let (_, error) = read(&mut poller.contents::<Value>()).await;
    assert!(error.unwrap().to_string().contains("`walk_limit`, 1048576 bytes"));
}

#[tokio::test]
async fn what_is_remembered_of_bad_objects_is_bounded() {
    for (limit, fits) in [(120_000, true), (45_000, false)] {
        let store = Faulty::start().await;
        store.put("good.json", "1").await;
        let poller = ObjectStorePoller::new(store.store()).with_memory_limit(limit);
        let mut source = poller.contents::<Value>();
        let mut errors = Vec::new();
        for part in 0..4 {
            for n in 0..25 {
                store.put(&format!("{part}{n:0500}.json"), "{").await;
            }
            errors.extend(read(&mut source).await.1);
        }
        let expected = (!fits).then_some(("memory_limit", limit));
        assert_eq!(errors.first().map(limit_of), expected);
        let bad = source.report().bad_items;
        assert!(bad >= 25 && (bad == 100) == fits, "{limit} {bad}");
    }
}
