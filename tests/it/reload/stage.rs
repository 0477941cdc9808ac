//! A file of watchers, the folders that they watch, and the events of its set. In paused time: folders are no
//! sockets, and a blocking read holds the clock.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use koprs_external::ExternalEvent;
use koprs_external::set::{OnRemovedWatcher, Reloading, ValueEvent, Values, WatcherSet};
use tempfile::TempDir;
use tokio::time::{Instant, timeout_at};

pub(crate) struct Stage {
    folder: TempDir,
    pub(crate) events: Values,
}

impl Stage {
    /// A set of these watchers, that follows its file.
    pub(crate) fn start(watchers: &str) -> Self {
        Self::with(watchers, |set| set)
    }

    /// One that tells the items of a watcher that is removed as removed.
    pub(crate) fn removing(watchers: &str) -> Self {
        Self::with(watchers, |set| set.on_removed_watcher(OnRemovedWatcher::Remove))
    }

    pub(crate) fn with(watchers: &str, change: impl FnOnce(Reloading) -> Reloading) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("watchers.yaml");
        fs::write(&file, yaml(folder.path(), watchers)).unwrap();
        let set = WatcherSet::from_path(&file).unwrap();
        let events = change(set.reloading(&file)).values().unwrap();
        Self { folder, events }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("watchers.yaml")
    }

    /// The file, as it declares these watchers.
    pub(crate) fn yaml(&self, watchers: &str) -> String {
        yaml(self.folder.path(), watchers)
    }

    /// The file declares these watchers now.
    pub(crate) fn declare(&self, watchers: &str) {
        self.write(&self.yaml(watchers));
    }

    /// The file is replaced.
    pub(crate) fn write(&self, content: &str) {
        let new = self.folder.path().join("new");
        fs::write(&new, content).unwrap();
        fs::rename(new, self.file()).unwrap();
    }

    /// A watcher's folder has an item with this content.
    pub(crate) fn put(&self, item: &str, content: &str) {
        fs::write(self.folder.path().join(item), content).unwrap();
    }

    pub(crate) fn delete(&self, item: &str) {
        fs::remove_file(self.folder.path().join(item)).unwrap();
    }

    /// What is told in the next so many seconds: `a+x` is that `a` has told `x` as added.
    pub(crate) async fn told(&mut self, seconds: u64) -> String {
        let end = Instant::now() + Duration::from_secs(seconds);
        let mut told = Vec::new();
        while let Ok(Some(event)) = timeout_at(end, self.events.recv()).await {
            told.push(shown(&event));
        }
        told.join(" ")
    }

    /// The same, in the order of the words.
    pub(crate) async fn told_sorted(&mut self, seconds: u64) -> String {
        let told = self.told(seconds).await;
        let mut words: Vec<_> = told.split_whitespace().collect();
        words.sort_unstable();
        words.join(" ")
    }

    pub(crate) fn names(&self) -> String {
        let names = self.events.statuses().into_iter().map(|(name, _)| name.to_string());
        names.collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn refused(&self) -> Option<String> {
        self.events.reload().refused.map(|error| error.to_string())
    }
}

pub(crate) fn shown(told: &ValueEvent) -> String {
    let sign = match told.event {
        ExternalEvent::Added(_) => '+',
        ExternalEvent::Modified(_) => '~',
        ExternalEvent::Removed(_) => '-',
    };
    let path = told.event.value()["path"].as_str().unwrap();
    let value = told.event.value().get("value").map(|value| format!("={value}"));
    format!(
        "{}{sign}{}{}",
        told.watcher,
        path.rsplit('/').next().unwrap(),
        value.unwrap_or_default()
    )
}

/// None, or each word is a watcher of a folder of its name, with an interval of 10 s; `a:20` is one of 20 s.
pub(crate) fn yaml(folder: &Path, watchers: &str) -> String {
    if watchers.is_empty() {
        return "apiVersion: koprs-external/v1\nwatchers: []\n".to_owned();
    }
    let mut yaml = "apiVersion: koprs-external/v1\nwatchers:\n".to_owned();
    for watcher in watchers.split_whitespace() {
        let (name, interval) = watcher.split_once(':').unwrap_or((watcher, "10"));
        let place = folder.join(name);
        if !place.exists() {
            fs::create_dir(&place).unwrap();
            fs::write(place.join("one"), "1").unwrap();
        }
        yaml += &format!(
            "  - {{ name: {name}, interval: {interval}s, jitter: 0%, decode: json, objectStore: {{ url: \
             'file://{}/', settle: 0s }} }}\n",
            place.display()
        );
    }
    yaml
}
