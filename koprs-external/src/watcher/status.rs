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
    /// The last poll succeeded. Whether it found nothing (404, 410) is in [`Report::absence`].
    Healthy,
    /// The last poll failed; it is tried again after a backoff.
    Failing,
    /// The consumer has taken no event for 10 s, and there are some: the watcher does not poll until it has taken
    /// them. See [`Status::undelivered`].
    Blocked,
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
    /// When the next poll is due. None during a poll, while events wait for the consumer, while suspended and
    /// when stopped.
    pub next_poll: Option<Instant>,
    /// Items that are there: those added less those removed.
    pub items: u64,
    /// Events that wait for the consumer. None when it has taken all.
    pub undelivered: Option<Undelivered>,
    /// The source's own report: held removals, bad items, an absent value.
    pub report: Report,
}

/// Events that the consumer has not taken. The source is not polled until it has.
///
/// A channel takes an event when it has room for it; the reader of a stream has taken one when it asks for the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Undelivered {
    /// How many there are.
    pub events: u64,
    /// How long they have waited: since the consumer last took one of them, or since the poll.
    pub since: Instant,
}
