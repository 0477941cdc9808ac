//! Until when servers want to be left alone: kept until the time has passed, also while nobody polls the host, so
//! that a watcher that restarts does not ask too early.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::spec::fixed::DELAY;

/// How many are kept at a time. Beyond, the one that ends first makes room: the least is lost with it.
const MOST: usize = 10_000;

/// When delays end, by whom they were requested from.
pub(super) struct Cooldowns<K>(LazyLock<Mutex<HashMap<K, Instant>>>);

impl<K: Clone + Eq + Hash> Cooldowns<K> {
    pub(super) const fn new() -> Self {
        Self(LazyLock::new(Mutex::default))
    }

    /// Begins a delay, or lengthens one. A shorter one than that of before changes nothing.
    pub(super) fn extend(&self, key: &K, wait: Duration) {
        let now = Instant::now();
        let Some(until) = now.checked_add(wait.min(DELAY)).filter(|until| *until > now) else {
            return;
        };
        let mut ends = self.lock();
        if let Some(end) = ends.get_mut(key) {
            *end = (*end).max(until);
            return;
        }
        if ends.len() >= MOST {
            make_room(&mut ends, now);
        }
        ends.insert(key.clone(), until);
    }

    /// How much of a delay is left.
    pub(super) fn rest(&self, key: &K) -> Duration {
        let mut ends = self.lock();
        let rest = ends.get(key).map(|end| end.saturating_duration_since(Instant::now()));
        if rest.is_some_and(|rest| rest.is_zero()) {
            ends.remove(key);
        }
        rest.unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make_room<K: Clone + Eq + Hash>(ends: &mut HashMap<K, Instant>, now: Instant) {
    ends.retain(|_, end| *end > now);
    if ends.len() >= MOST
        && let Some(first) = ends.iter().min_by_key(|(_, end)| **end).map(|(key, _)| key.clone())
    {
        ends.remove(&first);
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[tokio::test(start_paused = true)]
    async fn a_delay_is_lengthened_and_never_shortened_up_to_an_hour() {
        let cooldowns = Cooldowns::new();
        for (wait, rest) in [(0, 0), (60, 60), (30, 60), (90, 90), (86_400, 3600), (7200, 3600)] {
            cooldowns.extend(&"host", s(wait));
            assert_eq!(cooldowns.rest(&"host"), s(rest), "{wait}");
        }
        cooldowns.extend(&"host", Duration::MAX);
        assert_eq!((cooldowns.rest(&"host"), cooldowns.rest(&"other")), (s(3600), s(0)));
        advance(s(3590)).await;
        cooldowns.extend(&"host", s(20));
        assert_eq!(cooldowns.rest(&"host"), s(20));
    }

    #[tokio::test(start_paused = true)]
    async fn a_delay_that_is_over_is_not_kept() {
        let cooldowns = Cooldowns::new();
        cooldowns.extend(&"host", s(60));
        advance(s(60)).await;
        assert_eq!(cooldowns.rest(&"host"), s(0));
        assert!(cooldowns.lock().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_kept_is_bounded_and_the_one_that_ends_first_makes_room() {
        let cooldowns = Cooldowns::new();
        for n in 0..MOST {
            cooldowns.extend(&n, s(if n == 7 { 50 } else { 100 }));
        }
        cooldowns.extend(&MOST, s(1));
        assert_eq!((cooldowns.rest(&7), cooldowns.rest(&MOST)), (s(0), s(1)));
        assert_eq!(cooldowns.lock().len(), MOST);
        // Those that are over go first.
        advance(s(1)).await;
        cooldowns.extend(&7, s(1));
        assert_eq!((cooldowns.rest(&7), cooldowns.rest(&8)), (s(1), s(99)));
        assert_eq!(cooldowns.lock().len(), MOST);
    }
}
