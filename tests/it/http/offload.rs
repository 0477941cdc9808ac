//! Bodies that take long to decode: they hold up nobody, end at the deadline, and lose no event.
//!
//! How long is up to the test: what is decoded waits at a [gate](crate::gate).

use std::time::Duration;

use futures::future::join_all;
use koprs_external::declared::DeclaredSource;
use koprs_external::error::ExternalError;
use koprs_external::watcher::{ExternalEvent, ExternalSource, WatchConfig, WatchHandle, watch};
use koprs_external_tests::{Reply, Server};
use serde::{Deserialize, Deserializer};
use tokio::task::yield_now;

use super::shelf::{array, list};
use super::stage::{Shown, declare, poll, source, value};
use crate::gate::{GATES, Slow, cut};

impl<const GATE: usize> Shown for Slow<GATE> {
    fn shown(&self) -> String {
        self.0.to_string()
    }
}

#[derive(Clone, Debug, Deserialize)]
struct Item<const GATE: usize> {
    id: String,
    n: Slow<GATE>,
}

impl<const GATE: usize> Shown for Item<GATE> {
    fn shown(&self) -> String {
        format!("{}{}", self.id, self.n.0)
    }
}

/// A value that is so long that it is decoded on another thread.
fn large(n: u32) -> Reply {
    Reply::json(format!("{n}{}", " ".repeat(100_000))).etag(&format!("\"{n}\""))
}

/// A list whose page is so long.
fn large_list(items: &str) -> Reply {
    let reply = array(items) + &" ".repeat(100_000);
    Reply::json(reply).etag(&format!("\"{}\"", items.replace(' ', "-")))
}

fn watched<S: ExternalSource>(source: S) -> koprs_external::Watch<S::Item> {
    watch(source, WatchConfig::new(Duration::from_secs(1)))
}

async fn has_failed(handle: &WatchHandle) {
    while handle.status().last_error.is_none() {
        yield_now().await;
    }
}

