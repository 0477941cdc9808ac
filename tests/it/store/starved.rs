//! Faults that stay: what is well is followed, and what is remembered is bounded.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use koprs_external::declared::DeclaredSource;
use koprs_external::spec::SecretSource;
use koprs_external::store::{Object, ObjectStorePoller};
use koprs_external::watcher::{ExternalSource, Pace, WatchConfig, watch};
use koprs_external_tests::s3::{Op, S3, error};

use super::faulty::{Fault, Faulty, Lost};
use super::paged::{Paged, Start, delete, put};
use super::stage::{Stage, observe};

/// What a whole observation tells, a word and a path each, and `!` at its end if it failed.
async fn round<S: ExternalSource<Item = Object<u32>>>(source: &mut S) -> String {
    let mut words = Vec::new();
    for _ in 0..1000 {
        match source.poll().await {
            Ok(told) => words.extend(told.into_iter().map(|e| e.map(|o| o.path).to_string())),
            Err(error) => {
                words.push(format!("! {error}"));
                return words.join(" ");
            }
        }
        if source.pace() != Pace::Now {
            return words.join(" ");
        }
    }
    panic!("never rests");
}

#[tokio::test]
async fn unreadable_objects_hold_up_no_other() {
    let store = Faulty::start().await;
    for n in 0..17 {
        store.put(&format!("archived/{n:02}"), "1").await;
    }
    store.put("z", "1").await;
    store.lost_below("archived", Lost::Generic);
    let mut source = ObjectStorePoller::new(store.store()).contents::<u32>();
    let mut seen = String::new();
    for _ in 0..10 {
        seen += &round(&mut source).await;
    }
    assert!(seen.contains("+ z"), "z was never told in ten rounds: {seen}");
}

#[tokio::test]
async fn what_cannot_be_read_does_not_end_the_listing() {
    let store = Faulty::start().await;
    store.put("z", "1").await;
    let mut source = ObjectStorePoller::new(store.store()).contents::<u32>();
    assert_eq!(round(&mut source).await, "+ z");
    for n in 0..300 {
        store.put(&format!("archived/{n:03}"), "1").await;
    }
    store.lost_below("archived", Lost::Generic);
    store.delete("z").await;
    let mut seen = String::new();
    for _ in 0..10 {
        seen += &round(&mut source).await;
    }
    assert!(seen.contains("- z"), "z's removal was never told in ten rounds: {seen}");
}

#[tokio::test]
async fn an_object_that_was_overwritten_and_is_not_listed_is_there() {
    let store = Faulty::start().await;
    store.put_all(&["a", "b", "c"]).await;
    let mut poller = ObjectStorePoller::new(store.store());
    assert_eq!(observe(&mut poller).await.words(), "+a +b +c");
    for key in ["a", "b", "c"] {
        store.put(key, "22").await;
    }
    store.faults([Fault::Empty]);
    let words = observe(&mut poller).await.words();
    assert!(!words.contains('-'), "{words}");
}

#[tokio::test]
async fn the_hold_does_not_count_what_is_new() {
    for (what, start, fails) in [
        ("in order", Start::After, false),
        ("reversed, listed in one", Start::Reversed, false),
        ("failed in between", Start::After, true),
    ] {
        let store = Paged::new("AmazonS3(bucket)", if fails { 10 } else { 300 });
        for n in 0..60 {
            store.write(&put(format!("p/k{n:02}"), 1));
        }
        let poller = ObjectStorePoller::new(Arc::new(store.clone())).with_prefix("p");
        let mut poller = poller.with_listing_concurrency(8);
        observe(&mut poller).await;
        observe(&mut poller).await;
        for n in 0..60 {
            store.write(&delete(format!("p/k{n:02}")));
        }
        for n in 0..200 {
            store.write(&put(format!("p/a{n:03}"), 1));
        }
        store.write_all(&[put("p/z0", 1), put("p/z1", 1), put("p/z2", 1)]);
        store.starts_listings(start);
        if fails {
            store.fails_after(Some(15));
            assert!(observe(&mut poller).await.error.is_some());
            store.fails_after(None);
        }
        let observed = observe(&mut poller).await;
        let removed = observed.words().split(' ').filter(|word| word.starts_with('-')).count();
        let held = poller.report().held_removals.map(|held| held.items);
        assert_eq!((removed, held), (0, Some(60)), "{what}");
    }
}

