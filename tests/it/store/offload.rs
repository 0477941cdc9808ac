//! Objects that take long to decode: they hold up nobody, and lose no event.

use std::sync::Arc;
use std::time::Duration;

use koprs_external::store::object_store::memory::InMemory;
use koprs_external::store::object_store::path::Path;
use koprs_external::store::object_store::{ObjectStore, ObjectStoreExt};
use koprs_external::store::{ContentPoller, ObjectStorePoller};
use koprs_external::watcher::{ExternalEvent, ExternalSource, Pace, WatchConfig, watch};
use tokio::task::yield_now;

use crate::gate::{GATES, Slow, cut};

/// A store with an object that is so long that it is decoded on another thread, and a short one behind it.
async fn store() -> Arc<dyn ObjectStore> {
    let store = Arc::new(InMemory::new());
    let large = format!("1{}", " ".repeat(100_000));
    store.put(&Path::from("a.json"), large.into()).await.unwrap();
    store
}

fn contents<const GATE: usize>(store: &Arc<dyn ObjectStore>) -> ContentPoller<Slow<GATE>> {
    ObjectStorePoller::new(Arc::clone(store)).contents()
}

/// What an observation tells, a word each.
async fn told<const GATE: usize>(source: &mut ContentPoller<Slow<GATE>>) -> String {
    let mut words = Vec::new();
    loop {
        let told = source.poll().await.unwrap().into_iter();
        words.extend(
            told.map(|event| event.map(|it| format!("{}={}", it.path, it.value.0)).to_string()),
        );
        if source.pace() != Pace::Now {
            return words.join(" ");
        }
    }
}

#[tokio::test]
async fn an_object_whose_poll_is_cut_off_while_it_is_decoded_is_told_once() {
    let store = store().await;
    let mut source = contents::<9>(&store);
    cut::<9>(&mut source, 1).await;
    GATES[9].open();
    assert_eq!(told(&mut source).await, "+ a.json=1");
    assert_eq!(told(&mut source).await, "");
    assert_eq!(GATES[9].count(), 1, "it is decoded once");
    store.put(&Path::from("a.json"), "2".into()).await.unwrap();
    assert_eq!(told(&mut source).await, "~ a.json=2");
}

#[tokio::test]
async fn an_innocent_watcher_sees_its_events_while_an_object_is_decoded() {
    let store = store().await;
    let config = || WatchConfig::new(Duration::from_secs(1));
    let mut hostile = watch(contents::<10>(&store), config());
    GATES[10].entered(1).await;
    let mut innocent = watch(ObjectStorePoller::new(Arc::clone(&store)), config());
    let event = innocent.recv().await;
    assert!(matches!(&event, Some(ExternalEvent::Added(it)) if it.path == "a.json"), "{event:?}");
    GATES[10].open();
    assert!(matches!(hostile.recv().await, Some(ExternalEvent::Added(_))));
}

#[tokio::test]
async fn a_watcher_that_retires_while_an_object_is_decoded_tells_and_removes_it() {
    let store = store().await;
    let config = WatchConfig::new(Duration::from_secs(1));
    let mut watch = watch(contents::<11>(&store), config);
    GATES[11].entered(1).await;
    watch.handle().retire();
    yield_now().await;
    GATES[11].open();
    let mut words = Vec::new();
    while let Some(event) = watch.recv().await {
        words.push(event.map(|object| object.path).to_string());
    }
    assert_eq!(words, ["+ a.json", "- a.json"]);
}
