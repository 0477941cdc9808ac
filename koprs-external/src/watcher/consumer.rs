//! A consumer that does not take its events stops the watcher. That is seen and logged, since it is often a
//! deadlock: whoever waits for [`synced`](super::WatchHandle::synced) before reading waits for ever.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use tokio::time::Instant;
use tracing::{info, warn};

use super::control::{Control, sleep_until};
use super::outlet::Closed;
use super::status::Undelivered;

/// A consumer that has taken no event for this long blocks the watcher.
const PATIENCE: Duration = Duration::from_secs(10);
/// The least time between two warnings of one watcher.
const WARN_AGAIN: Duration = Duration::from_secs(600);

const WARNING: &str = "consumer takes no events, and the source is not polled until it does; read the events in a task of \
                       their own or with `tokio::select!`, and do not wait for `synced` before reading them";

/// Whether the consumer keeps the watcher from polling.
pub(super) fn is_blocked(undelivered: Option<Undelivered>, now: Instant) -> bool {
    undelivered.is_some_and(|it| now.saturating_duration_since(it.since) >= PATIENCE)
}

/// Warns of a consumer that does not take its events.
#[derive(Debug, Default)]
pub(super) struct ConsumerMonitor {
    last_warning: Option<Instant>,
}

impl ConsumerMonitor {
    /// Waits for a delivery, and warns while the consumer takes nothing.
    pub(super) async fn watch(
        &mut self,
        source: &str,
        control: &Control,
        delivery: impl Future<Output = Result<(), Closed>>,
    ) -> Result<(), Closed> {
        let mut delivery = pin!(delivery);
        let mut warned = None;
        loop {
            let due = control.undelivered().map(|it| self.next_warning(it.since));
            tokio::select! {
                biased;
                delivered = &mut delivery => {
                    if let (Ok(()), Some(since)) = (&delivered, warned) {
                        info!(%source, waited = ?since_then(since), "consumer takes events again");
                    }
                    return delivered;
                }
                () = sleep_until(due) => {}
            }
            // It may have taken one meanwhile.
            let undelivered = control.undelivered();
            if let Some(Undelivered { events, since }) = undelivered.filter(|it| self.is_due(it)) {
                warn!(%source, events, waited = ?since_then(since), "{}", WARNING);
                self.last_warning = Some(Instant::now());
                warned = warned.or(Some(since));
            }
        }
    }

    fn is_due(&self, undelivered: &Undelivered) -> bool {
        self.next_warning(undelivered.since) <= Instant::now()
    }

    /// When to warn of events that have waited since then.
    fn next_warning(&self, since: Instant) -> Instant {
        let last = self.last_warning.map(|at| at + WARN_AGAIN);
        (since + PATIENCE).max(last.unwrap_or(since))
    }
}

/// To the second.
fn since_then(since: Instant) -> Duration {
    Duration::from_secs(since.elapsed().as_secs())
}
