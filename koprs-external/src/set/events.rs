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
use super::parts::{Parts, Told, start};
use super::refused::Refused;
use super::reload::Follower;
use super::variant::WatcherEvents;
use crate::error::Result;
use crate::watcher::InHand;

impl WatcherSet {
    /// Watches all, with the declared schedules: one stream of the events, as an enum with a variant for each
    /// watcher. First polls are spread; see [here](crate::set#first-polls).
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
        Ok(Events::start(self, bound, None))
    }
}

/// The events of all watchers of a set; made by [`WatcherSet::events`] and [`WatcherSet::values`].
///
/// A [`Stream`] that is fair: the watchers take turns, however many events one of them has. An event counts
/// as taken when the consumer asks for the next one, of whatever watcher; until then its source is not polled
/// again. The stream ends when all watchers have ended, at once where there are none, and that of a set that is
/// [reloading](WatcherSet::reloading) when it is shut down; a watcher that ended before is seen in its
/// [`status`](SetHandle::status). It is also its own [`SetHandle`]. Dropping it stops all watchers at once.
#[must_use = "the watchers stop when this is dropped"]
pub struct Events<E> {
    parts: Parts<E>,
    /// Where the event came from that the consumer has.
    in_hand: Option<Arc<dyn InHand>>,
    handle: SetHandle,
    /// Of a set that follows its file.
    follower: Option<Follower<E>>,
}

impl<E> Events<E> {
    /// Starts what is bound of a set, which is all of it.
    pub(super) fn start(
        set: &WatcherSet,
        bound: Bound<E>,
        mut follower: Option<Follower<E>>,
    ) -> Self {
        let handle = SetHandle::new(set.suspended);
        let mut parts = SelectAll::new();
        let count = bound.len();
        for (declared, (_, source)) in set.watchers.iter().zip(bound) {
            let running = start(declared, source, count, &mut parts, &handle);
            if let (Some(follower), Some(running)) = (&mut follower, running) {
                follower.runs(declared.clone(), running);
            }
        }
        Self { parts, in_hand: None, handle, follower }
    }

    #[cfg(test)]
    pub(super) fn parts(&mut self) -> &mut Parts<E> {
        &mut self.parts
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
        let Some(follower) = &mut self.follower else { return self.poll_parts(cx) };
        if self.handle.poll_shutdown(cx).is_ready() {
            self.follower = None;
            self.parts.clear();
            return Poll::Ready(None);
        }
        follower.poll(cx, &mut self.parts, &self.handle);
        match self.poll_parts(cx) {
            // The file may declare some.
            Poll::Ready(None) => Poll::Pending,
            polled => polled,
        }
    }

    fn poll_parts(&mut self, cx: &mut Context<'_>) -> Poll<Option<E>> {
        loop {
            match ready!(self.parts.poll_next_unpin(cx)) {
                Some(Told::Event(event, from)) => {
                    self.in_hand = Some(from);
                    return Poll::Ready(Some(event));
                }
                Some(Told::End(name)) => {
                    if let Some(follower) = &mut self.follower {
                        follower.ended(&name, &mut self.parts, &self.handle);
                    }
                }
                None => return Poll::Ready(None),
            }
        }
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
