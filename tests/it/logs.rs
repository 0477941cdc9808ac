//! What a watcher logs: a span for each poll, a line for each transition.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use koprs_external::error::{ExternalError, Result};
use koprs_external::set::WatcherSet;
use koprs_external::store::object_store::ObjectStoreExt;
use koprs_external::store::object_store::memory::InMemory;
use koprs_external::store::object_store::path::Path;
use koprs_external::store::{ObjectStorePoller, StoredObject};
use koprs_external::watcher::{
    ExternalEvent, ExternalSource, State, WatchConfig, watch, watch_external,
};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::format::FmtSpan;

/// What is logged.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Takes what this thread logs, until the guard is dropped.
    pub(crate) fn start() -> (Self, DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_span_events(FmtSpan::CLOSE)
            .with_writer(move || writer.clone())
            .finish();
        // Two of them, so that other tests' threads do not settle for all that nobody listens.
        std::mem::forget(tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new()));
        (log, tracing::subscriber::set_default(subscriber))
    }

    pub(crate) fn lines(&self, level: &str, part: &str) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = text.lines().filter(|line| line.contains(level) && line.contains(part));
        lines.map(str::to_owned).collect()
    }
}

/// Succeeds and fails as the letters say, then fails for ever.
struct Letters(&'static str);

impl ExternalSource for Letters {
    type Item = char;

    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<char>>>> {
        let (now, rest) = self.0.split_at(1.min(self.0.len()));
        self.0 = rest;
        Box::pin(std::future::ready(match now {
            "." => Ok(vec![ExternalEvent::Modified('.'), ExternalEvent::Modified(':')]),
            "x" => Err(ExternalError::Internal("deliberate".to_owned())),
            _ => Err(ExternalError::from(
                koprs_external::spec::WatcherSpec::http("", "").build().unwrap_err(),
            )),
        }))
    }

    fn name(&self) -> &str {
        "letters"
    }
}

#[tokio::test]
async fn a_first_listing_without_objects_is_logged_once_with_what_a_url_names() {
    let (log, _guard) = Log::start();
    let store = Arc::new(InMemory::new());
    store.put(&Path::from("models/config.yaml"), "a".into()).await.unwrap();
    let mut one_object = ObjectStorePoller::new(store.clone()).with_prefix("models/config.yaml");
    let mut folder = ObjectStorePoller::new(store).with_prefix("models");
    for _ in 0..2 {
        one_object.poll().await.unwrap();
        folder.poll().await.unwrap();
    }
    let lines = log.lines("WARN", "the first listing has no objects");
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(
        lines[0].contains("models/config.yaml") && lines[0].contains("`include`"),
        "{lines:#?}"
    );
}

#[tokio::test(start_paused = true)]
async fn each_poll_is_a_span_and_each_transition_is_a_line() {
    let (log, _guard) = Log::start();
    let config = WatchConfig::new(Duration::from_secs(1)).with_jitter(0.0);
    let mut letters = watch(Letters(".xxx.x."), config);
    while letters.recv().await.is_some() {}

    let spans = log.lines("INFO", "close");
    assert_eq!(spans.len(), 8, "one a poll: {spans:#?}");
    assert!(spans[0].contains(r#"source=letters"#), "{}", spans[0]);
    assert!(spans[0].contains(r#"reason=Tick"#) && spans[0].contains("outcome=success"));
    assert!(spans[0].contains("events=2") && spans[0].contains("duration_ms="), "{}", spans[0]);
    assert!(spans[2].contains("reason=Retry") && spans[2].contains("outcome=failure"));

    assert_eq!(
        log.lines("WARN", "poll failed; will retry").len(),
        2,
        "the first failure of each row"
    );
    assert_eq!(log.lines("INFO", "polling works again").len(), 2);
    assert!(log.lines("INFO", "polling works again")[0].contains("failures=3"));
    assert_eq!(log.lines("DEBUG", "still fails").len(), 2);
    assert_eq!(log.lines("ERROR", "no poll can ever succeed").len(), 1);
    assert_eq!((log.lines("INFO", "started").len(), log.lines("INFO", "stopped").len()), (1, 1));
}

/// Tells three events, and then nothing.
struct Three(bool);

impl ExternalSource for Three {
    type Item = u8;

    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<u8>>>> {
        let items: &[u8] = if std::mem::replace(&mut self.0, true) { &[] } else { &[1, 2, 3] };
        let events = items.iter().map(|item| ExternalEvent::Added(*item)).collect();
        Box::pin(std::future::ready(Ok(events)))
    }

    fn name(&self) -> &str {
        "three"
    }
}

async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

const BLOCKED: &str = "consumer takes no events";

#[tokio::test(start_paused = true)]
async fn a_consumer_that_takes_no_events_is_logged_with_the_way_out_and_seldom() {
    let (log, _guard) = Log::start();
    let mut three = watch(Three(false), WatchConfig::new(Duration::from_secs(1)));
    let mut lines = Vec::new();
    for seconds in [9, 2, 590, 20, 600] {
        pass(seconds).await;
        lines.push(log.lines("WARN", BLOCKED).len());
    }
    assert_eq!(lines, [0, 1, 1, 2, 3]);
    let line = &log.lines("WARN", BLOCKED)[0];
    for part in ["source=three", "events=3", "waited=10s", "select!", "synced"] {
        assert!(line.contains(part), "{line}");
    }
    assert!(log.lines("INFO", "takes events again").is_empty());

    // Another wait soon after is none to warn of again.
    for _ in 0..3 {
        three.recv().await;
        pass(15).await;
    }
    assert!(tokio::time::timeout(Duration::from_secs(5), three.recv()).await.is_err());
    assert_eq!(log.lines("WARN", BLOCKED).len(), 3);
    assert_eq!(log.lines("INFO", "takes events again").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_is_full_before_its_consumer_starts_is_logged() {
    let (log, _guard) = Log::start();
    let (tx, mut rx) = tokio::sync::mpsc::channel(2);
    let _task = watch_external(Three(false), Duration::from_secs(1), tx);
    pass(11).await;
    let lines = log.lines("WARN", BLOCKED);
    assert!(lines.len() == 1 && lines[0].contains("events=1"), "{lines:?}");
    for item in 1..=3 {
        assert_eq!(rx.recv().await.unwrap().into_value(), item);
    }
    pass(1).await;
    assert_eq!(log.lines("INFO", "takes events again").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_span_of_a_poll_does_not_last_until_its_events_are_taken() {
    let (log, _guard) = Log::start();
    let mut three = watch(Three(false), WatchConfig::new(Duration::from_secs(1)));
    pass(100).await;
    let spans = log.lines("INFO", "close");
    assert_eq!(spans.len(), 1, "{spans:?}");
    for part in ["outcome=success", "events=3", "duration_ms=0"] {
        assert!(spans[0].contains(part), "{}", spans[0]);
    }
    three.recv().await;
}

/// Whatever takes the events of a set, the watcher is named, and where it is declared.
#[tokio::test(start_paused = true)]
async fn a_consumer_of_a_set_that_takes_no_events_is_logged_for_each_watcher() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["one", "two"] {
        std::fs::write(folder.path().join(file), "1").unwrap();
    }
    let url = format!("file://{}/", folder.path().display());
    let yaml = format!(
        "apiVersion: koprs-external/v1\ndefaults: {{ interval: 10s }}\nwatchers:
  - {{ name: a, objectStore: {{ url: '{url}', settle: 0s }} }}
  - {{ name: b, objectStore: {{ url: '{url}', settle: 0s }} }}\n"
    );
    let set: WatcherSet = yaml.parse().unwrap();
    let named = |log: &Log, name: &str| {
        let lines = log.lines("WARN", BLOCKED).into_iter();
        let named = format!("watcher{{name={name} declared=");
        lines.filter(|line| line.contains(&named)).count()
    };

    let (log, guard) = Log::start();
    let values = set.values().unwrap();
    pass(15).await;
    assert_eq!((named(&log, "a"), named(&log, "b")), (1, 1));
    let states = values.statuses().into_iter().map(|(_, status)| status.state);
    assert!(states.eq([State::Blocked; 2]));
    drop((values, guard));

    let (log, _guard) = Log::start();
    let (tx, _rx) = tokio::sync::mpsc::channel(1);
    let _task = set.spawn::<StoredObject>("a", tx).unwrap();
    let _watch = set.watch::<StoredObject>("b").unwrap();
    pass(15).await;
    assert_eq!((named(&log, "a"), named(&log, "b")), (1, 1));
}

/// A source whose name has a space in it, and which says so of an error.
struct Named;

impl ExternalSource for Named {
    type Item = u8;

    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<u8>>>> {
        Box::pin(std::future::ready(Err(ExternalError::Internal("deliberate".to_owned()))))
    }

    fn name(&self) -> &str {
        "price list"
    }
}

#[tokio::test(start_paused = true)]
async fn every_line_of_a_watcher_names_its_source_in_the_same_form() {
    let (log, _guard) = Log::start();
    // Raises an interval of zero, fails, blocks, recovers, ends.
    let second = WatchConfig::new(Duration::from_secs(1));
    drop(watch(Named, WatchConfig::new(Duration::ZERO)));
    let mut watchers = (watch(Named, second.clone()), watch(Three(false), second.clone()));
    let mut letters = watch(Letters(".x."), second.clone().with_jitter(0.0));
    while letters.recv().await.is_some() {}
    pass(15).await;
    watchers.1.recv().await;
    drop(watchers);
    pass(1).await;
    let (tx, _rx) = tokio::sync::mpsc::channel(1);
    drop(koprs_external::watcher::watch_external_with_config(
        Named,
        second.with_suspended(true),
        tx,
    ));
    pass(1).await;

    let lines = log.lines("", "source");
    for part in ["interval of zero", "poll failed", "takes no events", "no handle to resume"] {
        assert!(lines.iter().any(|line| line.contains(part)), "{part}: {lines:#?}");
    }
    let forms = ["source=price list", "source=three", "source=letters"];
    for line in lines {
        assert!(forms.iter().any(|form| line.contains(form)), "{line}");
        assert!(!line.contains("source=\""), "{line}");
    }
}
