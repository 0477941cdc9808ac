//! `settle`: objects that are young are left alone, whatever becomes of them.

use std::fs::{self, File};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use koprs_external::store::ObjectStorePoller;
use koprs_external::store::object_store::local::LocalFileSystem;
use koprs_external::watcher::ExternalSource;
use koprs_external_tests::s3::Op;

use super::stage::{Stage, observe};
use super::stages::Scripted;

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn a_young_object_is_told_when_it_has_settled() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str, age: Duration| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        File::options()
            .append(true)
            .open(path)
            .unwrap()
            .set_modified(SystemTime::now() - age)
            .unwrap();
    };
    let store = || Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap());
    let mut poller = ObjectStorePoller::new(store()).with_settle(HOUR);
    let mut contents = ObjectStorePoller::new(store()).with_settle(HOUR).contents::<u32>();
    let mut values = async || {
        let told = contents.poll().await.unwrap();
        told.into_iter().map(|event| event.map(|it| it.value).to_string()).collect::<Vec<_>>()
    };

    write("a", "1", 2 * HOUR);
    write("b", "2", Duration::ZERO);
    assert_eq!(observe(&mut poller).await.words(), "+a");
    assert_eq!(values().await, ["+ 1"]);
    assert_eq!(observe(&mut poller).await.words(), ".");
    write("b", "3", 2 * HOUR);
    assert_eq!(observe(&mut poller).await.words(), "+b");
    assert_eq!(values().await, ["+ 3"]);

    // A change that is young is no change yet, and no removal.
    write("b", "44", Duration::ZERO);
    assert_eq!(observe(&mut poller).await.words(), ".");
    assert!(values().await.is_empty());
    write("b", "45", 2 * HOUR);
    assert_eq!(observe(&mut poller).await.words(), "~b");
    assert_eq!(values().await, ["~ 45"]);

    // What was never told is never removed.
    write("c", "5", Duration::ZERO);
    assert_eq!(observe(&mut poller).await.words(), ".");
    fs::remove_file(folder.path().join("c")).unwrap();
    fs::remove_file(folder.path().join("a")).unwrap();
    assert_eq!(observe(&mut poller).await.words(), "-a");
    assert_eq!(values().await, ["- 1"]);
}

/// The number of objects that wait, and one of them.
fn waits(source: &impl ExternalSource) -> Option<(u64, String)> {
    source.report().unsettled.map(|waits| (waits.items, waits.key))
}

#[tokio::test(start_paused = true)]
async fn an_object_that_is_dated_ahead_is_told_when_it_was_unchanged_for_long_enough() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str, ahead: Duration| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        let file = File::options().append(true).open(path).unwrap();
        file.set_modified(SystemTime::now() + ahead).unwrap();
    };
    let store = Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap());
    let mut poller = ObjectStorePoller::new(store).with_settle(HOUR);
    let day = 24 * HOUR;
    write("a", "1", day);
    write("b", "1", day);
    assert_eq!(observe(&mut poller).await.words(), ".");
    assert_eq!(waits(&poller), Some((2, "a".to_owned())));
    let shown = format!("{poller:?}");
    assert!(shown.contains("Unsettled"), "{shown}");

    // One is written again: it begins anew.
    tokio::time::advance(HOUR / 2).await;
    write("b", "22", day);
    assert_eq!(observe(&mut poller).await.words(), ".");
    tokio::time::advance(HOUR / 2).await;
    assert_eq!(observe(&mut poller).await.words(), "+a");
    assert_eq!(waits(&poller), Some((1, "b".to_owned())));
    tokio::time::advance(HOUR / 2).await;
    assert_eq!(observe(&mut poller).await.words(), "+b");
    assert_eq!(waits(&poller), None);
    assert_eq!(observe(&mut poller).await.words(), ".");
    assert_eq!(waits(&poller), None, "what is known does not wait");

    // One that is overwritten keeps its previous state until the new one has settled.
    write("a", "333", 2 * day);
    assert_eq!(observe(&mut poller).await.words(), ".");
    assert_eq!(waits(&poller), Some((1, "a".to_owned())));
    tokio::time::advance(HOUR).await;
    assert_eq!(observe(&mut poller).await.words(), "~a");
    assert_eq!(waits(&poller), None);

    // What waited and is deleted waits no more.
    write("c", "1", day);
    assert_eq!(observe(&mut poller).await.words(), ".");
    fs::remove_file(folder.path().join("c")).unwrap();
    assert_eq!(observe(&mut poller).await.words(), ".");
    assert_eq!(waits(&poller), None);
}

#[tokio::test]
async fn an_object_is_as_old_as_the_clock_of_its_store_says() {
    let stage = Scripted::start().await;
    let now = SystemTime::now();
    let date = |time: SystemTime| httpdate::fmt_http_date(time);
    // The clock of the store, the time of the write, and whether that is old enough for an hour.
    let cases = [
        ("a store whose clock is ahead", now + 24 * HOUR, now + 22 * HOUR, true),
        (
            "an object as young as its store says",
            now + 24 * HOUR,
            now + 24 * HOUR - HOUR / 2,
            false,
        ),
        ("a store whose clock is behind", now - 24 * HOUR, now - 24 * HOUR - HOUR / 2, false),
        ("an object that is old to a clock behind", now - 24 * HOUR, now - 26 * HOUR, true),
    ];
    for (what, clock, written, is_old) in cases {
        stage.put("a", "1").await;
        stage.s3.touch("a", "\"1\"", written);
        stage.s3.spoil(Op::List, .., move |page| page.header("date", date(clock)));
        for poller in stage.pollers() {
            let mut poller = poller.with_settle(HOUR);
            let expected = if is_old { "+a" } else { "." };
            assert_eq!(observe(&mut poller).await.words(), expected, "{what}, {}", poller.name());
        }
        stage.s3.heal();
    }
}
