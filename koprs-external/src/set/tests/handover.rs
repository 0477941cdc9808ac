//! What a watcher of a set that follows its file hands to its successor.

mod random;
mod threads;

use std::collections::BTreeMap;
use std::path::Path;

use futures_util::StreamExt;
use futures_util::stream::unfold;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::*;
use crate::set::binder::Binder;
use crate::set::refused::Refused;
use crate::set::reload::Follower;
use crate::set::{OnRemovedWatcher, WatcherSet};
use crate::spec::{SourceSpec, WatcherSpec};
use crate::watcher::KnownItems;

const SECOND: Duration = Duration::from_secs(1);

type Items = BTreeMap<char, u32>;

/// What is there, by the names of the watchers.
#[derive(Clone, Default)]
struct World(Arc<Mutex<BTreeMap<String, There>>>);

#[derive(Clone, Default)]
struct There {
    items: Items,
    /// How long a poll takes that has seen them.
    latency: Duration,
    fails: Option<Fails>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fails {
    Once,
    ForEver,
}

impl World {
    fn of<T>(&self, name: &str, change: impl FnOnce(&mut There) -> T) -> T {
        change(self.0.lock().unwrap().entry(name.to_owned()).or_default())
    }

    /// `a1 b2` is what is there.
    fn put(&self, name: &str, items: &str) {
        let item = |word: &str| (word.chars().next().unwrap(), word[1..].parse().unwrap());
        self.of(name, |there| there.items = items.split_whitespace().map(item).collect());
    }
}

/// Follows what is there. Keys of one kind are comparable.
struct Source {
    name: String,
    kind: String,
    world: World,
    known: Items,
    /// By a poll that did not return, each with what was known before.
    learned: Vec<(ExternalEvent<Item>, Option<u32>)>,
}

type Item = (char, u32);

impl Source {
    fn look(&mut self, there: &Items) {
        for (key, value) in there {
            let old = self.known.insert(*key, *value);
            let event = match old {
                None => Some(ExternalEvent::Added((*key, *value))),
                Some(old) => (old != *value).then_some(ExternalEvent::Modified((*key, *value))),
            };
            self.learned.extend(event.map(|event| (event, old)));
        }
        let gone = self.known.iter().filter(|(key, _)| !there.contains_key(key));
        let gone = gone.map(|(key, value)| (ExternalEvent::Removed((*key, *value)), Some(*value)));
        self.learned.extend(gone);
        self.known.retain(|key, _| there.contains_key(key));
    }
}

impl ExternalSource for Source {
    type Item = Item;

    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<Item>>>> {
        Box::pin(async {
            let there = self.world.of(&self.name, |there| there.clone());
            match there.fails {
                Some(Fails::Once) => return Err(ExternalError::Internal("it fails".to_owned())),
                Some(Fails::ForEver) => return Err(ExternalError::invalid("it can never work")),
                None => self.look(&there.items),
            }
            sleep(there.latency).await;
            Ok(self.undelivered())
        })
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn retract(&mut self) -> Vec<ExternalEvent<Item>> {
        for (event, old) in std::mem::take(&mut self.learned).into_iter().rev() {
            match old {
                Some(old) => self.known.insert(event.value().0, old),
                None => self.known.remove(&event.value().0),
            };
        }
        self.known.pop_first().map(ExternalEvent::Removed).into_iter().collect()
    }

    fn undelivered(&mut self) -> Vec<ExternalEvent<Item>> {
        std::mem::take(&mut self.learned).into_iter().map(|(event, _)| event).collect()
    }

    fn hand_over(&mut self) -> Option<KnownItems> {
        assert_eq!(self.learned.len(), 0, "the consumer knows all of it");
        Some(KnownItems::new((self.kind.clone(), std::mem::take(&mut self.known))))
    }

    fn inherit(&mut self, known: KnownItems) -> std::result::Result<(), KnownItems> {
        let (kind, known) = known.take::<(String, Items)>()?;
        if kind != self.kind {
            return Err(KnownItems::new((kind, known)));
        }
        self.known = known;
        Ok(())
    }
}

/// An event, as it is told by a set: the name of the watcher, and what happened.
type Event = (String, ExternalEvent<Item>);

/// A set that follows what it is told that its file is, and its events.
struct Stage {
    world: World,
    file: mpsc::Sender<String>,
    events: Events<Event>,
}

impl Stage {
    fn start(watchers: &str, on_removed: OnRemovedWatcher, world: &World) -> Self {
        Self::start_faster(1, watchers, on_removed, world)
    }