/// Some watchers decode for as long as it takes an innocent one to see two versions.
async fn innocent_beside_hostile<const GATE: usize>(hostile: usize) {
    let server = Server::start().await;
    server.set("/hostile", large(7));
    server.set("/v", value(1));
    let watcher = || watched(source::<Slow<GATE>>(declare(server.url("/hostile"))));
    let mut hostile: Vec<_> = (0..hostile).map(|_| watcher()).collect();
    GATES[GATE].entered(1).await;
    let mut innocent = watched(source::<u32>(declare(server.url("/v"))));
    assert!(matches!(innocent.recv().await, Some(ExternalEvent::Added(1))));
    server.set("/v", value(2));
    innocent.handle().poll_now();
    assert!(matches!(innocent.recv().await, Some(ExternalEvent::Modified(2))));
    GATES[GATE].open();
    for event in join_all(hostile.iter_mut().map(|watch| watch.recv())).await {
        assert!(matches!(event, Some(ExternalEvent::Added(Slow(7)))), "{event:?}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn an_innocent_watcher_sees_its_events_while_others_decode_on_one_thread() {
    innocent_beside_hostile::<0>(4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_innocent_watcher_sees_its_events_while_others_decode_on_two_threads() {
    innocent_beside_hostile::<1>(8).await;
}

#[tokio::test]
async fn a_value_whose_poll_is_cut_off_while_it_is_decoded_is_told_by_the_next_poll() {
    let server = Server::start().await;
    server.set("/v", large(1));
    let mut source = source::<Slow<2>>(declare(server.url("/v")));
    cut::<2>(&mut source, 1).await;
    // The next poll waits for what the one before it left behind.
    cut::<2>(&mut source, 1).await;
    GATES[2].open();
    assert_eq!(poll(&mut source).await, "+1");
    assert_eq!(poll(&mut source).await, ".");
    server.set("/v", large(2));
    assert_eq!(poll(&mut source).await, "~2");
    assert_eq!(GATES[2].count(), 2, "decoded once each");
}

#[tokio::test]
async fn a_value_that_is_told_late_is_as_known_as_any_other() {
    let server = Server::start().await;
    server.set("/v", Reply::status(404));
    let mut source = source::<Slow<12>>(declare(server.url("/v")));
    assert_eq!(poll(&mut source).await, ".");
    assert!(source.report().absence.is_some() && !source.complete(), "it is to be confirmed");
    server.set("/v", large(1));
    cut::<12>(&mut source, 1).await;
    GATES[12].open();
    assert_eq!(poll(&mut source).await, "+1");
    assert!(source.report().absence.is_none() && source.complete());
}

#[tokio::test]
async fn a_list_whose_poll_is_cut_off_stops_between_items_and_loses_none() {
    let server = Server::start().await;
    server.set("/v", large_list("a1 b1 c1"));
    let mut source = source::<Item<3>>(list(server.url("/v")));
    cut::<3>(&mut source, 1).await;
    GATES[3].open();
    source.idle().await;
    assert_eq!(GATES[3].count(), 1, "the items behind it are not decoded");
    assert_eq!(source.undelivered().len(), 0);
    assert_eq!(poll(&mut source).await, "+a1+b1+c1");
    server.set("/v", large_list("a1 b2"));
    assert_eq!(poll(&mut source).await, "~b2-c1");
    assert_eq!(poll(&mut source).await, ".");
}

#[tokio::test]
async fn a_poll_that_decodes_ends_at_the_deadline_and_the_next_one_tells_it() {
    let server = Server::start().await;
    server.set("/v", large(1));
    let config = WatchConfig::new(Duration::from_secs(1)).with_deadline(Duration::from_secs(3));
    let mut watch = watch(source::<Slow<4>>(declare(server.url("/v"))), config);
    let handle = watch.handle();
    GATES[4].entered(1).await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(4)).await;
    tokio::time::resume();
    has_failed(&handle).await;
    let error = handle.status().last_error.unwrap();
    assert!(matches!(*error, ExternalError::Deadline(_)), "{error}");
    GATES[4].open();
    handle.poll_now();
    assert!(matches!(watch.recv().await, Some(ExternalEvent::Added(Slow(1)))));
}

#[tokio::test]
async fn a_watcher_that_is_stopped_does_not_wait_for_what_it_decodes() {
    let server = Server::start().await;
    server.set("/v", large(1));
    let watch = watched(source::<Slow<5>>(declare(server.url("/v"))));
    let handle = watch.handle();
    GATES[5].entered(1).await;
    drop(watch);
    handle.shutdown().await;
    assert_eq!(GATES[5].waiting(), 1, "it is decoded yet");
    GATES[5].open();
}

#[tokio::test]
async fn a_watcher_that_retires_while_it_decodes_tells_what_it_found_and_removes_it() {
    let server = Server::start().await;
    server.set("/v", large(1));
    let mut watch = watched(source::<Slow<6>>(declare(server.url("/v"))));
    GATES[6].entered(1).await;
    watch.handle().retire();
    yield_now().await;
    GATES[6].open();
    let mut words = Vec::new();
    while let Some(event) = watch.recv().await {
        words.push(event.map(|number| number.shown()).to_string());
    }
    assert_eq!(words, ["+ 1", "- 1"]);
}

#[tokio::test]
async fn a_successor_inherits_what_a_poll_had_found_that_was_cut_off() {
    let server = Server::start().await;
    server.set("/v", large(1));
    let made = || source::<Slow<7>>(declare(server.url("/v")));
    let mut old = made();
    cut::<7>(&mut old, 1).await;
    GATES[7].open();
    old.idle().await;
    let told = old.undelivered();
    assert!(matches!(&told[..], [ExternalEvent::Added(Slow(1))]), "{told:?}");
    let mut new = made();
    new.inherit(old.hand_over().unwrap()).unwrap();
    assert_eq!(poll(&mut new).await, ".");
}

/// Decodes once, and panics before.
#[derive(Clone, Debug)]
struct Fragile(u32);

impl<'de> Deserialize<'de> for Fragile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u32::deserialize(deserializer)?;
        assert!(number != 13, "bad luck");
        Ok(Self(number))
    }
}

#[tokio::test]
async fn a_panic_while_a_large_body_is_decoded_is_a_failed_poll_and_loses_nothing() {
    let server = Server::start().await;
    server.set("/v", large(1));
    let source = DeclaredSource::<Fragile>::new(declare(server.url("/v")).build().unwrap());
    let mut watch = watched(source.unwrap());
    let handle = watch.handle();
    assert!(matches!(watch.recv().await, Some(ExternalEvent::Added(Fragile(1)))));
    server.set("/v", large(13));
    handle.poll_now();
    // The event before it counts as taken once the next one is asked for.
    tokio::select! {
        event = watch.recv() => panic!("{event:?}"),
        () = has_failed(&handle) => {}
    }
    assert_eq!(handle.status().last_error.unwrap().to_string(), "the source panicked: bad luck");
    server.set("/v", large(2));
    handle.poll_now();
    assert!(matches!(watch.recv().await, Some(ExternalEvent::Modified(Fragile(2)))));
}

/// An item that is cloned once the gate is open: of a long list, that is a job of its own.
#[derive(Debug, Deserialize)]
struct Cloned {
    id: String,
    n: u32,
}

impl Clone for Cloned {
    fn clone(&self) -> Self {
        GATES[8].pass();
        Self { id: self.id.clone(), n: self.n }
    }
}

#[tokio::test]
async fn a_walk_that_was_concluded_after_its_poll_is_told_by_the_next_one_and_counts() {
    let server = Server::start().await;
    let items = |n: u32| {
        let items = (0..3000).map(|id| format!(r#"{{"id":"{id:04}","n":{n}}}"#));
        let items = items.collect::<Vec<_>>().join(",");
        Reply::json(format!("[{items}]")).etag(&format!("\"{n}\""))
    };
    server.set("/v", items(1));
    let mut source = source::<Cloned>(list(server.url("/v")));
    cut::<8>(&mut source, 1).await;
    // Meanwhile the server has another version, and comes back to the first one.
    GATES[8].open();
    let events = source.poll().await.unwrap();
    assert_eq!(events.len(), 3000);
    assert!(events.iter().all(|event| matches!(event, ExternalEvent::Added(Cloned { n: 1, .. }))));
    assert_eq!(server.hits("/v"), 1, "what is late is told before the server is asked again");
    assert_eq!(source.poll().await.unwrap().len(), 0);
    server.set("/v", items(2));
    assert_eq!(source.poll().await.unwrap().len(), 3000);
    server.set("/v", items(1));
    assert_eq!(source.poll().await.unwrap().len(), 3000);
}
