//! The events of all watchers of a set as one stream.

use std::fmt;
use std::future::{Future, poll_fn};
use std::ops::Deref;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_util::StreamExt;
use futures_util::stream::SelectAll;
use tokio::task::coop::consume_budget;

use super::WatcherSet;
use super::binder::{Binder, Bound};
use super::handle::SetHandle;
use super::prepared::{Part, Started};
use super::refused::Refused;
use super::variant::WatcherEvents;
use crate::error::Result;
use crate::watcher::InHand;

impl WatcherSet {
    /// Watches all, with the declared schedules: one stream of the events, as an enum with a variant for each
    /// watcher. First polls are spread; see [here](self#first-polls).
    ///
    /// # Errors
    ///
    /// [`ExternalError::Invalid`](crate::ExternalError::Invalid) with all that is wrong: each watcher without
    /// a variant, each variant without a watcher, and each watcher whose source cannot be made, with its place
    /// in the file. Then nothing is started.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with its timer enabled.
    pub fn events<E: WatcherEvents>(&self) -> Result<Events<E>> {
        self.start(&Binder::of_variants())
    }

    /// Starts all watchers, when there is nothing against any.
    pub(super) fn start<E: 'static>(&self, binder: &Binder<E>) -> Result<Events<E>> {
        let mut refused = Refused::default();
        let bound = binder.bind_all(self, &mut refused);
        binder.want_all(self, &mut refused);
        refused.finish()?;
        Ok(Events::start(bound))
    }
}

/// The events of all watchers of a set; made by [`WatcherSet::events`] and [`WatcherSet::values`].
///
/// A [`Stream`] that is fair: the watchers take turns, however many events one of them has. An event counts
/// as taken when the consumer asks for the next one, of whatever watcher; until then its source is not polled
/// again. The stream ends when all watchers have ended; one that ended before is seen in its
/// [`status`](SetHandle::status). It is also its own [`SetHandle`]. Dropping it stops all watchers at once.
#[must_use = "the watchers stop when this is dropped"]
pub struct Events<E> {
    parts: SelectAll<Part<E>>,
    /// Where the event came from that the consumer has.
    in_hand: Option<Arc<dyn InHand>>,
    handle: SetHandle,
}

impl<E> Events<E> {
    fn start(bound: Bound<E>) -> Self
    where
        E: 'static,
    {
        let handle = SetHandle::default();
        let mut events = Self { parts: SelectAll::new(), in_hand: None, handle };
        let count = bound.len();
        for (name, prepared) in bound {
            let started = prepared.start(count);
            events.add(name, started);
        }
        events
    }

    /// One more watcher.
    fn add(&mut self, name: Arc<str>, Started { handle, stream }: Started<E>) {
        self.handle.insert(name, handle);
        self.parts.push(stream);
    }

    /// The next event; `None` when all watchers have ended.
    ///
    /// Cancellation safe: no event is lost when the future is dropped.
    pub async fn recv(&mut self) -> Option<E> {
        poll_fn(|cx| self.poll_event(cx)).await
    }

    /// A handle for elsewhere: it does not keep the watchers alive.
    pub fn handle(&self) -> SetHandle {
        self.handle.clone()
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<E>> {
        // The part that it came from is not polled before the others had their turn.
        if let Some(from) = self.in_hand.take() {
            from.taken();
        }
        // A consumer that is quick, and a watcher with many events, leave time to the others.
        ready!(pin!(consume_budget()).poll(cx));
        self.parts.poll_next_unpin(cx).map(|next| {
            let (event, from) = next?;
            self.in_hand = Some(from);
            Some(event)
        })
    }
}

impl<E> Stream for Events<E> {
    type Item = E;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<E>> {
        self.poll_event(cx)
    }
}

impl<E> Deref for Events<E> {
    type Target = SetHandle;

    fn deref(&self) -> &SetHandle {
        &self.handle
    }
}

impl<E> fmt::Debug for Events<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("handle", &self.handle).finish_non_exhaustive()
    }
}
