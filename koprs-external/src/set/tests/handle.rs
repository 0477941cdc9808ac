use std::pin::pin;

use futures_util::FutureExt;

use super::*;
use crate::watcher::State;

#[tokio::test(start_paused = true)]
async fn the_status_of_each_watcher_is_found_by_its_name() {
    let mut events = start([("b", Numbers::new([vec![1]])), ("a", Numbers::new([vec![]]))]);
    events.recv().await;
    settle().await;
    let names: Vec<_> = events.statuses().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a".into(), "b".into()]);
    assert_eq!(events.status("a").unwrap().state, State::Healthy);
    assert_eq!(events.status("b").unwrap().state, State::Pending, "its event is in hand");
    assert!(events.status("c").is_none() && events.watcher("c").is_none());
    events.watcher("a").unwrap().shutdown().await;
    assert_eq!(events.status("a").unwrap().state, State::Stopped);
}

#[tokio::test(start_paused = true)]
async fn a_set_is_synced_when_each_watcher_is() {
    let mut events = start([("a", Numbers::new([vec![1]])), ("b", Numbers::new([vec![2]]))]);
    let mut synced = pin!(events.synced());
    settle().await;
    assert!(synced.as_mut().now_or_never().is_none());
    events.recv().await;
    events.recv().await;
    settle().await;
    assert!(synced.as_mut().now_or_never().is_none(), "one is in hand");
    assert_eq!(events.recv().now_or_never(), None);
    synced.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn that_a_watcher_ended_before_it_was_synced_is_an_error_with_its_name() {
    let events =
        start([("pending", Numbers::new([vec![1]])), ("never", Numbers::new([]).then_ends())]);
    let ended = events.synced().await.unwrap_err();
    assert_eq!(&*ended.watcher, "never");
    assert_eq!(ended.to_string(), "the watcher `never` has stopped");
    assert!(ended.cause.unwrap().to_string().contains("it can never work"));
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_returns_when_every_source_is_dropped() {
    let sources = ["a", "b", "c"].map(|name| (name, Numbers::new([vec![1, 2]])));
    let seen: Vec<_> = sources.iter().map(|(_, source)| source.seen.clone()).collect();
    let mut events = start(sources);
    events.recv().await;
    events.shutdown().await;
    assert!(seen.iter().all(Seen::dropped));
    assert!(events.statuses().iter().all(|(_, status)| status.state == State::Stopped));
    assert_eq!(events.recv().await, None, "what was not taken is not told any more");
    events.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_that_is_given_up_stops_the_watchers_too() {
    let sources = ["a", "b", "c"].map(|name| (name, Numbers::new([vec![1]])));
    let seen: Vec<_> = sources.iter().map(|(_, source)| source.seen.clone()).collect();
    let events = start(sources);
    settle().await;
    assert_eq!(events.shutdown().now_or_never(), None);
    settle().await;
    assert!(seen.iter().all(Seen::dropped));
}
