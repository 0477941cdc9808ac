use std::any::Any;
use std::fmt;
use std::time::Duration;

use futures_core::future::BoxFuture;

use super::ExternalEvent;
use crate::error::Result;
use crate::printable::{is_safe, message};

/// Something outside the cluster that can be polled for changes.
///
/// A source keeps what it has seen, and tells changes as events. The runtime knows this trait and
/// nothing else: when to poll, how long to wait after failures, and who takes the events is its
/// business.
///
/// # What a source owes its users
///
/// - A failure is an error, never a [`Removed`](ExternalEvent::Removed).
/// - State advances only when `poll` returns `Ok`: an error loses nothing.
/// - `poll` is cancellation safe: the runtime drops it at its deadline, and when the watcher is
///   stopped. What it had learned by then, it must be able to learn again, or return from
///   [`undelivered`](Self::undelivered) and the next poll.
/// - A panic is caught and counts as a failed poll; the source is polled again afterwards.
///
/// # Examples
///
/// ```
/// use futures::future::BoxFuture;
/// use koprs_external::error::Result;
/// use koprs_external::watcher::{ExternalEvent, ExternalSource};
///
/// struct Countdown(u32);
///
/// impl ExternalSource for Countdown {
///     type Item = u32;
///
///     fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<u32>>>> {
///         Box::pin(async move {
///             self.0 = self.0.saturating_sub(1);
///             Ok(vec![ExternalEvent::Modified(self.0)])
///         })
///     }
///
///     fn name(&self) -> &str {
///         "countdown"
///     }
/// }
/// ```
pub trait ExternalSource: Send + 'static {
    /// What the events are about.
    type Item: Send + Clone + fmt::Debug + 'static;

    /// Looks once, and tells what has changed since the last look.
    ///
    /// # Errors
    ///
    /// Whatever kept the source from looking. The watcher polls again after a backoff, unless the
    /// error [is permanent](crate::ExternalError::is_permanent): then it stops.
    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<Self::Item>>>>;

    /// What the source is called in logs, status and errors. Must not hold a secret.
    fn name(&self) -> &str;

    /// What the source asks of the runtime after its last poll, a failed one too. Default:
    /// [`Pace::Interval`].
    fn pace(&self) -> Pace {
        Pace::Interval
    }

    /// Whether the last poll, which succeeded, found out all that there is to know. False, for one, while
    /// a first absence is to be confirmed: it is no event yet, and [`synced`](super::WatchHandle::synced)
    /// does not take it for an answer. Default: true.
    fn complete(&self) -> bool {
        true
    }

    /// What the source shows of itself, to be seen in the status. Asked after each poll. Default: nothing.
    fn report(&self) -> Report {
        Report::default()
    }

    /// Removals that are held are meant: the next poll that does not see the items either tells them.
    /// Default: nothing, as nothing is held.
    fn release_removals(&mut self) {}

    /// The source is given up, and not polled again: what it has told and not told as gone, as
    /// [`Removed`](ExternalEvent::Removed), with the last known values.
    ///
    /// Asked again until it has nothing more, so that much can come in pieces. An item that is known and was
    /// never told is not among it: a poll that was dropped may have learned of it. Default: nothing.
    fn retract(&mut self) -> Vec<ExternalEvent<Self::Item>> {
        Vec::new()
    }

    /// Waits until the source is idle: a poll that was dropped may have left work behind on another thread.
    ///
    /// Called before [`undelivered`](Self::undelivered), and bounded by the deadline of a poll. Default: returns at once,
    /// for sources that do all of their work within their polls.
    fn idle(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    /// Returns what a poll had learned before it was dropped, as events. The watcher is about to hand over or to retire:
    /// the consumer takes these events first, so that it knows all that the source knows. Default: nothing, for
    /// sources whose polls learn nothing before they return.
    fn undelivered(&mut self) -> Vec<ExternalEvent<Self::Item>> {
        Vec::new()
    }

    /// Takes out what the consumer knows of the items, for the source that takes the place of this one.
    ///
    /// Called when every event was taken. The source is not polled afterwards, unless it gets the items back
    /// by [`inherit`](Self::inherit). Default: `None`: there is nothing to hand over, so the items of this source
    /// are [retracted](Self::retract) before its successor starts.
    fn hand_over(&mut self) -> Option<KnownItems> {
        None
    }

    /// Takes over what the consumer knows, before the first poll: from then on an item that is the same makes
    /// no event, one that differs is [`Modified`](ExternalEvent::Modified), and one that is absent from a complete
    /// observation is [`Removed`](ExternalEvent::Removed).
    ///
    /// # Errors
    ///
    /// The items, where their keys cannot be compared with those of this source. Default: always.
    fn inherit(&mut self, known: KnownItems) -> std::result::Result<(), KnownItems> {
        Err(known)
    }

    /// Every event returned so far was taken by the consumer: the time to make progress durable.
    ///
    /// Called after each poll, [`retract`](Self::retract) and [`undelivered`](Self::undelivered) whose events were
    /// taken, also when there were none. Bounded by the deadline of a poll. Default: nothing.
    ///
    /// # Errors
    ///
    /// Counts as a failure of the poll: it is shown in the status and waited after.
    fn delivered(&mut self) -> BoxFuture<'_, Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// What the consumer of a source knows of its items, on the way to another source.
///
/// It holds one value of a type that the source chooses: sources that use the same type can compare their items.
///
/// ```
/// use koprs_external::watcher::KnownItems;
///
/// let known = KnownItems::new(vec![("a".to_owned(), 1)]);
/// let known = known.take::<Vec<String>>().unwrap_err();
/// assert_eq!(known.take::<Vec<(String, i32)>>().unwrap(), [("a".to_owned(), 1)]);
/// ```
pub struct KnownItems(Box<dyn Any + Send>);

impl KnownItems {
    /// Wraps what is known.
    pub fn new<K: Send + 'static>(known: K) -> Self {
        Self(Box::new(known))
    }

    /// Returns what is known.
    ///
    /// # Errors
    ///
    /// All of it, when it is of another type.
    pub fn take<K: 'static>(self) -> std::result::Result<K, Self> {
        self.0.downcast().map(|known| *known).map_err(Self)
    }
}

