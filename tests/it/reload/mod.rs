//! A set that follows its file.

mod random;
mod stage;

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use koprs_external::ExternalEvent;
use koprs_external::WatcherEvents;
use koprs_external::set::{OnRemovedWatcher, WatcherSet};
use koprs_external::store::StoredObject;
use koprs_external::watcher::State;
use tokio::time::{Instant, timeout};

use self::stage::Stage;
use crate::logs::Log;

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
    let mut stage = Stage::removing("a b");
    assert_eq!(stage.told_sorted(5).await, "a+one=1 b+one=1");
    stage.declare("a b:20");
    assert_eq!(stage.told(5).await, "b+one=1");
    stage.put("b/one", "2");
    assert_eq!(stage.told(12).await, "", "it is polled every 20 s");
    assert_eq!(stage.told(10).await, "b~one=2");
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
async fn another_text_of_the_same_watchers_changes_nothing() {
    let mut stage = Stage::start("a");
    assert_eq!(stage.told(5).await, "a+one=1");
    let next = stage.events.status("a").unwrap().next_poll;
    stage.write(&format!("# The same.\n{}", stage.yaml("a").replace("10s", "10000ms")));
    assert_eq!(stage.told(3).await, "");
    assert_eq!(stage.events.reload().loads, 2);
    assert_eq!(stage.events.status("a").unwrap().next_poll, next);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_missing_unreadable_or_empty_changes_nothing_and_is_seen() {
    let mut stage = Stage::removing("a");
    let good = stage.yaml("a");
    assert_eq!(stage.told(5).await, "a+one=1");
    assert_eq!((stage.events.reload().loads, stage.refused()), (1, None));

    fs::remove_file(stage.file()).unwrap();
    assert_eq!(stage.told(5).await, "");
    let refused = stage.refused().unwrap();
    assert!(refused.contains("cannot read") && refused.contains("watchers.yaml"), "{refused}");

    fs::create_dir(stage.file()).unwrap();
    assert_eq!(stage.told(5).await, "");
    assert!(stage.refused().unwrap().contains("it is no file"), "{:?}", stage.refused());
    fs::remove_dir(stage.file()).unwrap();

    stage.write("");
    assert_eq!(stage.told(5).await, "");
    assert!(stage.refused().unwrap().contains("apiVersion"), "{:?}", stage.refused());

    stage.write(&format!("{good}#{}", " ".repeat(4 * 1024 * 1024)));
    assert_eq!(stage.told(5).await, "");
    assert!(stage.refused().unwrap().contains("too-large"), "{:?}", stage.refused());

    stage.write(&good);
    assert_eq!(stage.told(3).await, "");
    assert_eq!((stage.events.reload().loads, stage.refused()), (2, None));
    assert_eq!(stage.names(), "a");
    stage.put("a/one", "2");
    assert_eq!(stage.told(10).await, "a~one=2");
}

#[tokio::test(start_paused = true)]
async fn an_empty_list_removes_the_last_watcher_and_the_file_is_followed_on() {
    let ways: [(fn(&str) -> Stage, &str); 2] =
        [(Stage::start, ""), (Stage::removing, "a-one=1 b-one=1")];
    for (start, told) in ways {
        let mut stage = start("a b");
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
async fn a_file_that_was_cut_off_after_its_watchers_key_changes_nothing() {
    let mut stage = Stage::removing("a");
    assert_eq!(stage.told(5).await, "a+one=1");
    let cut = stage.yaml("a").split_once("\n  -").unwrap().0.to_owned();
    assert!(cut.ends_with("watchers:"), "{cut}");
    for content in
        [cut.clone(), cut + " [", "[]".to_owned(), "apiVersion: koprs-external/v1".to_owned()]
    {
        stage.write(&content);
        assert_eq!(stage.told(5).await, "", "{content}");
        assert!(stage.refused().is_some(), "{content}");
    }
    assert_eq!(stage.names(), "a");
}

#[tokio::test(start_paused = true)]
async fn a_file_with_mistakes_changes_nothing_and_every_mistake_is_seen() {
    let mut stage = Stage::start("a b");
    assert_eq!(stage.told_sorted(5).await, "a+one=1 b+one=1");
    stage.write(&stage.yaml("a c").replace("interval: 10s", "interval: 10"));
    assert_eq!(stage.told(5).await, "");
    let refused = stage.refused().unwrap();
    assert!(
        refused.contains("watchers.yaml:3:") && refused.contains("watchers.yaml:4:"),
        "{refused}"
    );
    assert_eq!(stage.names(), "a b");
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

#[tokio::test(start_paused = true)]
async fn a_file_that_is_written_in_two_halves_is_taken_when_it_is_whole() {
    let mut stage = Stage::with("a b", |set| {
        set.every(2 * SECOND).on_removed_watcher(OnRemovedWatcher::Remove)
    });
    assert_eq!(stage.told_sorted(5).await, "a+one=1 b+one=1");
    let whole = stage.yaml("a b c");
    let half = whole.find("  - { name: b").unwrap();
    fs::write(stage.file(), &whole[..half]).unwrap();
    assert_eq!(stage.told(2).await, "", "half of it is a good file, too, and one look sees it");
    fs::write(stage.file(), &whole).unwrap();
    assert_eq!(stage.told(10).await, "c+one=1");
    assert_eq!((stage.events.reload().loads, stage.refused()), (2, None));
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_gone_for_a_moment_is_no_news() {
    let mut stage = Stage::with("a", |set| set.every(2 * SECOND));
    assert_eq!(stage.told(5).await, "a+one=1");
    let good = stage.yaml("a");
    fs::remove_file(stage.file()).unwrap();
    assert_eq!(stage.told(2).await, "", "one look sees that it is gone");
    stage.write(&good);
    assert_eq!(stage.told(10).await, "");
    assert_eq!((stage.events.reload().loads, stage.refused()), (1, None));
}

/// `watchers.yaml` → `..data/watchers.yaml`, `..data` → a folder of its own for each version.
#[tokio::test(start_paused = true)]
async fn a_mounted_config_map_is_followed_when_its_symlink_is_swapped() {
    let folder = tempfile::tempdir().unwrap();
    let mount = folder.path().join("mount");
    fs::create_dir(&mount).unwrap();
    let version = |name: &str, watchers: &str| {
        fs::create_dir(mount.join(name)).unwrap();
        let yaml = stage::yaml(folder.path(), watchers);
        fs::write(mount.join(name).join("watchers.yaml"), yaml).unwrap();
        symlink(name, mount.join("..data_tmp")).unwrap();
        fs::rename(mount.join("..data_tmp"), mount.join("..data")).unwrap();
    };
    version("..1", "a");
    let file = mount.join("watchers.yaml");
    symlink("..data/watchers.yaml", &file).unwrap();
    let set = WatcherSet::from_path(&file).unwrap();
    let mut events = set.reloading(&file).values().unwrap();
    assert_eq!(stage::shown(&events.recv().await.unwrap()), "a+one=1");
    version("..2", "a b");
    fs::remove_dir_all(mount.join("..1")).unwrap();
    assert_eq!(stage::shown(&events.recv().await.unwrap()), "b+one=1");
    assert_eq!(events.reload().refused.map(|error| error.to_string()), None);
}

#[tokio::test(start_paused = true)]
async fn a_new_content_is_read_beside_the_thread_of_the_consumer() {
    let threads = Arc::<Mutex<Vec<ThreadId>>>::default();
    let read_on = Arc::clone(&threads);
    let loader = WatcherSet::loader().env_from(move |_| {
        read_on.lock().unwrap().push(thread::current().id());
        Some("10s".into())
    });
    let stage = Stage::start("a b");
    stage.write(&stage.yaml("a").replace("10s", "'${EVERY}'"));
    let set = loader.from_path(stage.file()).unwrap();
    let mut events = set.reloading(stage.file()).values().unwrap();
    assert_eq!(stage::shown(&events.recv().await.unwrap()), "a+one=1");
    stage.write(&stage.yaml("a b").replace("10s", "'${EVERY}'"));
    assert_eq!(stage::shown(&events.recv().await.unwrap()), "b+one=1");
    let (here, threads) = (thread::current().id(), threads.lock().unwrap());
    assert_eq!(threads[0], here, "that of the start");
    assert!(threads.len() > 1 && threads[1..].iter().all(|it| *it != here), "{threads:?}");
}

#[tokio::test(start_paused = true)]
async fn a_new_content_is_taken_after_one_to_two_looks() {
    let mut stage = Stage::with("a", |set| set.every(10 * SECOND));
    assert_eq!(stage.told(35).await, "a+one=1");
    stage.declare("a b");
    assert_eq!(stage.told(14).await, "");
    assert_eq!(stage.told(7).await, "b+one=1");
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
async fn a_file_that_is_spelled_otherwise_is_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("watchers.yaml");
    fs::create_dir(folder.path().join("sub")).unwrap();
    fs::write(
        &file,
        "{ apiVersion: koprs-external/v1, watchers: [ { name: a, interval: 1h, http: {
            url: 'https://localhost:1/', auth: { bearer: { file: token } } } } ] }",
    )
    .unwrap();
    let set = WatcherSet::from_path(&file).unwrap();
    let same = folder.path().join("sub/../watchers.yaml");
    let mut events = set.reloading(same).values().unwrap();
    let watcher = events.watcher("a").unwrap();
    assert!(tokio::time::timeout(10 * SECOND, events.recv()).await.is_err());
    assert_eq!(events.reload().loads, 1);
    assert_ne!(watcher.status().state, koprs_external::watcher::State::Stopped);
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

#[tokio::test(start_paused = true)]
async fn what_becomes_of_the_file_is_logged_once_for_each_content() {
    let (log, _guard) = Log::start();
    let mut stage = Stage::start("a b");
    let good = stage.yaml("a b");
    assert_eq!(stage.told_sorted(5).await, "a+one=1 b+one=1");
    let bad = good.replace("interval: 10s", "interval: s3cr3t");
    for content in [&bad, &good, &bad] {
        stage.write(content);
        assert_eq!(stage.told(20).await, "");
    }
    let refused = log.lines("ERROR", "the watchers of the file are refused");
    assert_eq!(refused.len(), 2, "{refused:#?}");
    assert_eq!(log.lines("INFO", "the watchers of the file are taken").len(), 2);
    fs::remove_file(stage.file()).unwrap();
    assert_eq!(stage.told(60).await, "");
    assert_eq!(log.lines("ERROR", "cannot read").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn each_warning_of_a_content_that_is_taken_is_logged_once() {
    let (log, _guard) = Log::start();
    let mut stage = Stage::start("a");
    let literal = "auth: { bearer: { value: s3cr3t } }";
    let literal = format!(
        "  - {{ name: z, interval: 1h, http: {{ url: 'https://localhost:1/', {literal} }} }}\n"
    );
    let never = |watchers: &str| {
        stage.yaml(watchers).replace("jitter", "removal: { holdAbove: 100% }, jitter")
    };
    let contents =
        [never("a") + &literal, never("a b") + &literal + "    x: y\n", never("a b") + &literal];
    let lines = |code: &str| {
        let lines = log.lines("WARN", "legal but unwise").into_iter();
        lines.filter(|line| line.contains(code)).collect::<Vec<_>>()
    };
    let mut counts = Vec::new();
    for content in contents {
        stage.write(&content);
        stage.told(20).await;
        counts.push((lines("held-never").len(), lines("literal-secret").len()));
    }
    assert_eq!(counts, [(1, 1), (1, 1), (3, 2)], "{:#?}", lines(""));
    assert!(lines("held-never")[0].contains("watchers.yaml:3:"), "{:#?}", lines(""));
    assert_eq!(log.lines("", "s3cr3t"), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_another_at_each_look_is_not_taken_and_logged_once() {
    let (log, _guard) = Log::start();
    let mut stage = Stage::start("a");
    assert_eq!(stage.told(5).await, "a+one=1");
    let restless = || log.lines("WARN", "the file is another at each look").len();
    for number in 0..60 {
        stage.write(&format!("{}# {number}\n", stage.yaml("a b")));
        assert!(timeout(SECOND / 2, stage.events.recv()).await.is_err());
        assert!(restless() == 0 || number >= 15, "fewer than ten looks: {number}");
    }
    assert_eq!((stage.events.reload().loads, stage.names()), (1, "a".to_owned()));
    assert_eq!(stage.told(5).await, "b+one=1");
    assert_eq!((stage.events.reload().loads, restless()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn the_lines_of_a_watcher_are_in_its_span_with_its_place() {
    let (log, _guard) = Log::start();
    let mut stage = Stage::start("a b");
    stage.put("a/one", "{");
    assert_eq!(stage.told(30).await, "b+one=1");
    stage.declare("b c");
    assert_eq!(stage.told(30).await, "c+one=1");
    let fails = log.lines("WARN", "polling fails");
    assert_eq!(fails.len(), 1, "{fails:#?}");
    assert!(fails[0].contains(r#"watcher{name="a" declared="#), "{fails:?}");
    assert!(fails[0].contains("watchers.yaml:3:13}:poll{source=a "), "{fails:?}");
    for (name, place) in [("a", "3:13"), ("b", "4:13"), ("c", "4:13")] {
        let started = log.lines("INFO", &format!("watcher started source={name}"));
        let span =
            format!(r#"watcher{{name="{name}" declared={}:{place}}}"#, stage.file().display());
        assert!(started.len() == 1 && started[0].contains(&span), "{started:?}");
        assert_eq!(started[0].matches("watcher{").count(), 1, "{started:?}");
    }
    let stopped = log.lines("INFO", "watcher stopped");
    assert!(stopped.len() == 1 && stopped[0].contains(r#"watcher{name="a" "#), "{stopped:?}");
}
