//! A set that follows its file.

mod changed;
mod file;
mod logged;
mod random;
mod stage;

use std::fs;
use std::time::Duration;

use koprs_external::ExternalEvent;
use koprs_external::WatcherEvents;
use koprs_external::set::WatcherSet;
use koprs_external::store::StoredObject;
use koprs_external::watcher::State;
use tokio::time::Instant;

use self::stage::Stage;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn an_added_watcher_starts() {
    let mut stage = Stage::start("a");
    assert_eq!(stage.told(5).await, "a+one=1");
    stage.declare("a b");
    assert_eq!(stage.told(5).await, "b+one=1");
    assert_eq!(stage.names(), "a b");
}

#[tokio::test(start_paused = true)]
async fn a_removed_watcher_stops_and_its_items_are_forgotten() {
    let mut stage = Stage::start("a b");
    assert_eq!(stage.told_sorted(5).await, "a+one=1 b+one=1");
    let b = stage.events.watcher("b").unwrap();
    stage.declare("a");
    assert_eq!(stage.told(5).await, "");
    assert_eq!(stage.names(), "a");
    b.shutdown().await;
    stage.put("b/two", "2");
    assert_eq!(stage.told(30).await, "");
    stage.declare("a b");
    assert_eq!(stage.told(5).await, "b+one=1 b+two=2", "nothing is known of it");
}

#[tokio::test(start_paused = true)]
async fn the_items_of_a_removed_watcher_are_told_as_removed_when_that_is_asked_for() {
    let mut stage = Stage::removing("a b");
    stage.put("b/two", "2");
    assert_eq!(stage.told_sorted(5).await, "a+one=1 b+one=1 b+two=2");
    stage.put("b/two", "3");
    assert_eq!(stage.told(10).await, "b~two=3");
    stage.declare("a");
    assert_eq!(stage.told(5).await, "b-one=1 b-two=3");
    assert_eq!(stage.names(), "a");
    assert_eq!(stage.told(30).await, "");
}

