use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;

#[cfg(feature = "yaml")]
use super::config::Suspension;
use super::control::{Control, End};
use super::outlet::{Hand, InHand};
use super::status::Status;
use super::{ExternalEvent, ExternalSource, WatchConfig, task};

/// Watches a source: a stream of its events, and its [`WatchHandle`].
///
/// A task polls the source on the current runtime. An event counts as taken when the consumer asks for
/// the next one; until then the source is not polled again, so a slow consumer is waited for and
/// nothing piles up.
///
/// Dropping the [`Watch`] stops the watcher at once.
///
/// # Panics
///
/// Outside of a tokio runtime with its timer enabled.
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
/// use koprs_external::http::HttpPoller;
/// use koprs_external::watcher::{WatchConfig, watch};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let source = HttpPoller::new("https://api.example.com/flags").with_name("flags");
/// let mut flags = watch(source, WatchConfig::new(Duration::from_secs(30)));
/// while let Some(event) = flags.recv().await {
///     println!("{event:?}; {} failures", flags.status().consecutive_failures);
/// }
/// # }
/// ```
pub fn watch<S: ExternalSource>(source: S, config: WatchConfig) -> Watch<S::Item> {
    let control = Arc::new(Control::new(config.suspension));
    let hand = Hand::new(Arc::clone(&control));
    let (outlet, ended) = (hand.clone(), hand.clone());
    let _detached = task::start(source, config, outlet, Arc::clone(&control), move || ended.end());
    Watch { hand, handle: WatchHandle { control } }
}

/// The events of a watched source; made by [`watch`] and by `T::watch` of a derived source.
///
/// A [`Stream`] that ends when the watcher does: after [`shutdown`](WatchHandle::shutdown), or when
/// the source is invalid (then [`status`](WatchHandle::status) has the error). It is also its own
/// [`WatchHandle`].
#[must_use = "the watcher stops when this is dropped"]
pub struct Watch<T> {
    hand: Hand<T>,
    handle: WatchHandle,
}

impl<T> Watch<T> {
    /// The next event; `None` when the watcher has ended.
    ///
    /// Cancellation safe: no event is lost when the future is dropped.
    pub async fn recv(&mut self) -> Option<ExternalEvent<T>> {
        std::future::poll_fn(|cx| self.hand.poll_take(cx)).await
    }

    /// A handle for elsewhere: it does not keep the watcher alive.
    pub fn handle(&self) -> WatchHandle {
        self.handle.clone()
    }

    /// To say that an event is taken while this stream is out of reach, as among others.
    #[cfg_attr(not(feature = "yaml"), allow(dead_code, reason = "sets merge streams"))]
    pub(crate) fn in_hand(&self) -> Arc<dyn InHand>
    where
        T: Send + 'static,
    {
        self.hand.in_hand()
    }
}

impl<T> Stream for Watch<T> {
    type Item = ExternalEvent<T>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.hand.poll_take(cx)
    }
}

impl<T> std::ops::Deref for Watch<T> {
    type Target = WatchHandle;

    fn deref(&self) -> &WatchHandle {
        &self.handle
    }
}

impl<T> Drop for Watch<T> {
    fn drop(&mut self) {
        self.handle.control.request_end(End::Stopped);
    }
}

impl<T> fmt::Debug for Watch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("status", &self.status()).finish_non_exhaustive()
    }
}

/// Looks at a watcher and steers it, from anywhere.
#[derive(Clone)]
pub struct WatchHandle {
    control: Arc<Control>,
}

impl WatchHandle {
    /// Whether it is of the same watcher.
    #[cfg(feature = "yaml")]
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.control, &other.control)
    }

    /// By whom it is suspended.
    #[cfg(feature = "yaml")]
    pub(crate) fn suspension(&self) -> Suspension {
        self.control.suspension()
    }

    /// Suspends or resumes it together with its set.
    #[cfg(feature = "yaml")]
    pub(crate) fn suspend_with_set(&self, suspended: bool) {
        self.control.suspend_with_set(suspended);
    }

    /// Whether it has ended.
    #[cfg(feature = "yaml")]
    pub(crate) fn is_stopped(&self) -> bool {
        self.control.is_stopped()
    }

    /// What the watcher has done so far.
    pub fn status(&self) -> Status {
        self.control.status()
    }

    /// Polls as soon as may be, instead of at the next tick or retry.
    ///
    /// A wish of the server to wait is still honoured; while suspended, the poll comes with
    /// [`resume`](Self::resume); during a poll, another one follows. Many requests make one poll.
    pub fn poll_now(&self) {
        self.control.request_poll();
    }

    /// Removals that are held ([`Report::held_removals`](super::Report::held_removals)) are meant.
    ///
    /// A poll follows, and tells those as removed that it does not see either.
    pub fn release_removals(&self) {
        self.control.release_removals();
    }

    /// Polls no more until [`resume`](Self::resume). A poll in flight ends as usual.
    pub fn suspend(&self) {
        self.control.suspend(true);
    }

    /// Polls again: when the next poll is due, at once if it was missed.
    pub fn resume(&self) {
        self.control.suspend(false);
    }

    /// Stops polling, tells what is known as [`Removed`](ExternalEvent::Removed), and ends the watcher: for
    /// something that is followed no more, and whose items are to go with it.
    ///
    /// A poll in flight is given up; events that were told before are taken first. Then come the removals, with
    /// the last known values, in the order of the [source](ExternalSource::retract), and then the end. A source
    /// that keeps no values, as one by hand may, has none to tell; so has a watcher that has ended.
    ///
    /// It returns at once, and the consumer sees the rest. To stop without removals, also meanwhile, is
    /// [`shutdown`](Self::shutdown).
    pub fn retire(&self) {
        self.control.request_end(End::Retired);
    }

    /// Stops the watcher, and does not wait.
    #[cfg(feature = "yaml")]
    pub(crate) fn stop(&self) {
        self.control.request_end(End::Stopped);
    }

    /// Stops the watcher, and returns when its task has ended and the source is dropped.
    ///
    /// A poll in flight is given up; only what the source makes durable is let finish, within the deadline
    /// of a poll. Events that were not taken are dropped; a source with durable state tells them again
    /// after a restart.
    ///
    /// Cancellation safe: the watcher stops when the future is dropped, too.
    pub async fn shutdown(&self) {
        self.control.request_end(End::Stopped);
        self.control.stopped().await;
    }

    /// Until the first complete observation was delivered: from then on what the consumer knows is
    /// what is there.
    ///
    /// The events have to be taken meanwhile: the future borrows nothing, so that the stream can be
    /// read beside it. Cancellation safe.
    ///
    /// # Errors
    ///
    /// [`Stopped`] when the watcher ended before.
    pub fn synced(&self) -> impl Future<Output = Result<(), Stopped>> + Send + use<> {
        let control = Arc::clone(&self.control);
        async move { if control.synced().await { Ok(()) } else { Err(Stopped) } }
    }
}

impl fmt::Debug for WatchHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchHandle").field("status", &self.status()).finish()
    }
}

/// The watcher ended before what was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the watcher has stopped")]
pub struct Stopped;
