//! A store that tests write to, the pollers that follow it, and what they see, a word each.

use std::sync::Arc;

use koprs_external::error::ExternalError;
use koprs_external::store::object_store::path::Path;
use koprs_external::store::object_store::{ObjectStore, ObjectStoreExt};
use koprs_external::store::{ObjectStorePoller, StoredObject};
use koprs_external::watcher::{ExternalEvent, ExternalSource, Pace};

/// What a store can do, and what it can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Can {
    /// Its listings tell ETags.
    pub(crate) etags: bool,
    /// What tells that an object was written again with the same content, or another of its size.
    pub(crate) rewrites: Rewrites,
    /// Keys that `object_store` has no path for.
    pub(crate) raw_keys: bool,
    /// Keys with a `\`, which is not taken for a `/`.
    pub(crate) backslashes: bool,
}

/// What a store tells of an object that was written again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rewrites {
    /// Each write has an ETag of its own.
    EachWrite,
    /// The ETag is of the content: it tells another content, and nothing of the same.
    OtherContent,
    /// Only the time, as fine as the store writes it, and the size.
    ByTheClock,
}

/// A store to write to.
pub(crate) trait Stage: Sized {
    const CAN: Can;
    /// Whether a prefix without objects is listed as empty. Where it is not, it is a folder that is missing.
    const EMPTY_PREFIXES: bool = true;

    async fn start() -> Self;

    fn can(&self) -> Can {
        Self::CAN
    }

    fn store(&self) -> Arc<dyn ObjectStore>;

    /// The ways in which it can be followed.
    fn pollers(&self) -> Vec<ObjectStorePoller> {
        vec![ObjectStorePoller::new(self.store()).with_name("new")]
    }

    async fn put(&self, key: &str, content: &str) {
        let path = Path::parse(key).unwrap();
        self.store().put(&path, content.to_owned().into()).await.unwrap();
    }

    async fn delete(&self, key: &str) {
        self.store().delete(&Path::parse(key).unwrap()).await.unwrap();
    }

    async fn put_all(&self, keys: &[&str]) {
        for key in keys {
            self.put(key, "1").await;
        }
    }
}

/// What came of polling until an observation was told, or failed.
#[derive(Debug)]
pub(crate) struct Observed {
    pub(crate) events: Vec<ExternalEvent<StoredObject>>,
    pub(crate) error: Option<ExternalError>,
}

impl Observed {
    /// `+a ~b -c`, by path; `.` for no event; a `!` at the end for a failure.
    pub(crate) fn words(&self) -> String {
        let mut events: Vec<_> = self.events.iter().collect();
        events.sort_by_key(|event| &event.value().path);
        let mut words: Vec<_> = events.into_iter().map(word).collect();
        if self.error.is_some() {
            words.push("!".to_owned());
        }
        if words.is_empty() { ".".to_owned() } else { words.join(" ") }
    }
}

fn word(event: &ExternalEvent<StoredObject>) -> String {
    event.clone().map(|object| object.path).to_string().replacen(' ', "", 1)
}

/// Polls until the observation has come to its end, or failed.
pub(crate) async fn observe(poller: &mut ObjectStorePoller) -> Observed {
    let mut events = Vec::new();
    for _ in 0..10_000 {
        match poller.poll().await {
            Ok(told) => events.extend(in_order(told)),
            Err(error) => return Observed { events, error: Some(error) },
        }
        if poller.pace() != Pace::Now {
            return Observed { events, error: None };
        }
    }
    panic!("the observation does not end: {} events", events.len());
}

fn in_order(events: Vec<ExternalEvent<StoredObject>>) -> Vec<ExternalEvent<StoredObject>> {
    let paths: Vec<_> = events.iter().map(|event| &event.value().path).collect();
    assert!(paths.is_sorted(), "the events of a poll are ordered by path: {paths:?}");
    events
}

/// All pollers of a stage; each has to see the same.
pub(crate) struct Eyes(Vec<Eye>);

struct Eye {
    poller: ObjectStorePoller,
    /// What failed observations have told: the next one that succeeds need not tell it again.
    told: Vec<ExternalEvent<StoredObject>>,
}

impl Eyes {
    pub(crate) fn on(stage: &impl Stage) -> Self {
        Self::made(stage, |poller| poller)
    }

    pub(crate) fn of(poller: ObjectStorePoller) -> Self {
        Self(vec![Eye { poller, told: Vec::new() }])
    }

    pub(crate) fn made(
        stage: &impl Stage,
        mut make: impl FnMut(ObjectStorePoller) -> ObjectStorePoller,
    ) -> Self {
        let eye = |poller| Eye { poller: make(poller), told: Vec::new() };
        Self(stage.pollers().into_iter().map(eye).collect())
    }

    /// Observes once, and sees this, told now or by the failures before.
    pub(crate) async fn see(&mut self, expected: &str) {
        self.watch(|poller, observed| {
            let (name, words) = (poller.name(), observed.words());
            let (seen, expected) = difference(&words, expected);
            assert_eq!(seen, expected, "{name}: {:?}", observed.error);
        })
        .await;
    }

    /// Observes once, and fails: nothing is removed by that.
    pub(crate) async fn fail(&mut self) {
        self.watch(|poller, observed| {
            let name = poller.name();
            assert!(observed.error.is_some(), "{name}: {}", observed.words());
        })
        .await;
    }

    /// Observes once, and looks at what came of it.
    pub(crate) async fn watch(&mut self, mut look: impl FnMut(&ObjectStorePoller, Observed)) {
        for Eye { poller, told } in &mut self.0 {
            let mut observed = observe(poller).await;
            observed.events.splice(..0, told.drain(..));
            if observed.error.is_some() {
                let removed = |it: &ExternalEvent<_>| matches!(it, ExternalEvent::Removed(_));
                assert!(!observed.events.iter().any(removed), "{}: {observed:?}", poller.name());
                told.clone_from(&observed.events);
            }
            look(poller, observed);
        }
    }
}

/// Both without what they have in common at their beginning and their end.
fn difference<'a>(a: &'a str, b: &'a str) -> (Vec<&'a str>, Vec<&'a str>) {
    let (mut a, mut b): (Vec<_>, Vec<_>) = (a.split(' ').collect(), b.split(' ').collect());
    let same = |(a, b): &(&&str, &&str)| a == b;
    let start = a.iter().zip(&b).take_while(same).count();
    (a, b) = (a.split_off(start), b.split_off(start));
    let end = a.iter().rev().zip(b.iter().rev()).take_while(same).count();
    a.truncate(a.len() - end);
    b.truncate(b.len() - end);
    (a, b)
}