#[tokio::test(start_paused = true)]
async fn a_changed_watcher_restarts_and_retracts_nothing() {
    let stages = [(Stage::start("a b"), "b+one=1"), (Stage::removing("a b"), "")];
    for (mut stage, told) in stages {
        assert_eq!(stage.told_sorted(5).await, "a+one=1 b+one=1");
        stage.declare("a b:20");
        assert_eq!(stage.told(5).await, told, "only what is handed over is known");
        stage.put("b/one", "2");
        assert_eq!(stage.told(12).await, "", "it is polled every 20 s");
        assert_eq!(stage.told(10).await, "b~one=2");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_watcher_keeps_its_state_and_its_schedule_wherever_it_stands() {
    let mut stage = Stage::start("a b c");
    assert_eq!(stage.told_sorted(5).await, "a+one=1 b+one=1 c+one=1");
    let before = ["a", "b"].map(|name| stage.events.status(name).unwrap().next_poll.unwrap());
    assert!(stage.events.place("a").unwrap().to_string().ends_with("watchers.yaml:3:13"));
    stage.declare("d b a");
    assert_eq!(stage.told(3).await, "d+one=1", "the others are not told again");
    let after = ["a", "b"].map(|name| stage.events.status(name).unwrap().next_poll.unwrap());
    assert_eq!(before, after);
    assert!(stage.events.place("a").unwrap().to_string().ends_with("watchers.yaml:5:13"));
    stage.put("a/one", "2");
    assert_eq!(stage.told(10).await, "a~one=2");
}

#[tokio::test(start_paused = true)]
async fn an_empty_list_removes_the_last_watcher_and_the_file_is_followed_on() {
    let stages = [(Stage::start("a b"), ""), (Stage::removing("a b"), "a-one=1 b-one=1")];
    for (mut stage, told) in stages {
        assert_eq!(stage.told_sorted(5).await, "a+one=1 b+one=1");
        stage.declare("");
        assert_eq!(stage.told_sorted(5).await, told);
        assert_eq!((stage.names(), stage.refused()), (String::new(), None));
        assert_eq!(stage.told(600).await, "");
        stage.declare("b");
        assert_eq!(stage.told(5).await, "b+one=1");
        stage.events.synced().await.unwrap();
        assert_eq!((stage.names(), stage.events.reload().loads), ("b".to_owned(), 3));
    }
}

#[tokio::test(start_paused = true)]
async fn a_set_may_begin_without_watchers() {
    let mut stage = Stage::start("");
    assert_eq!(stage.told(60).await, "");
    stage.declare("a");
    assert_eq!(stage.told(5).await, "a+one=1");
    stage.declare("");
    assert_eq!(stage.told(5).await, "");
    let (handle, before) = (stage.events.handle(), Instant::now());
    let (next, ()) = tokio::join!(stage.events.recv(), handle.shutdown());
    assert!(next.is_none() && before.elapsed().is_zero());
}

#[tokio::test(start_paused = true)]
async fn a_source_that_cannot_be_made_keeps_all_of_the_file_from_being_taken() {
    let mut stage = Stage::start("a b");
    assert_eq!(stage.told_sorted(5).await, "a+one=1 b+one=1");
    let http = "  - { name: c, interval: 10s, http: { url: https://h/, auth: { bearer: { env: \
                NO_SUCH_VARIABLE } } } }\n";
    stage.write(&(stage.yaml("b:20 d") + http));
    assert_eq!(stage.told(5).await, "");
    let refused = stage.refused().unwrap();
    assert!(refused.contains("watchers.yaml:5:"), "{refused}");
    assert!(
        refused.contains("the environment variable `NO_SUCH_VARIABLE` is not set"),
        "{refused}"
    );
    assert_eq!(stage.names(), "a b");
}

/// The consumer takes two seconds for each event, so that the file is taken while the watcher still retires.
#[tokio::test(start_paused = true)]
async fn a_watcher_that_comes_back_starts_after_its_items_were_told_as_removed() {
    // So many that the file is read twice, step by step, while they are told as removed.
    const ITEMS: usize = 80;
    let mut stage = Stage::removing("a b");
    for item in 0..ITEMS {
        stage.put(&format!("b/{item}"), "0");
    }
    assert_eq!(stage.told(5).await.split(' ').count(), ITEMS + 2);
    stage.declare("a");
    let mut told = Vec::new();
    let mut status = Vec::new();
    for _ in 0..2 * (ITEMS + 1) {
        told.push(stage::shown(&stage.events.recv().await.unwrap()));
        tokio::time::sleep(2 * SECOND).await;
        if told.len() == 1 {
            stage.declare("a b");
        }
        status.push((stage.events.reload().loads, stage.events.status("b").unwrap().state));
    }
    let (removed, added) = told.split_at(ITEMS + 1);
    assert!(removed.iter().all(|word| word.starts_with("b-")), "{told:?}");
    assert!(added.iter().all(|word| word.starts_with("b+")), "{told:?}");
    assert!(status.contains(&(3, State::Healthy)), "it is taken while it retires: {status:?}");
    assert_eq!(stage.names(), "a b");
    assert_eq!(stage.told(30).await, "");
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_takes_its_time_takes_up_the_file_afterwards() {
    let mut stage = Stage::removing("a b");
    let first = stage::shown(&stage.events.recv().await.unwrap());
    stage.declare("c");
    tokio::time::sleep(600 * SECOND).await;
    let told = format!("{first} {}", stage.told(10).await);
    let mut words: Vec<_> = told.split_whitespace().collect();
    words.sort_unstable();
    let both = ["a+one=1", "a-one=1", "b+one=1", "b-one=1", "c+one=1"];
    assert_eq!(words, both, "{told}");
    assert_eq!(stage.names(), "c");
}

#[tokio::test(start_paused = true)]
async fn shutdown_ends_the_stream_also_of_a_set_that_could_go_on() {
    let mut stage = Stage::start("a");
    assert_eq!(stage.told(5).await, "a+one=1");
    let (handle, watcher) = (stage.events.handle(), stage.events.watcher("a").unwrap());
    watcher.shutdown().await;
    assert_eq!(stage.told(5).await, "", "a set without watchers may get some");
    stage.declare("b");
    assert_eq!(stage.told(5).await, "b+one=1");
    let before = Instant::now();
    let (next, ()) = tokio::join!(stage.events.recv(), handle.shutdown());
    assert!(next.is_none());
    assert_eq!(before.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_events_stops_everything() {
    let mut stage = Stage::start("a");
    assert_eq!(stage.told(5).await, "a+one=1");
    let (handle, watcher) = (stage.events.handle(), stage.events.watcher("a").unwrap());
    stage.declare("a b");
    drop(stage);
    watcher.shutdown().await;
    tokio::time::sleep(10 * SECOND).await;
    assert_eq!(handle.reload().loads, 1);
    assert!(handle.watcher("b").is_none());
}

#[tokio::test(start_paused = true)]
async fn a_set_that_follows_its_file_is_synced_when_the_watchers_of_the_moment_are() {
    let ways: [fn(&str) -> Stage; 2] = [Stage::start, Stage::removing];
    for start in ways {
        let mut stage = start("a b");
        // It does not poll as long as it is declared.
        stage.events.watcher("b").unwrap().suspend();
        let synced = tokio::spawn(stage.events.handle().synced());
        assert_eq!(stage.told(5).await, "a+one=1");
        assert!(!synced.is_finished());
        stage.declare("a c");
        assert_eq!(stage.told(5).await, "c+one=1");
        synced.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_set_of_some_of_the_watchers_follows_no_others() {
    let stage = Stage::start("a b");
    let set = WatcherSet::from_path(stage.file()).unwrap().only(["b"]).unwrap();
    let mut events = set.reloading(stage.file()).values().unwrap();
    assert_eq!(stage::shown(&events.recv().await.unwrap()), "b+one=1");
    assert!(tokio::time::timeout(10 * SECOND, events.recv()).await.is_err());
    stage.declare("a b c");
    assert!(tokio::time::timeout(10 * SECOND, events.recv()).await.is_err());
    assert_eq!(events.reload().loads, 2);
    stage.declare("a");
    assert!(tokio::time::timeout(10 * SECOND, events.recv()).await.is_err());
    assert!(events.watcher("b").is_none());
}

#[tokio::test(start_paused = true)]
async fn a_set_that_cannot_follow_says_why() {
    let stage = Stage::start("a");
    let set = WatcherSet::from_path(stage.file()).unwrap();
    let error = set.reloading(stage.file()).every(Duration::ZERO).values().unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid declaration: `every`: there is no time between two looks (leave `every` out: it is one second)"
    );
    let other = stage.file().with_file_name("other.yaml");
    fs::write(&other, stage.yaml("z")).unwrap();
    let set = WatcherSet::loader().from_paths([stage.file(), other]).unwrap();
    let error = set.reloading(stage.file()).values().unwrap_err().to_string();
    assert!(error.contains("a set of 2 files cannot follow one"), "{error}");
}

#[derive(Debug, WatcherEvents)]
enum Change {
    A(ExternalEvent<StoredObject>),
    B(ExternalEvent<StoredObject>),
}

#[tokio::test(start_paused = true)]
async fn a_variant_may_wait_for_its_watcher_and_a_watcher_without_a_variant_is_a_mistake() {
    let stage = Stage::start("a");
    let listed = |watchers| stage.yaml(watchers).replace("decode: json, ", "");
    stage.write(&listed("a"));
    let set = WatcherSet::from_path(stage.file()).unwrap();
    let mut changes = set.reloading(stage.file()).events::<Change>().unwrap();
    assert!(matches!(changes.recv().await, Some(Change::A(ExternalEvent::Added(_)))));
    stage.write(&listed("a b"));
    assert!(matches!(changes.recv().await, Some(Change::B(ExternalEvent::Added(_)))));

    stage.write(&listed("c b"));
    let looks = tokio::time::timeout(5 * SECOND, changes.recv()).await;
    assert!(looks.is_err(), "{looks:?}");
    let refused = changes.reload().refused.unwrap().to_string();
    assert!(refused.contains("watchers.yaml:3:"), "{refused}");
    assert!(refused.contains("the watcher `c` has no variant in `Change`"), "{refused}");
    assert!(changes.watcher("a").is_some() && changes.watcher("c").is_none());

    let set = WatcherSet::from_path(stage.file()).unwrap();
    let error = set.reloading(stage.file()).events::<Change>().unwrap_err().to_string();
    assert!(error.contains("the watcher `c` has no variant in `Change`"), "{error}");
}
