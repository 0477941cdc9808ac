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
struct Stage {
    contents: mpsc::Sender<String>,
    events: Events<String>,
    /// Of each source that was made, in order.
    made: Arc<Mutex<Vec<Seen>>>,
}

impl Stage {
    /// Each watcher tells its name, and takes five seconds to make durable that it was taken.
    fn start(watchers: &str, on_removed: OnRemovedWatcher) -> Self {
        let made = Arc::<Mutex<Vec<Seen>>>::default();
        let all = Arc::clone(&made);
        let binder = Binder::Any(Box::new(move |spec| {
            let mut source = Numbers::new([vec![1]]);
            source.durable = Some(5 * SECOND);
            all.lock().unwrap().push(source.seen.clone());
            let config = WatchConfig::new(SECOND).with_jitter(0.0);
            let name = spec.name().to_owned();
            Ok(Prepared::of(source, config, move |_| name.clone()))
        }));
        let (contents, rx) = mpsc::channel(1);
        let looks = unfold(rx, async |mut rx: mpsc::Receiver<String>| {
            Some((Ok(rx.recv().await?.into_bytes()), rx))
        });
        let set: WatcherSet = yaml(watchers).parse().unwrap();
        let bound = binder.bind_all(&set, &mut Refused::default());
        let path = Path::new("watchers.yaml").into();
        let follower = Follower::new(&set, path, looks.boxed(), on_removed, binder);
        Self { contents, events: Events::start(&set, bound, Some(follower)), made }
    }

    fn declare(&self, watchers: &str) {
        self.contents.try_send(yaml(watchers)).unwrap();
    }

    fn made(&self, number: usize) -> Seen {
        self.made.lock().unwrap()[number].clone()
    }
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
        let mut stage = Stage::start("a", on_removed);
        assert_eq!(stage.events.recv().await.unwrap(), "a");
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
    let started = handle.start::<Told>("a".into(), place, || unreachable!());
    assert!(started.is_none() && handle.watcher("a").is_none());
}
