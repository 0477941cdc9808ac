use std::path::Path;

use futures_util::stream::unfold;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::*;
use crate::set::binder::Binder;
use crate::set::handle::SetHandle;
use crate::set::refused::Refused;
use crate::set::reload::Follower;
use crate::set::{OnRemovedWatcher, WatcherSet};

const SECOND: Duration = Duration::from_secs(1);

/// A set that follows what it is told that its file is, and its events.
pub(super) struct Stage {
    file: mpsc::Sender<String>,
    pub(super) events: Events<String>,
    /// Of each source that was made, in order.
    pub(super) made: Arc<Mutex<Vec<Seen>>>,
}

impl Stage {
    /// Each watcher but `hangs` tells that it is there (`+a`), and when it retires, that it is not (`-a`). `a`
    /// may take its time to make durable that it was taken.
    pub(super) fn start(
        watchers: &str,
        on_removed: OnRemovedWatcher,
        durable: Option<Duration>,
    ) -> Self {
        Self::of(yaml(watchers).parse().unwrap(), on_removed, durable)
    }

    /// One whose set starts suspended.
    pub(super) fn suspended(watchers: &str) -> Self {
        let set: WatcherSet = yaml(watchers).parse().unwrap();
        Self::of(set.with_suspended(true), OnRemovedWatcher::Forget, None)
    }

    fn of(set: WatcherSet, on_removed: OnRemovedWatcher, durable: Option<Duration>) -> Self {
        let made = Arc::<Mutex<Vec<Seen>>>::default();
        let all = Arc::clone(&made);
        let binder = Binder::Any(Box::new(move |spec| {
            let mut source = Numbers::new([vec![1]]);
            source.durable = durable.filter(|_| spec.name() == "a");
            source.hangs = spec.name() == "hangs";
            all.lock().unwrap().push(source.seen.clone());
            let config = WatchConfig::new(SECOND).with_jitter(0.0);
            let name = spec.name().to_owned();
            Ok(Prepared::of(source, config, move |event| shown(&name, &event)))
        }));
        let (file, rx) = mpsc::channel(1);
        let contents =
            unfold(rx, async |mut rx: mpsc::Receiver<String>| Some((rx.recv().await?.parse(), rx)));
        let bound = binder.bind_all(&set, &mut Refused::default());
        let path = Path::new("watchers.yaml").into();
        let follower = Follower::new(path, contents.boxed(), on_removed, binder);
        Self { file, events: Events::start(&set, bound, Some(follower)), made }
    }

    pub(super) fn declare(&self, watchers: &str) {
        self.file.try_send(yaml(watchers)).unwrap();
    }

    /// What is told until nothing more is.
    pub(super) async fn told(&mut self) -> Vec<String> {
        let mut told = Vec::new();
        while let Ok(Some(event)) = timeout(60 * SECOND, self.events.recv()).await {
            told.push(event);
        }
        told
    }

    fn made(&self, number: usize) -> Seen {
        self.made.lock().unwrap()[number].clone()
    }
}

fn shown(name: &str, event: &ExternalEvent<u32>) -> String {
    let sign = if matches!(event, ExternalEvent::Removed(_)) { '-' } else { '+' };
    format!("{sign}{name}")
}

