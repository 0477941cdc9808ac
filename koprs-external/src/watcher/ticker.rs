//! When to poll next: from the outcome of a poll to a time.

use std::time::Duration;

use tokio::time::Instant;

use super::backoff::Waits;
use super::{Pace, WatchConfig};
use crate::error::ExternalError;

/// Polls that were requested begin at least this far apart, or an interval, if that is shorter.
const REQUESTS_APART: Duration = Duration::from_secs(1);

/// When the next poll is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    /// By the schedule.
    pub(super) at: Instant,
    /// The earliest time for a poll that was requested. Never later than `at`.
    pub(super) not_before: Instant,
    /// How much later it is due if it was missed while the set was suspended.
    pub(super) spread: Duration,
    /// It continues an observation that the last poll began; a request is for another observation.
    pub(super) continues: bool,
}

impl Due {
    /// When it is due after the set was resumed at this time.
    pub(super) fn resumed(self, resumed: Instant) -> Instant {
        if self.at > resumed { self.at } else { later(resumed, self.spread) }
    }
}

pub(super) struct Ticker {
    waits: Waits,
    failures: u32,
    /// Where in the time for first polls those of this watcher are.
    spread: Duration,
    /// When the last poll began.
    began: Option<Instant>,
}

impl Ticker {
    pub(super) fn new(config: &WatchConfig, mut rng: fastrand::Rng) -> Self {
        let (interval, max_backoff) = (config.interval, config.max_backoff);
        let spread = config.first_poll_within().mul_f64(rng.f64());
        let waits = Waits { interval, max_backoff, jitter: config.jitter(), rng };
        Self { waits, failures: 0, spread, began: None }
    }

    /// The first poll is due at a random time within that of the schedule.
    pub(super) fn first(&self, now: Instant) -> Due {
        let (at, spread) = (later(now, self.spread), self.spread);
        Due { at, not_before: now, spread, continues: false }
    }

    /// A poll begins.
    pub(super) fn begin(&mut self, now: Instant) {
        self.began = Some(now);
    }

    /// After a success; it forgets all failures, unless it was only a part of one.
    pub(super) fn after_success(&mut self, pace: Pace, now: Instant) -> Due {
        if pace == Pace::Now {
            return Due { at: now, not_before: now, spread: self.spread, continues: true };
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
        let wait = wait(&mut self.waits);
        let server = wish.map_or(now, |wish| later(now, self.waits.wish(wish)));
        let at = later(now, wait).max(server);
        let spaced = later(self.began.unwrap_or(now), REQUESTS_APART.min(self.waits.interval));
        let not_before = server.max(spaced).min(at);
        Due { at, not_before, spread: self.spread, continues: false }
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
