//! `settle`: objects that are young are left alone, whatever becomes of them.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use koprs_external::store::ObjectStorePoller;
use koprs_external::store::object_store::local::LocalFileSystem;
use koprs_external::watcher::ExternalSource;
use std::sync::Arc;

use super::stage::observe;

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