/// `a:20` has an interval of 20 s.
fn yaml(watchers: &str) -> String {
    let mut yaml = "apiVersion: koprs-external/v1\nwatchers:\n".to_owned();
    for watcher in watchers.split_whitespace() {
        let (name, interval) = watcher.split_once(':').unwrap_or((watcher, "10"));
        yaml += &format!(
            "  - {{ name: {name}, interval: {interval}s, http: {{ url: 'https://h/' }} }}\n"
        );
    }
    yaml
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_waits_also_for_what_a_new_content_has_just_stopped() {
    for (watchers, on_removed) in [
        ("b", OnRemovedWatcher::Forget),
        ("b", OnRemovedWatcher::Remove),
        ("a:20 b", OnRemovedWatcher::Forget),
    ] {
        let mut stage = Stage::start("a", on_removed, Some(5 * SECOND));
        assert_eq!(stage.events.recv().await.unwrap(), "+a");
        assert!(timeout(SECOND, stage.events.recv()).await.is_err(), "it is taken");
        stage.declare(watchers);
        let took = timeout(SECOND, stage.events.recv()).await;
        assert!(stage.events.watcher("b").is_some(), "{took:?}");
        let stopped = stage.made(0);
        assert!(!stopped.dropped(), "it still makes durable what was taken");
        stage.events.shutdown().await;
        assert_eq!((stopped.delivered(), stopped.dropped()), (1, true));
        assert!(stage.made.lock().unwrap().iter().all(Seen::dropped));
        assert_eq!(stage.events.recv().await, None);
    }
}

#[tokio::test(start_paused = true)]
async fn no_watcher_starts_once_the_set_is_shut_down() {
    let set = yaml("a").parse::<WatcherSet>().unwrap();
    let (handle, place) = (SetHandle::default(), set.place("a").unwrap());
    assert!(handle.shutdown().now_or_never().is_some());
    let started = handle.start::<Told>("a".into(), place, |_| unreachable!());
    assert!(started.is_none() && handle.watcher("a").is_none());
}

#[tokio::test(start_paused = true)]
async fn of_many_that_retire_each_comes_back_when_its_own_items_were_told_as_removed() {
    let names: Vec<_> = (0..200).map(|number| format!("w{number}")).collect();
    let (all, half) = (names.join(" ") + " stays", names[..100].join(" ") + " stays");
    let mut stage = Stage::start(&all, OnRemovedWatcher::Remove, None);
    assert_eq!(stage.told().await.len(), 201);
    stage.declare("stays");
    let mut told = vec![stage.events.recv().await.unwrap()];
    stage.declare(&half);
    told.extend(stage.told().await);
    for (number, name) in names.iter().enumerate() {
        let of: Vec<_> = told.iter().filter(|it| it[1..] == **name).collect();
        let (removed, added) = (format!("-{name}"), format!("+{name}"));
        let expected = if number < 100 { vec![&removed, &added] } else { vec![&removed] };
        assert_eq!(of, expected);
    }
    assert_eq!(told.len(), 300);
    assert_eq!(stage.events.statuses().len(), 101);
}

/// Restarts happen while another thread looks whether the set is synced.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_set_is_not_synced_by_the_restart_of_a_watcher_that_was_never_seen() {
    let mut stage = Stage::start("a hangs", OnRemovedWatcher::Forget, None);
    assert_eq!(stage.events.recv().await.unwrap(), "+a");
    let synced = tokio::spawn(stage.events.synced());
    for restart in 1..=300 {
        stage.declare(if restart % 2 == 1 { "a hangs:20" } else { "a hangs" });
        while stage.events.reload().loads < restart {
            assert!(stage.events.recv().now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        assert!(!synced.is_finished(), "{restart}");
    }
    stage.events.shutdown().await;
    assert_eq!(&*synced.await.unwrap().unwrap_err().watcher, "hangs");
}

#[tokio::test(start_paused = true)]
async fn a_set_is_not_synced_while_a_watcher_waits_to_come_back() {
    for comes_back in [true, false] {
        let mut stage = Stage::start("a b", OnRemovedWatcher::Remove, Some(5 * SECOND));
        assert_eq!(stage.told().await.len(), 2);
        stage.declare("b");
        assert_eq!(stage.events.recv().await.unwrap(), "-a");
        stage.declare("a b");
        assert!(
            timeout(SECOND, stage.events.recv()).await.is_err(),
            "it makes durable what was taken"
        );
        let synced = tokio::spawn(stage.events.synced());
        tokio::task::yield_now().await;
        assert!(!synced.is_finished());
        if !comes_back {
            stage.declare("b");
        }
        assert_eq!(stage.told().await, if comes_back { vec!["+a"] } else { vec![] });
        synced.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_set_is_not_synced_when_a_watcher_came_to_wait_meanwhile() {
    let mut stage = Stage::start("a b", OnRemovedWatcher::Remove, Some(5 * SECOND));
    // It does not poll as long as it is declared so.
    stage.events.watcher("b").unwrap().suspend();
    assert_eq!(stage.told().await, ["+a"]);
    stage.declare("b");
    assert_eq!(stage.events.recv().await.unwrap(), "-a");
    let synced = tokio::spawn(stage.events.synced());
    tokio::task::yield_now().await;
    stage.declare("a b");
    assert!(timeout(SECOND, stage.events.recv()).await.is_err(), "it makes durable what was taken");
    stage.events.watcher("b").unwrap().resume();
    assert_eq!(stage.events.recv().await.unwrap(), "+b");
    assert!(
        timeout(SECOND, stage.events.recv()).await.is_err(),
        "`b` is delivered, `a` still waits"
    );
    assert!(!synced.is_finished());
    assert_eq!(stage.told().await, ["+a"]);
    synced.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_set_that_is_shut_down_while_a_watcher_waits_is_never_synced() {
    let mut stage = Stage::start("a b", OnRemovedWatcher::Remove, Some(5 * SECOND));
    assert_eq!(stage.told().await.len(), 2);
    stage.declare("b");
    assert_eq!(stage.events.recv().await.unwrap(), "-a");
    stage.declare("a b");
    assert!(timeout(SECOND, stage.events.recv()).await.is_err(), "it makes durable what was taken");
    let synced = tokio::spawn(stage.events.synced());
    tokio::task::yield_now().await;
    stage.events.shutdown().await;
    assert_eq!(&*synced.await.unwrap().unwrap_err().watcher, "a");
    assert_eq!(&*stage.events.synced().await.unwrap_err().watcher, "a");
}