    /// One whose intervals are so many times shorter than declared.
    fn start_faster(
        times: u32,
        watchers: &str,
        on_removed: OnRemovedWatcher,
        world: &World,
    ) -> Self {
        let of = world.clone();
        let binder = Binder::Any(Box::new(move |spec| {
            let (name, kind) = (spec.name().to_owned(), kind(spec));
            let config = WatchConfig::new(spec.interval() / times).with_jitter(0.0);
            let (known, learned) = (Items::new(), Vec::new());
            let source = Source { name: name.clone(), kind, world: of.clone(), known, learned };
            Ok(Prepared::of(source, config, move |event| (name.clone(), event)))
        }));
        let (file, rx) = mpsc::channel(8);
        let contents =
            unfold(rx, async |mut rx: mpsc::Receiver<String>| Some((rx.recv().await?.parse(), rx)));
        let set: WatcherSet = yaml(watchers).parse().unwrap();
        let bound = binder.bind_all(&set, &mut Refused::default());
        let path = Path::new("watchers.yaml").into();
        let follower = Follower::new(path, contents.boxed(), on_removed, binder);
        let events = Events::start(&set, bound, Some(follower));
        Self { world: world.clone(), file, events }
    }

    /// A set with the watcher `w` of `a1 b1`, which were told.
    async fn removing() -> Self {
        let world = World::default();
        world.put("w", "a1 b1");
        let mut stage = Self::start("w", OnRemovedWatcher::Remove, &world);
        assert_eq!(stage.told(5).await, "+a1 +b1");
        stage
    }

    fn declare(&self, watchers: &str) {
        self.file.try_send(yaml(watchers)).unwrap();
    }

    async fn next(&mut self) -> String {
        shown(&self.events.recv().await.unwrap())
    }