impl fmt::Debug for KnownItems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KnownItems").finish_non_exhaustive()
    }
}

/// What a source shows of itself beside its events; see [`ExternalSource::report`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Removals that are held: so many at once may be an outage, or the list may be a part of itself.
    pub held_removals: Option<HeldRemovals>,
    /// Items that are there and cannot be decoded, have no key, or share their key with items that differ.
    pub bad_items: u64,
    /// How often an item turned out bad so far: once per change of it.
    pub bad_items_seen: u64,
    /// Which item that was last, and why.
    pub last_bad_item: Option<String>,
    /// How the server says that a list has more items than it sent, as `` `Link: <…>; rel="next"` ``: what is absent
    /// is held, and the items beyond are not followed. The remedy is to declare `pages`.
    pub partial_list: Option<String>,
    /// Objects of a store that are there, or have changed, and are not reported until they have settled.
    pub unsettled: Option<Unsettled>,
    /// The last poll succeeded and found nothing: the server answered 404 or 410. `None` when there is a value or a
    /// list, and after a failed poll.
    ///
    /// The [state](super::State) of such a watcher is [`Healthy`](super::State::Healthy), because an absent value is an
    /// answer; a mistyped URL looks the same.
    pub absence: Option<Absence>,
}

impl Report {
    /// The same, with texts that can be shown: those who write sources by hand may pass on what a server says.
    pub(super) fn printable(mut self) -> Self {
        for text in [&mut self.last_bad_item, &mut self.partial_list].into_iter().flatten() {
            if !is_safe(text) {
                *text = message(text);
            }
        }
        self
    }
}

/// Objects that are younger than `settle`. They are reported when they are old enough by the clock of the store, or when
/// they were unchanged for that long by the clock of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsettled {
    /// How many objects wait.
    pub items: u64,
    /// The first of their keys.
    pub key: String,
}

/// A successful poll that found nothing; see [`Report::absence`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Absence {
    /// The status of the answer: 404 or 410.
    pub status: u16,
    /// Whether the value counts as gone: at once after a 410, after `removal.confirm` polls in a row after a 404.
    pub is_confirmed: bool,
}

impl Absence {
    /// An answer with this status.
    pub fn new(status: u16, is_confirmed: bool) -> Self {
        Self { status, is_confirmed }
    }
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server answered {}", self.status)
    }
}

/// Items that are absent and not reported as removed, until three whole observations in a row agree (by
/// [`reason`](Self::reason), until its cause is gone), they come back, or [`release_removals`](super::WatchHandle::release_removals) is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldRemovals {
    /// How many items are absent.
    pub items: u64,
    /// Of how many that are known.
    pub of: u64,
    /// How many whole observations in a row agree by now.
    pub agreed: u32,
    /// Why they are held.
    pub reason: HeldReason,
}

/// Why removals are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeldReason {
    /// More than `removal.hold_above` of at least `removal.hold_min` items would vanish at once, or all of them in
    /// an empty body of NDJSON, which may have been cut off.
    Share,
    /// There are items without a key: each may be one of those that seem to be absent.
    ItemsWithoutKey,
    /// The server says that there are more items than it sent (`Link: …; rel="next"`, `Content-Range`): what is
    /// absent may be among them. Held as long as the server says so, however many observations agree. Declare `pages`
    /// to follow all of them; a total of `*` is answered by PostgREST unless the request has `Prefer: count=exact`.
    PartialList,
}

impl fmt::Display for HeldRemovals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { items, of, agreed, reason } = self;
        write!(f, "{items} of {of} items are absent; ")?;
        match reason {
            HeldReason::Share => {
                write!(f, "that is many at once, and {agreed} of 3 polls in a row agree")
            }
            HeldReason::ItemsWithoutKey => {
                f.write_str("items without a key are there, which may be these")
            }
            HeldReason::PartialList => f.write_str(
                "the server says that there are more items than it sent, which may be these: declare `pages`",
            ),
        }
    }
}

/// What a source asks of the runtime after a poll.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pace {
    /// The usual wait.
    #[default]
    Interval,
    /// No wait: more events of the same observation are ready. After a failure the usual wait. What comes with it
    /// is a part: it is no success by itself, and ends no row of failures.
    Now,
    /// Not before this time has passed, as the server wishes; never earlier than the usual wait, and
    /// honoured up to one hour.
    NotBefore(Duration),
}
