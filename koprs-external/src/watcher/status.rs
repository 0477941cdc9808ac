//! The status of a watcher, as its users see it.

use std::sync::Arc;

use tokio::time::Instant;

use super::Report;
use crate::error::ExternalError;

/// How a watcher is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// No poll has ended yet.
    Pending,
    /// The last poll succeeded.
    Healthy,
    /// The last poll failed; it is tried again after a backoff.
    Failing,
    /// It does not poll until it is resumed.
    Suspended,
    /// It has ended and polls no more.
    Stopped,
}

/// What a watcher has done so far, at one moment.
///
/// Times are those of tokio's clock; `SystemTime::now() - instant.elapsed()` is the time of day.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    /// How it is doing.
    pub state: State,
    /// When a poll last succeeded and its events were taken.
    pub last_success: Option<Instant>,
    /// When a poll last failed.
    pub last_failure: Option<Instant>,
    /// Why. It stays after a recovery; `consecutive_failures` tells whether it is over.
    pub last_error: Option<Arc<ExternalError>>,
    /// Failures since the last success.
    pub consecutive_failures: u32,
    /// When the next poll is due. None during a poll, while suspended and when stopped.
    pub next_poll: Option<Instant>,
    /// Items that are there: those added less those removed.
    pub items: u64,
    /// What the source shows of itself: removals that are held, items that are bad.
    pub report: Report,
}
