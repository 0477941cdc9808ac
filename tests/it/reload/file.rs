//! What of the file counts, and when.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use koprs_external::set::{OnRemovedWatcher, WatcherSet};

use super::stage::Stage;
use super::{SECOND, stage};

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
