//! The polling runtime: when a source is polled, what happens when it fails, who takes its events.
//!
//! One loop (`task`) stands under [`watch_external`], [`watch_external_with_config`] and [`watch`]. It
//! knows of a source only [`ExternalSource`]. What it promises:
//!
//! - Polls of one watcher never overlap, and none begins before the events of the last were taken.
//! - The wait after a success is the interval; after the n-th failure in a row it is interval × 2ⁿ, at
//!   most `max_backoff`, never less than the interval. Both carry jitter. A success resets it.
//! - A server-requested delay lengthens the wait and never shortens it.
//! - A requested poll does not wait for a backoff. It begins at least 1 s after the poll before it, or an interval, if
//!   that is shorter.
//! - Every poll has a deadline. The time of the consumer does not count.
//! - A consumer that takes no event for 10 s is seen in the [`Status`], and logged.
//! - When the consumer goes, the watcher stops at once, also in the middle of a wait or a poll.
//! - A panic in a source is a failed poll (where panics unwind). No watcher dies silently: its end is
//!   logged, ends its stream or channel, and stands in its [`Status`].
//!
//! Each poll is a `tracing` span `poll` with `source`, `reason`, `outcome`, `events` and `duration_ms`. It ends before
//! the events are delivered. Log lines come on transitions (first failure, recovery, end), not on every attempt.

mod backoff;
mod channel;
mod config;
mod consumer;
mod control;
mod event;
mod outlet;
mod source;
mod status;
mod stream;
mod task;
mod ticker;

#[cfg(test)]
mod tests;

pub use self::channel::{watch_external, watch_external_with_config};
#[cfg(feature = "yaml")]
pub(crate) use self::config::Suspension;
pub use self::config::WatchConfig;
pub use self::event::ExternalEvent;
#[cfg_attr(not(feature = "yaml"), allow(unused_imports, reason = "sets merge streams"))]
pub(crate) use self::outlet::InHand;
pub use self::source::{
    Absence, ExternalSource, HeldReason, HeldRemovals, KnownItems, Pace, Report, Unsettled,
};
pub use self::status::{State, Status, Undelivered};
#[cfg(feature = "yaml")]
pub(crate) use self::stream::watch_and_leave;
pub use self::stream::{Stopped, Watch, WatchHandle, watch};
