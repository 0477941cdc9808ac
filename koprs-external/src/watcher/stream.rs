use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
#[cfg(feature = "yaml")]
use std::sync::{Mutex, PoisonError};
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
/// the next one; until then the source is not polled again, so the watcher waits for a slow consumer and
/// nothing piles up. When the consumer takes no event for 10 s, the [status](WatchHandle::status) is
/// [`Blocked`](super::State::Blocked) and a warning is logged.
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
    start(source, config, drop)
}

fn start<S: ExternalSource>(
    source: S,
    config: WatchConfig,
    leave: impl FnOnce(S) + Send + 'static,
) -> Watch<S::Item> {
    let control = Arc::new(Control::new(config.suspension));
    let hand = Hand::new(Arc::clone(&control));
    let (outlet, ended) = (hand.clone(), hand.clone());
    let at_end = move || ended.end();
    let _detached = task::start(source, config, outlet, Arc::clone(&control), leave, at_end);
    Watch { hand, handle: WatchHandle { control } }
}

/// Where a watcher leaves its source when it [hands over](WatchHandle::hand_over), or when no poll can ever succeed.
#[cfg(feature = "yaml")]
pub(crate) struct Left<S>(Arc<Mutex<Option<S>>>);

#[cfg(feature = "yaml")]
impl<S> Left<S> {
    /// The source, once the watcher has left it.
    pub(crate) fn take(&self) -> Option<S> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// As [`watch`], of a watcher that may leave its source to a successor.
#[cfg(feature = "yaml")]
pub(crate) fn watch_and_leave<S: ExternalSource>(
    source: S,
    config: WatchConfig,
) -> (Watch<S::Item>, Left<S>) {
    let left = Arc::new(Mutex::new(None));
    let slot = Arc::clone(&left);
    let leave = move |source| *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(source);
    (start(source, config, leave), Left(left))
}

/// The events of a watched source; made by [`watch`] and by `T::watch` of a derived source.
///
/// A [`Stream`] that ends when the watcher does: after [`shutdown`](WatchHandle::shutdown), or when
/// the source is invalid (then [`status`](WatchHandle::status) has the error). It is also its own
/// [`WatchHandle`].
///
/// Read it while you wait for [`synced`](WatchHandle::synced): the first observation is complete only when its events
/// were taken.
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

/// Observes a watcher and controls it, from anywhere.
///
/// It belongs to one run of a watcher: when a set restarts a watcher after a reload, take a handle of the new one.
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

    /// Polls as soon as possible, instead of at the next tick or retry.
    ///
    /// - It does not wait for a backoff, nor for the time of the first poll. A server-requested delay still holds.
    /// - A requested poll begins at least 1 s after the poll before it began, or an interval, if that is shorter:
    ///   whoever calls this in a loop does not flood the server.
    /// - Requests coalesce: many make one poll. During a poll, one more follows.
    /// - While the watcher is suspended, the request is kept, and the poll comes with [`resume`](Self::resume).
    pub fn poll_now(&self) {
        self.control.request_poll();
    }

    /// Confirms held removals ([`Report::held_removals`](super::Report::held_removals)).
    ///
    /// A poll follows, as after [`poll_now`](Self::poll_now). Items that it does not see either are reported as removed.
    pub fn release_removals(&self) {
        self.control.release_removals();
    }

    /// Stops polling until [`resume`](Self::resume). A poll in flight ends as usual, and its events are delivered.
    ///
    /// A watcher of a set stays suspended when a reload restarts it. To suspend all of a set, see
    #[cfg_attr(feature = "yaml", doc = "[`SetHandle::suspend`](crate::set::SetHandle::suspend).")]
    #[cfg_attr(not(feature = "yaml"), doc = "`SetHandle::suspend`, with the feature `yaml`.")]
    pub fn suspend(&self) {
        self.control.suspend(true);
    }

    /// Polls again: when the next poll is due, at once if it was missed. A watcher of a set that is suspended as a
    /// whole polls when the set is resumed, too.
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
    /// It returns at once, and the consumer sees the rest. A consumer that does not read keeps the watcher from
    /// ending. To stop without removals, also meanwhile, is
    /// [`shutdown`](Self::shutdown).
    pub fn retire(&self) {
        self.control.request_end(End::Retired);
    }

    /// Stops polling, lets the consumer take all events, and ends the watcher, which leaves its source.
    #[cfg(feature = "yaml")]
    pub(crate) fn hand_over(&self) {
        self.control.request_end(End::HandedOver);
    }

    /// So many items are known already.
    #[cfg(feature = "yaml")]
    pub(crate) fn inherits(&self, items: u64) {
        self.control.counted(items, 0);
    }

    /// Stops the watcher, and does not wait.
    #[cfg(feature = "yaml")]
    pub(crate) fn stop(&self) {
        self.control.request_end(End::Stopped);
    }

    /// Stops the watcher, and returns when its task has ended and the source is dropped.
    ///
    /// A poll in flight is given up; only what the source makes durable may finish, within the deadline
    /// of a poll. It does not wait for the consumer: events that were not taken are dropped. A source with durable
    /// state delivers them again after a restart.
    ///
    /// Cancellation safe: the watcher stops when the future is dropped, too.
    pub async fn shutdown(&self) {
        self.control.request_end(End::Stopped);
        self.control.stopped().await;
    }

    /// Waits until the first complete observation was delivered: afterwards the consumer has the complete state.
    ///
    /// **Read the events meanwhile.** The watcher waits for its consumer, so a program that awaits `synced` before it
    /// reads waits for ever; so does one that fills a channel and starts its consumer afterwards, once the first
    /// observation has more events than the channel has room for. After 10 s the
    /// [status](Self::status) is [`Blocked`](super::State::Blocked) and a warning is logged. The future
    /// borrows nothing, so the events can be read in a task:
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use koprs_external::http::HttpPoller;
    /// # use koprs_external::watcher::{Stopped, WatchConfig, watch};
    /// # async fn example() -> Result<(), Stopped> {
    /// # let source = HttpPoller::new("https://api.example.com/flags");
    /// let mut flags = watch(source, WatchConfig::new(Duration::from_secs(30)));
    /// let synced = flags.synced();
    /// tokio::spawn(async move {
    ///     while let Some(event) = flags.recv().await {
    ///         println!("{event:?}");
    ///     }
    /// });
    /// synced.await?;
    /// // Start the controller.
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// or in the same one:
    ///
    /// ```no_run
    /// # use std::pin::pin;
    /// # use std::time::Duration;
    /// # use koprs_external::http::HttpPoller;
    /// # use koprs_external::watcher::{Stopped, WatchConfig, watch};
    /// # async fn example() -> Result<(), Stopped> {
    /// # let source = HttpPoller::new("https://api.example.com/flags");
    /// let mut flags = watch(source, WatchConfig::new(Duration::from_secs(30)));
    /// let mut synced = pin!(flags.synced());
    /// loop {
    ///     tokio::select! {
    ///         result = &mut synced => break result?,
    ///         Some(event) = flags.recv() => println!("{event:?}"),
    ///     }
    /// }
    /// // The first observation is complete; go on reading.
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It waits for the time of the [first poll](WatchConfig::with_first_poll_within), through failures, and while the
    /// watcher is suspended. Cancellation safe.
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
