use std::time::Duration;

use crate::error::{ExternalError, Result};

/// An interval of zero is raised to this where it cannot be refused.
const LEAST_INTERVAL: Duration = Duration::from_millis(100);
const DEFAULT_JITTER: f64 = 0.05;
const MOST_JITTER: f64 = 0.5;
/// A poll has at least this long, however short the interval.
const LEAST_DEADLINE: Duration = Duration::from_secs(60);

/// By whom a watcher is suspended. It polls when nobody suspends it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Suspension {
    /// By its own handle, or its configuration.
    pub(crate) watcher: bool,
    /// By the set that it belongs to.
    pub(crate) set: bool,
}

impl Suspension {
    pub(super) fn is_suspended(self) -> bool {
        self.watcher || self.set
    }
}

/// When a source is polled.
///
/// | setting | default | |
/// |---|---|---|
/// | `interval` | – | the wait after a successful poll |
/// | `max_backoff` | interval × 32 | the longest wait after failures; never less than the interval |
/// | `jitter` | ± 5 % | of each wait |
/// | `deadline` | the larger of interval and 60 s | for one poll |
/// | `first_poll_within` | zero: at once | the time in which the first poll comes |
/// | `suspended` | false | whether the watcher starts suspended, and polls when it is resumed |
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use koprs_external::watcher::WatchConfig;
///
/// // Poll every 30 s; back off up to 10 min on errors.
/// let config = WatchConfig::new(Duration::from_secs(30))
///     .with_max_backoff(Duration::from_secs(600));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct WatchConfig {
    /// The wait after a successful poll.
    pub interval: Duration,
    /// The longest wait after failures. Less than the interval counts as the interval.
    pub max_backoff: Duration,
    jitter: f64,
    deadline: Option<Duration>,
    first_poll_within: Duration,
    pub(super) suspension: Suspension,
}

impl WatchConfig {
    /// A schedule with this interval and the defaults.
    ///
    /// An interval of zero is raised to 100 ms, with a warning, when the watcher starts; use
    /// [`try_new`](Self::try_new) to refuse it.
    pub fn new(interval: Duration) -> Self {
        Self {
            interval,
            max_backoff: interval.saturating_mul(32),
            jitter: DEFAULT_JITTER,
            deadline: None,
            first_poll_within: Duration::ZERO,
            suspension: Suspension::default(),
        }
    }

    /// The same, for an interval that comes from elsewhere.
    ///
    /// # Errors
    ///
    /// [`ExternalError::Invalid`] when the interval is zero.
    ///
    /// ```
    /// use std::time::Duration;
    /// use koprs_external::watcher::WatchConfig;
    ///
    /// assert!(WatchConfig::try_new(Duration::ZERO).is_err());
    /// ```
    pub fn try_new(interval: Duration) -> Result<Self> {
        if interval.is_zero() {
            return Err(ExternalError::invalid("`interval` must not be zero, as `30s`"));
        }
        Ok(Self::new(interval))
    }

    /// The longest wait after failures.
    #[must_use]
    pub fn with_max_backoff(mut self, max_backoff: Duration) -> Self {
        self.max_backoff = max_backoff;
        self
    }

    /// By how much each wait may differ, as a ratio from 0 to 0.5; beyond counts as the nearest.
    #[must_use]
    pub fn with_jitter(mut self, ratio: f64) -> Self {
        self.jitter = if ratio.is_nan() { DEFAULT_JITTER } else { ratio.clamp(0.0, MOST_JITTER) };
        self
    }

    /// The time for one poll; a longer one is given up and counts as failed.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// The time in which the first poll comes, at random: many watchers that start at once do not all poll
    /// at once. [`poll_now`](super::WatchHandle::poll_now) does not wait for it. Default: zero, at once.
    #[must_use]
    pub fn with_first_poll_within(mut self, time: Duration) -> Self {
        self.first_poll_within = time;
        self
    }

    /// Whether the watcher starts suspended: it does not poll until its handle
    /// [resumes](super::WatchHandle::resume) it, for example when this replica becomes the leader.
    /// Default: false.
    ///
    /// [`watch_external_with_config`](super::watch_external_with_config) refuses it, since a channel has no handle to
    /// resume the watcher with. For a derived source, `watch(source, config)` with the `config()` of the source does what
    /// `T::watch` does. All watchers of a set start suspended after
    #[cfg_attr(
        feature = "yaml",
        doc = "[`WatcherSet::with_suspended`](crate::set::WatcherSet::with_suspended)."
    )]
    #[cfg_attr(
        not(feature = "yaml"),
        doc = "`WatcherSet::with_suspended`, with the feature `yaml`."
    )]
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use koprs_external::http::HttpPoller;
    /// use koprs_external::watcher::{WatchConfig, watch};
    ///
    /// # async fn leadership_changed() -> bool { std::future::pending().await }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let source = HttpPoller::new("https://api.example.com/flags").with_name("flags");
    /// let config = WatchConfig::new(Duration::from_secs(30)).with_suspended(true);
    /// let mut flags = watch(source, config);
    /// let handle = flags.handle();
    /// tokio::spawn(async move {
    ///     loop {
    ///         if leadership_changed().await { handle.resume() } else { handle.suspend() }
    ///     }
    /// });
    /// while let Some(event) = flags.recv().await {
    ///     println!("{event:?}");
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn with_suspended(mut self, suspended: bool) -> Self {
        self.suspension.watcher = suspended;
        self
    }

    /// A watcher of a set starts as the set says.
    #[cfg(feature = "yaml")]
    pub(crate) fn with_suspension(mut self, suspension: Suspension) -> Self {
        self.suspension = suspension;
        self
    }

    /// By how much each wait may differ.
    pub fn jitter(&self) -> f64 {
        self.jitter
    }

    /// The time for one poll.
    pub fn deadline(&self) -> Duration {
        self.deadline.unwrap_or_else(|| self.interval.max(LEAST_DEADLINE))
    }

    /// The time in which the first poll comes.
    pub fn first_poll_within(&self) -> Duration {
        self.first_poll_within
    }

    /// Whether the watcher starts suspended.
    pub fn suspended(&self) -> bool {
        self.suspension.is_suspended()
    }

    /// The schedule as it can be kept: no interval of zero, no backoff below the interval.
    pub(super) fn raised(mut self, source: &str) -> Self {
        if self.interval.is_zero() {
            tracing::warn!(%source, "raising an interval of zero to {LEAST_INTERVAL:?}");
            self.interval = LEAST_INTERVAL;
            self.max_backoff = self.max_backoff.max(LEAST_INTERVAL.saturating_mul(32));
        }
        self.max_backoff = self.max_backoff.max(self.interval);
        self
    }
}
