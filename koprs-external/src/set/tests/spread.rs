use std::time::Duration;

use tokio::time::Instant;

use crate::set::WatcherSet;
use crate::watcher::Status;

const WATCHERS: usize = 100;
/// 100 ms for each.
const WITHIN: Duration = Duration::from_secs(10);

fn set() -> WatcherSet {
    let watcher = |n| format!("  - {{ name: w{n}, interval: 1h, http: {{ url: https://h/ }} }}\n");
    let watchers: String = (0..WATCHERS).map(watcher).collect();
    format!("apiVersion: koprs-external/v1\nwatchers:\n{watchers}").parse().unwrap()
}

/// How long each waits for its first poll. The clock stands still, so that none has polled.
async fn waits(statuses: impl Fn() -> Vec<Status>) -> Vec<Duration> {
    while statuses().iter().any(|status| status.next_poll.is_none()) {
        tokio::task::yield_now().await;
    }
    let now = Instant::now();
    statuses().iter().map(|status| status.next_poll.unwrap().duration_since(now)).collect()
}

/// That one of the sixths is empty has a chance of 6 × (5/6)^100, one in twelve million.
fn assert_spread(waits: &[Duration]) {
    assert_eq!(waits.len(), WATCHERS);
    assert!(waits.iter().all(|wait| *wait <= WITHIN), "{waits:?}");
    let sixth = |n: u32| WITHIN * n / 6..WITHIN * (n + 1) / 6;
    assert!((0..6).all(|n| waits.iter().any(|wait| sixth(n).contains(wait))), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn first_polls_of_a_set_are_spread() {
    let set = set();
    let values = set.values().unwrap();
    let statuses = || values.statuses().into_iter().map(|(_, status)| status).collect();
    assert_spread(&waits(statuses).await);

    let watches: Vec<_> = set.names().map(|name| set.watch::<String>(name).unwrap()).collect();
    let statuses = || watches.iter().map(|watch| watch.status()).collect();
    assert_spread(&waits(statuses).await);
}
