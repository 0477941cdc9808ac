//! When the watchers of a set begin: not all at once.

use std::time::Duration;

use crate::watcher::WatchConfig;

const MOST: Duration = Duration::from_secs(60);
const FOR_EACH: Duration = Duration::from_millis(100);

/// The schedule of one of so many watchers that start together.
pub(super) fn spread(config: WatchConfig, watchers: usize) -> WatchConfig {
    let watchers = u32::try_from(watchers).unwrap_or(u32::MAX);
    let within = FOR_EACH.saturating_mul(watchers).min(MOST).min(config.interval);
    config.with_first_poll_within(within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_set_starts_quickly_and_none_takes_more_than_an_interval_or_a_minute() {
        let within = |interval, watchers| {
            let config = WatchConfig::new(Duration::from_secs(interval));
            spread(config, watchers).first_poll_within().as_millis()
        };
        assert_eq!(within(30, 1), 100);
        assert_eq!(within(30, 20), 2_000);
        assert_eq!(within(30, 1_000), 30_000);
        assert_eq!(within(3_600, 1_000), 60_000);
        assert_eq!(within(3_600, usize::MAX), 60_000);
    }
}
