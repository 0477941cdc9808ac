//! How long to wait: pure arithmetic.

use std::time::Duration;

/// A server's wish to wait is honoured up to this.
const LONGEST_WISH: Duration = Duration::from_secs(3600);

/// The wait after the n-th failure in a row: interval × 2ⁿ, at most `max`, at least the interval.
fn after_failures(interval: Duration, failures: u32, max: Duration) -> Duration {
    let factor = 1u32.checked_shl(failures).unwrap_or(u32::MAX);
    interval.saturating_mul(factor).min(max).max(interval)
}

/// Waits with jitter, from a generator of their own.
pub(super) struct Waits {
    pub(super) interval: Duration,
    pub(super) max_backoff: Duration,
    pub(super) jitter: f64,
    pub(super) rng: fastrand::Rng,
}

impl Waits {
    /// Interval ± jitter.
    pub(super) fn success(&mut self) -> Duration {
        let by = self.jitter * (2.0 * self.rng.f64() - 1.0);
        scale(self.interval, 1.0 + by)
    }

    /// Backoff ± jitter. What would leave the range from interval to maximum is reflected back into it,
    /// so that watchers at the maximum do not march in step.
    pub(super) fn failure(&mut self, failures: u32) -> Duration {
        let (least, most) = (self.interval, self.max_backoff);
        let wait = after_failures(least, failures, most);
        let by = self.jitter * (2.0 * self.rng.f64() - 1.0);
        let wait = scale(wait, 1.0 + by);
        let reflected = if wait > most {
            most.saturating_sub(wait - most)
        } else if wait < least {
            least.saturating_add(least - wait)
        } else {
            wait
        };
        reflected.clamp(least, most)
    }

    /// A server's wish, with jitter only upwards: it is never cut short.
    pub(super) fn wish(&mut self, wish: Duration) -> Duration {
        let by = self.jitter * self.rng.f64();
        scale(wish.min(LONGEST_WISH), 1.0 + by)
    }
}

fn scale(wait: Duration, by: f64) -> Duration {
    Duration::try_from_secs_f64(wait.as_secs_f64() * by).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn waits(interval: u64, max: u64, seed: u64) -> Waits {
        let rng = fastrand::Rng::with_seed(seed);
        Waits { interval: s(interval), max_backoff: s(max), jitter: 0.05, rng }
    }

    #[test]
    fn the_wait_doubles_from_two_intervals_up_to_the_maximum() {
        let cases =
            [(0, 30), (1, 60), (2, 120), (3, 240), (4, 300), (5, 300), (31, 300), (99, 300)];
        for (failures, wait) in cases {
            assert_eq!(after_failures(s(30), failures, s(300)), s(wait), "{failures} failures");
        }
    }

    #[test]
    fn a_maximum_below_the_interval_never_polls_faster() {
        assert_eq!(after_failures(s(30), 3, s(1)), s(30));
    }

    #[test]
    fn an_interval_of_any_size_does_not_overflow() {
        assert_eq!(after_failures(Duration::MAX, 9, Duration::MAX), Duration::MAX);
        let mut waits = Waits {
            interval: Duration::MAX,
            max_backoff: Duration::MAX,
            jitter: 0.5,
            rng: fastrand::Rng::with_seed(1),
        };
        for failures in 0..40 {
            assert_eq!(waits.failure(failures), Duration::MAX);
            waits.success();
        }
    }

    #[test]
    fn jitter_stays_in_its_range_and_spreads() {
        for seed in 0..50 {
            let mut waits = waits(100, 800, seed);
            let near = |wait: Duration, around: u64| {
                let ratio = wait.as_secs_f64() / s(around).as_secs_f64();
                assert!((0.9499..=1.0501).contains(&ratio), "seed {seed}: {wait:?} for {around} s");
            };
            near(waits.success(), 100);
            near(waits.failure(1), 200);
            let at_most = waits.failure(9);
            assert!((s(760)..=s(800)).contains(&at_most), "seed {seed}: {at_most:?}");
            let wish = waits.wish(s(120));
            assert!((s(120)..=s(126)).contains(&wish), "seed {seed}: {wish:?}");
        }
        let distinct: std::collections::BTreeSet<_> =
            (0..50).map(|seed| waits(100, 800, seed).failure(9)).collect();
        assert!(distinct.len() > 40, "watchers at the maximum must not march in step");
    }

    #[test]
    fn a_wish_is_honoured_up_to_one_hour() {
        let wish = waits(1, 1, 7).wish(s(86_400));
        assert!((s(3600)..=s(3780)).contains(&wish), "{wish:?}");
    }
}
