use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::control::Control;
use super::{ExternalEvent, ExternalSource, WatchConfig, task};

/// Polls `source` every `interval` and sends its events to `tx`:
/// [`watch_external_with_config`] with [`WatchConfig::new`].
///
/// # Panics
///
/// Outside of a tokio runtime with its timer enabled.
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
/// use koprs_external::watcher::{watch_external, ExternalSource};
/// use tokio::sync::mpsc;
///
/// # async fn example<S: ExternalSource>(source: S) {
/// let (tx, mut rx) = mpsc::channel(16);
/// let _handle = watch_external(source, Duration::from_secs(30), tx);
///
/// while let Some(event) = rx.recv().await {
///     println!("event: {event:?}");
/// }
/// # }
/// ```
pub fn watch_external<S: ExternalSource>(
    source: S,
    interval: Duration,
    tx: mpsc::Sender<ExternalEvent<S::Item>>,
) -> JoinHandle<()> {
    watch_external_with_config(source, WatchConfig::new(interval), tx)
}

/// Polls `source` by `config`, in a task on the current runtime, and sends its events to `tx`.
///
/// The wait after a success is the interval. After the n-th failure in a row it is interval × 2ⁿ, at
/// most `max_backoff`; a success resets it. An event is taken when the channel has accepted it: while
/// the channel is full the source is not polled.
///
/// The task ends when the receiver is dropped or closed, at once, also in the middle of a wait; when the
/// returned [`JoinHandle`] is aborted; and when the source is invalid, which closes the channel.
/// For status, suspending and polling on demand, see [`watch`](super::watch).
///
/// # Panics
///
/// Outside of a tokio runtime with its timer enabled.
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
/// use koprs_external::watcher::{WatchConfig, watch_external_with_config, ExternalSource};
/// use tokio::sync::mpsc;
///
/// # async fn example<S: ExternalSource>(source: S) {
/// let config = WatchConfig::new(Duration::from_secs(30))
///     .with_max_backoff(Duration::from_secs(300));
/// let (tx, mut rx) = mpsc::channel(16);
/// let _handle = watch_external_with_config(source, config, tx);
///
/// while let Some(event) = rx.recv().await {
///     println!("event: {event:?}");
/// }
/// # }
/// ```
pub fn watch_external_with_config<S: ExternalSource>(
    source: S,
    config: WatchConfig,
    tx: mpsc::Sender<ExternalEvent<S::Item>>,
) -> JoinHandle<()> {
    task::start(source, config, tx, Arc::new(Control::new()), || {})
}
