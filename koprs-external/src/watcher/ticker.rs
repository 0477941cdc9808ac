//! When to poll next: from the outcome of a poll to a time.

use std::time::Duration;

use tokio::time::Instant;

use super::backoff::Waits;
use super::{Pace, WatchConfig};
use crate::error::ExternalError;

/// When the next poll is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    /// By the schedule.
    pub(super) at: Instant,
    /// However much it is wanted, not before this: the server asked for it.
    pub(super) not_before: Instant,
}

pub(super) struct Ticker {
    waits: Waits,
    failures: u32,
    first_within: Duration,
}

impl Ticker {
    pub(super) fn new(config: &WatchConfig, rng: fastrand::Rng) -> Self {
        let (interval, max_backoff) = (config.interval, config.max_backoff);
        let waits = Waits { interval, max_backoff, jitter: config.jitter(), rng };
        Self { waits, failures: 0, first_within: config.first_poll_within() }
    }

    /// The first poll is due at a random time within that of the schedule.
    pub(super) fn first(&mut self, now: Instant) -> Due {
        let wait = self.first_within.mul_f64(self.waits.rng.f64());
        Due { at: later(now, wait), not_before: now }
    }

    /// After a success; it forgets all failures, unless it was only a part of one.
    pub(super) fn after_success(&mut self, pace: Pace, now: Instant) -> Due {
        if pace == Pace::Now {
            return Due { at: now, not_before: now };
        }
        self.failures = 0;
        self.due(now, Waits::success, wish(pace))
    }

    /// After a failure; the n-th in a row waits interval × 2ⁿ.
    pub(super) fn after_failure(&mut self, error: &ExternalError, pace: Pace, now: Instant) -> Due {
        self.failures = self.failures.saturating_add(1);
        let failures = self.failures;
        let wish = error.retry_after().max(wish(pace));
        self.due(now, |waits| waits.failure(failures), wish)
    }

    fn due(
        &mut self,
        now: Instant,
        wait: impl FnOnce(&mut Waits) -> Duration,
        wish: Option<Duration>,
    ) -> Due {
        let at = later(now, wait(&mut self.waits));
        let not_before = wish.map_or(now, |wish| later(now, self.waits.wish(wish)));
        Due { at: at.max(not_before), not_before }
    }
}

/// What the server asks for.
fn wish(pace: Pace) -> Option<Duration> {
    match pace {
        Pace::NotBefore(wish) => Some(wish),
        Pace::Interval | Pace::Now => None,
    }
}

/// A century is for ever.
fn later(now: Instant, wait: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 86_400);
    now.checked_add(wait.min(CENTURY)).unwrap_or(now)
}
