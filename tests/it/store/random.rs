//! Any sequence of writes and of polls that go well, fail or are dropped: the events come to what is there.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures::future::poll_fn;
use futures::{FutureExt, StreamExt};
use koprs_external::store::object_store::memory::InMemory;
use koprs_external::store::object_store::throttle::{ThrottleConfig, ThrottledStore};
use koprs_external::store::object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use koprs_external::store::{Object, ObjectStorePoller, StoredObject};
use koprs_external::watcher::{ExternalEvent, ExternalSource, Pace, Report};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseError;

use super::faulty::{Fault, Faulty, Lost, delete, put};
use super::known::Known;

type Checked<T = ()> = Result<T, TestCaseError>;

/// Directories, and names that end in the middle of others.
const KEYS: [&str; 14] =
    ["a", "a.x", "a/b", "a/b/c", "ab", "b", "c", "d", "d/e", "e", "f", "g", "h", "i"];
/// Some of the same size.
const CONTENTS: [u32; 4] = [1, 2, 33, 444];

#[derive(Clone, Debug)]
enum Step {
    Put(&'static str, u32),
    Delete(&'static str),
    Poll(Spoilt),
}

/// What goes wrong with a poll.
#[derive(Clone, Debug)]
struct Spoilt {
    faults: Vec<Fault>,
    lost: Option<Lost>,
    /// It is dropped after its future was polled so often.
    dropped: Option<usize>,
}

const WELL: Spoilt = Spoilt { faults: Vec::new(), lost: None, dropped: None };

fn steps(keys: usize) -> impl Strategy<Value = Vec<Step>> {
    let key = move || select(&KEYS[..keys]);
    let step = prop_oneof![
        4 => (key(), select(&CONTENTS[..])).prop_map(|(key, content)| Step::Put(key, content)),
        2 => key().prop_map(Step::Delete),
        3 => spoilt().prop_map(Step::Poll),
        1 => Just(Step::Poll(WELL)),
    ];
    vec(step, 0..40)
}

fn spoilt() -> impl Strategy<Value = Spoilt> {
    let strange = vec(select(vec![Fault::Reversed, Fault::Repeated]), 0..3);
    let end = option::of(prop_oneof![
        (0..16_usize).prop_map(Fault::FailAt),
        (0..16_usize).prop_map(Fault::StallAt),
    ]);
    let faults = (strange, end).prop_map(|(strange, end)| strange.into_iter().chain(end).collect());
    let lost = prop_oneof![
        Just(Lost::NotFound),
        Just(Lost::Precondition),
        Just(Lost::Generic),
        Just(Lost::Stall),
        Just(Lost::Short(0)),
    ];
    (faults, option::of(lost), option::of(0..24_usize)).prop_map(|(faults, lost, dropped)| Spoilt {
        faults,
        lost,
        dropped,
    })
}

/// How long an object takes: so that a future waits for each of them, or so that a listing takes several polls.
fn waits() -> impl Strategy<Value = Duration> {
    select(vec![Duration::from_millis(1), Duration::from_secs(4)])
}

/// What is in a store, as events tell it.
trait Told {
    type Value: PartialEq + std::fmt::Debug;

    fn told(self) -> (String, Self::Value);
    fn there(meta: &ObjectMeta, content: u32) -> Self::Value;
}

impl Told for StoredObject {
    type Value = (Option<String>, u64);

    fn told(self) -> (String, Self::Value) {
        (self.path, (self.etag, self.size))
    }

    fn there(meta: &ObjectMeta, _: u32) -> Self::Value {
        (meta.e_tag.clone(), meta.size)
    }
}

impl Told for Object<u32> {
    type Value = u32;

    fn told(self) -> (String, u32) {
        assert_eq!(self.size, self.value.to_string().len() as u64, "{}", self.path);
        (self.path, self.value)
    }

    fn there(_: &ObjectMeta, content: u32) -> u32 {
        content
    }
}

fn content<T: Told>(store: &InMemory) -> BTreeMap<String, T::Value> {
    let listed = store.list(None).collect::<Vec<_>>().now_or_never().unwrap();
    let object = |meta: ObjectMeta| {
        let got = store.get(&meta.location).now_or_never().unwrap().unwrap();
        let bytes = got.bytes().now_or_never().unwrap().unwrap();
        let content = std::str::from_utf8(&bytes).unwrap().parse().unwrap();
        (meta.location.to_string(), T::there(&meta, content))
    };
    listed.into_iter().map(Result::unwrap).map(object).collect()
}

/// The output, unless the future is not ready when it was polled so often, or never comes.
async fn unless_dropped<F: Future>(dropped: Option<usize>, future: F) -> Option<F::Output> {
    let mut left = dropped.unwrap_or(usize::MAX);
    let mut future = pin!(future);
    let polled = poll_fn(|cx| {
        let Some(less) = left.checked_sub(1) else { return Poll::Ready(None) };
        left = less;
        future.as_mut().poll(cx).map(Some)
    });
    tokio::time::timeout(Duration::from_secs(3600), polled).await.ok().flatten()
}

/// A source that follows a store, and what its events come to.
struct Reader<S: ExternalSource<Item: Told>> {
    store: Faulty,
    source: S,
    known: Known<<S::Item as Told>::Value>,
    /// The last poll was dropped: the next one may go on with its listing, which is of before.
    begun: bool,
}

impl<T: Told, S: ExternalSource<Item = T>> Reader<S> {
    async fn run(&mut self, steps: Vec<Step>) -> Checked {
        for step in steps {
            match step {
                Step::Put(key, content) => put(&self.store.inner, key, &content.to_string()),
                Step::Delete(key) => {
                    if content::<T>(&self.store.inner).contains_key(key) {
                        delete(&self.store.inner, key);
                    }
                }
                Step::Poll(spoilt) => {
                    self.poll(spoilt).await?;
                }
            }
        }
        Ok(())
    }

    /// Whether it went well.
    async fn poll(&mut self, Spoilt { faults, lost, dropped }: Spoilt) -> Checked<bool> {
        self.store.faults(faults);
        self.store.lost(lost);
        self.known.looks(content::<T>(&self.store.inner).into_keys().collect());
        let polled = unless_dropped(dropped, self.source.poll()).await;
        self.begun = polled.is_none();
        self.store.faults([]);
        self.store.lost(None);
        match polled {
            Some(Ok(events)) => {
                self.known.take(events.into_iter().map(|event| event.map(Told::told)))?;
                Ok(true)
            }
            Some(Err(_)) | None => Ok(false),
        }
    }

    async fn observe(&mut self) -> Checked<bool> {
        for _ in 0..1000 {
            if !self.poll(WELL).await? {
                return Ok(false);
            }
            if self.source.pace() != Pace::Now {
                return Ok(true);
            }
        }
        Err(TestCaseError::fail("the observation does not end"))
    }

    /// What was begun comes to its end, and failures that were not told are told; then all is seen so often.
    async fn settle(&mut self, times: usize) -> Checked {
        let mut failures = 0;
        while (self.begun || self.source.pace() == Pace::Now) && !self.observe().await? {
            failures += 1;
            prop_assert!(failures <= 2, "it does not recover");
        }
        for _ in 0..times {
            while !self.observe().await? {
                failures += 1;
                prop_assert!(failures <= 2, "it does not recover");
            }
        }
        // An object that could not be read while others could is a bad item, which rests for some polls and some time.
        for _ in 0..64 {
            if self.source.report().bad_items > 0 {
                tokio::time::sleep(Duration::from_secs(10)).await;
                prop_assert!(self.observe().await?, "a bad item is no failure");
            }
        }
        prop_assert_eq!(&self.known.objects, &content::<T>(&self.store.inner));
        prop_assert!(self.source.complete(), "something was not read");
        let Report { held_removals, bad_items, .. } = self.source.report();
        prop_assert_eq!((held_removals, bad_items), (None, 0));
        let events = self.source.poll().await;
        prop_assert!(events.is_ok_and(|events| events.is_empty()), "nothing has changed");
        Ok(())
    }
}

/// What is told of a source that is given up.
impl<T: Told, S: ExternalSource<Item = T>> Reader<S> {
    fn retract(&mut self) -> Checked {
        loop {
            let events = self.source.retract();
            if events.is_empty() {
                prop_assert_eq!(&self.known.objects, &BTreeMap::new());
                return Ok(());
            }
            for event in events {
                let is_removed = matches!(event, ExternalEvent::Removed(_));
                let (path, _) = event.into_value().told();
                prop_assert!(is_removed && self.known.objects.remove(&path).is_some(), "{}", path);
            }
        }
    }
}

/// Follows a store in which each object takes so long, and gives it up.
fn takes_back_what_was_told<T: Told, S: ExternalSource<Item = T>>(
    make: impl FnOnce(Arc<dyn ObjectStore>) -> S,
    wait: Duration,
    steps: Vec<Step>,
) -> Checked {
    played(make, wait, async move |mut reader| {
        reader.run(steps).await?;
        reader.retract()
    })
}

/// Follows a store in which each object takes so long.
fn comes_to_what_is_there<T: Told, S: ExternalSource<Item = T>>(
    make: impl FnOnce(Arc<dyn ObjectStore>) -> S,
    wait: Duration,
    steps: Vec<Step>,
    times: usize,
) -> Checked {
    played(make, wait, async move |mut reader| {
        reader.run(steps).await?;
        reader.settle(times).await
    })
}

fn played<T: Told, S: ExternalSource<Item = T>>(
    make: impl FnOnce(Arc<dyn ObjectStore>) -> S,
    wait: Duration,
    play: impl AsyncFnOnce(Reader<S>) -> Checked,
) -> Checked {
    let slow = ThrottleConfig {
        wait_get_per_call: wait,
        wait_list_per_entry: wait,
        ..ThrottleConfig::default()
    };
    let store = Faulty::new();
    let source = make(Arc::new(ThrottledStore::new(store.clone(), slow)));
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(async { play(Reader { store, source, known: Known::new(), begun: false }).await })
}

fn unguarded(store: Arc<dyn ObjectStore>) -> ObjectStorePoller {
    ObjectStorePoller::new(store).with_hold(1.0, u64::MAX)
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn the_events_come_to_what_is_listed(wait in waits(), steps in steps(8)) {
        comes_to_what_is_there(unguarded, wait, steps, 1)?;
    }

    #[test]
    fn the_events_come_to_what_the_objects_hold(wait in waits(), steps in steps(8)) {
        let make = |store| unguarded(store).contents::<u32>().with_concurrency(2);
        comes_to_what_is_there(make, wait, steps, 1)?;
    }

    #[test]
    fn what_was_listed_and_told_is_taken_back(wait in waits(), steps in steps(8)) {
        takes_back_what_was_told(unguarded, wait, steps)?;
    }

    #[test]
    fn what_objects_hold_and_was_told_is_taken_back(wait in waits(), steps in steps(14)) {
        let make = |store| ObjectStorePoller::new(store).contents::<u32>().with_concurrency(2);
        takes_back_what_was_told(make, wait, steps)?;
    }

    #[test]
    fn what_is_held_is_told_when_three_whole_listings_agree(wait in waits(), steps in steps(14)) {
        comes_to_what_is_there(ObjectStorePoller::new, wait, steps, 3)?;
    }

    #[test]
    fn what_is_held_is_told_of_contents_too(wait in waits(), steps in steps(14)) {
        let make = |store| ObjectStorePoller::new(store).contents::<u32>();
        comes_to_what_is_there(make, wait, steps, 3)?;
    }
}
