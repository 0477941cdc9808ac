use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tracing::error;

use super::control::{Control, End};
use super::{ExternalEvent, ExternalSource, WatchConfig, task};
use crate::printable::printable;

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
/// So it does at once, with an error in the log, when it would [start suspended](WatchConfig::with_suspended): nothing
/// could resume it. For status, suspending and polling on demand, see [`watch`](super::watch).
///
/// The consumer has to read the channel while the watcher runs. A watcher whose consumer does not take events for
/// 10 s logs a warning; one that is started only when the channel is known to hold the first observation never
/// starts if the observation has more events than the channel has room for. To wait for the first complete
/// observation, see [`WatchHandle::synced`](super::WatchHandle::synced).
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
    let control = Control::new(config.suspension);
    if config.suspended() {
        let source = printable(source.name());
        error!(
            %source,
            "watcher would start suspended, and a channel has no handle to resume it; use `watch`"
        );
        control.request_end(End::Stopped);
    }
    task::start(source, config, tx, Arc::new(control), drop, || {})
}