#[tokio::test]
async fn what_never_matches_is_read_without_a_condition() {
    let store = Faulty::start().await;
    store.put("a", "1").await;
    store.lost(Some(Lost::Unmatched));
    let mut source = ObjectStorePoller::new(store.store()).contents::<u32>();
    assert_eq!(round(&mut source).await, "");
    assert_eq!(round(&mut source).await, "");
    assert_eq!(round(&mut source).await, "+ a");
}

#[tokio::test]
async fn a_refused_read_renews_the_credential() {
    let server = S3::start().await;
    for n in 0..300 {
        server.put(&format!("models/{n:03}.json"), "1");
    }
    let folder = tempfile::tempdir().unwrap();
    let write = |id: &str| {
        fs::write(folder.path().join("id"), id).unwrap();
        fs::write(folder.path().join("key"), "s3cr3t").unwrap();
    };
    write("one");
    let file = |name: &str| SecretSource::File(folder.path().join(name));
    let mut source: DeclaredSource<Object<u32>> = super::declared::source(
        super::declared::s3(&server)
            .option("aws_access_key_id", file("id"))
            .option("aws_secret_access_key", file("key")),
    );
    server.spoil(Op::Get, .., |_| error(403, "ExpiredToken"));
    for _ in 0..2 {
        assert!(round(&mut source).await.contains('!'));
    }
    write("two");
    let lists = server.count(Op::List);
    for _ in 0..10 {
        assert!(round(&mut source).await.contains('!'));
    }
    let keys = server.access_keys();
    assert!(
        keys.iter().any(|key| key == "two"),
        "ten rounds, {} listings, last key {:?}",
        server.count(Op::List) - lists,
        keys.last()
    );
}

#[tokio::test]
async fn what_is_remembered_is_bounded_by_the_limit() {
    let store = Faulty::start().await;
    let mut poller = ObjectStorePoller::new(store.store()).with_object_limit(5);
    let mut live = 0_i64;
    for round in 0..20 {
        for n in 0..6 {
            store.put(&format!("{:02}-{n}", round), "1").await;
        }
        let observed = observe(&mut poller).await;
        live += observed.words().split(' ').filter(|w| w.starts_with('+')).count() as i64;
        live -= observed.words().split(' ').filter(|w| w.starts_with('-')).count() as i64;
        for n in 0..6 {
            store.delete(&format!("{:02}-{n}", round)).await;
        }
    }
    assert!(live <= 10, "{live} are remembered with a limit of 5");
}

#[tokio::test(start_paused = true)]
async fn failures_after_news_are_failures_in_a_row() {
    let store = Faulty::start().await;
    for n in 0..5 {
        store.put(&format!("m{n}"), "1").await;
    }
    store.faults([Fault::FailAt(3)]);
    let poller = ObjectStorePoller::new(store.store());
    let config = WatchConfig::new(Duration::from_secs(10)).with_jitter(0.0);
    let mut watched = watch(poller, config);
    for _ in 0..3 {
        watched.next().await;
    }
    let began = tokio::time::Instant::now();
    let mut seconds = Vec::new();
    for n in 0..4 {
        store.put(&format!("a{:02}", 50 - n), "1").await;
        watched.next().await;
        seconds.push(began.elapsed().as_secs());
        assert_eq!(watched.status().consecutive_failures, n + 1);
    }
    assert_eq!(seconds, [20, 60, 140, 300]);
}