    /// What is told in so many seconds.
    async fn told(&mut self, seconds: u64) -> String {
        let mut told = Vec::new();
        let all = async {
            while let Some(event) = self.events.recv().await {
                told.push(shown(&event));
            }
        };
        assert!(timeout(Duration::from_secs(seconds), all).await.is_err(), "the set goes on");
        told.join(" ")
    }
}

fn shown((_, event): &Event) -> String {
    (*event).map(|(key, value)| format!("{key}{value}")).to_string().replace(' ', "")
}

/// `w/x:20` is a watcher `w` of the kind `x`, which polls every 20 s; else of no kind, and every 10 s.
fn yaml(watchers: &str) -> String {
    let mut yaml = "apiVersion: koprs-external/v1\nwatchers: []\n".to_owned();
    for (n, watcher) in watchers.split_whitespace().enumerate() {
        if n == 0 {
            yaml = yaml.replace(" []", "");
        }
        let (watcher, interval) = watcher.split_once(':').unwrap_or((watcher, "10"));
        let (name, kind) = watcher.split_once('/').unwrap_or((watcher, ""));
        yaml += &format!(
            "  - {{ name: {name}, interval: {interval}s, http: {{ url: 'https://h/{kind}' }} }}\n"
        );
    }
    yaml
}

fn kind(spec: &WatcherSpec) -> String {
    let SourceSpec::Http(http) = spec.source() else { unreachable!() };
    http.url().path().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_changed_watcher_tells_only_what_differs() {
    let mut stage = Stage::removing().await;
    stage.declare("w:20");
    assert_eq!(stage.told(5).await, "", "all of it is the same");
    assert_eq!(stage.events.status("w").unwrap().items, 2);
    stage.world.put("w", "b2 c1");
    stage.declare("w:30");
    assert_eq!(stage.told(5).await, "~b2 +c1 -a1");
    assert_eq!(stage.events.status("w").unwrap().items, 2);
}

#[tokio::test(start_paused = true)]
async fn what_is_known_survives_watchers_that_never_see_anything() {
    let mut stage = Stage::removing().await;
    stage.world.of("w", |there| there.fails = Some(Fails::Once));
    for interval in ["20", "30", "40"] {
        stage.declare(&format!("w:{interval}"));
        assert_eq!(stage.told(5).await, "");
    }
    stage.world.put("w", "b1");
    stage.world.of("w", |there| there.fails = None);
    stage.declare("w:50");
    assert_eq!(stage.told(5).await, "-a1");
}

#[tokio::test(start_paused = true)]
async fn where_keys_cannot_be_compared_the_old_items_are_removed_first() {
    let mut stage = Stage::removing().await;
    stage.declare("w/other");
    assert_eq!(stage.next().await, "-a1");
    let synced = tokio::spawn(stage.events.synced());
    tokio::task::yield_now().await;
    assert_eq!(stage.next().await, "-b1");
    assert!(!synced.is_finished());
    assert_eq!(stage.told(5).await, "+a1 +b1");
    synced.await.unwrap().unwrap();
    stage.declare("w/other:20");
    assert_eq!(stage.told(5).await, "");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_removed_when_removed_watchers_are_forgotten() {
    let world = World::default();
    world.put("w", "a1 b1");
    let mut stage = Stage::start("w", OnRemovedWatcher::Forget, &world);
    assert_eq!(stage.told(5).await, "+a1 +b1");
    stage.world.put("w", "b1");
    for (watchers, told) in [("w:20", "+b1"), ("w/other", "+b1"), ("", "")] {
        stage.declare(watchers);
        assert_eq!(stage.told(5).await, told, "{watchers}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_events_of_the_old_watcher_are_taken_before_those_of_the_new() {
    let world = World::default();
    world.put("w", "a1 b1 c1");
    let mut stage = Stage::start("w", OnRemovedWatcher::Remove, &world);
    assert_eq!(stage.next().await, "+a1");
    stage.world.put("w", "a2 c1");
    stage.declare("w:20");
    sleep(60 * SECOND).await;
    assert_eq!(stage.told(5).await, "+b1 +c1 ~a2 -b1");
}

#[tokio::test(start_paused = true)]
async fn what_a_poll_has_learned_before_it_was_dropped_is_told() {
    let mut stage = Stage::removing().await;
    stage.world.put("w", "a2 c1");
    stage.world.of("w", |there| there.latency = 20 * SECOND);
    assert_eq!(stage.told(10).await, "", "the poll has not returned");
    stage.declare("w:20");
    assert_eq!(stage.told(5).await, "~a2 +c1 -b1");
    assert_eq!(stage.told(60).await, "");
}

/// Removals are of the values that the consumer knows.
#[tokio::test(start_paused = true)]
async fn what_a_poll_has_learned_before_it_was_dropped_is_told_before_all_is_removed() {
    let mut stage = Stage::removing().await;
    stage.world.put("w", "a2 c1");
    stage.world.of("w", |there| there.latency = 20 * SECOND);
    assert_eq!(stage.told(10).await, "", "the poll has not returned");
    stage.declare("");
    assert_eq!(stage.told(5).await, "~a2 +c1 -b1 -a2 -c1");
}

#[tokio::test(start_paused = true)]
async fn a_watcher_that_changes_and_is_removed_before_its_first_poll_removes_what_it_inherited() {
    let mut stage = Stage::removing().await;
    stage.world.of("w", |there| there.fails = Some(Fails::Once));
    stage.declare("w:20");
    assert_eq!(stage.told(5).await, "");
    stage.declare("");
    assert_eq!(stage.told(5).await, "-a1 -b1");
    assert!(stage.events.watcher("w").is_none());
}

/// The file is read twice before the consumer takes what the old watcher has told.
#[tokio::test(start_paused = true)]
async fn a_watcher_may_change_again_before_its_successor_has_started() {
    let rows = [
        // It is of another kind, then of the same: the items never go.
        (["w/other", "w:20"], "+b1 +c1 +d1"),
        (["w:20", "w/other"], "+b1 +c1 -a1 -b1 -c1 +a1 +b1 +c1 +d1"),
        (["w:20", ""], "+b1 +c1 -a1 -b1 -c1"),
        // What retires is not called back.
        (["", "w"], "+b1 +c1 -a1 -b1 -c1 +a1 +b1 +c1 +d1"),
    ];
    for (watchers, expected) in rows {
        let world = World::default();
        world.put("w", "a1 b1 c1");
        let mut stage = Stage::start("w", OnRemovedWatcher::Remove, &world);
        assert_eq!(stage.next().await, "+a1");
        stage.world.put("w", "a1 b1 c1 d1");
        watchers.iter().for_each(|it| stage.declare(it));
        assert_eq!(stage.told(8).await, expected, "{watchers:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_watcher_that_can_never_work_leaves_what_is_known() {
    for (next, told) in [("w:20", "-a1"), ("w/other", "-a1 -b1 +b1"), ("", "-a1 -b1")] {
        let mut stage = Stage::removing().await;
        stage.world.of("w", |there| there.fails = Some(Fails::ForEver));
        assert_eq!(stage.told(20).await, "");
        stage.world.of("w", |there| there.fails = None);
        stage.world.put("w", "b1");
        stage.declare(next);
        assert_eq!(stage.told(5).await, told, "{next}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_while_a_watcher_hands_over_ends_the_set() {
    let world = World::default();
    world.put("w", "a1 b1");
    let mut stage = Stage::start("w", OnRemovedWatcher::Remove, &world);
    assert_eq!(stage.next().await, "+a1");
    stage.declare("w:20");
    assert_eq!(stage.next().await, "+b1");
    stage.events.shutdown().await;
    assert!(stage.events.recv().await.is_none());
}
