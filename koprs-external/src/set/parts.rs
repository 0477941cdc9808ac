//! The events of the watchers that run, merged: each of them can be cut off, and says when it has ended.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::BoxStream;
use futures_util::StreamExt;
use futures_util::stream::{AbortHandle, Abortable, SelectAll, abortable};

use super::handle::SetHandle;
use super::prepared::{LeftSource, Prepared, Started};
use super::span;
use crate::config::Declared;
use crate::watcher::{InHand, WatchHandle};

/// The watchers take turns.
pub(super) type Parts<E> = SelectAll<Abortable<Part<E>>>;

/// The events of a watcher, and then that it has ended, unless it was cut off before.
pub(super) struct Part<E> {
    /// Until the end was told.
    name: Option<Arc<str>>,
    events: BoxStream<'static, (E, Arc<dyn InHand>)>,
}

/// What a part tells.
pub(super) enum Told<E> {
    /// An event, and what it came from.
    Event(E, Arc<dyn InHand>),
    /// The watcher of this name has ended.
    End(Arc<str>),
}

impl<E> Stream for Part<E> {
    type Item = Told<E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Told<E>>> {
        Poll::Ready(match ready!(self.events.poll_next_unpin(cx)) {
            Some((event, from)) => Some(Told::Event(event, from)),
            None => self.name.take().map(Told::End),
        })
    }
}

/// A watcher whose events are among those of a set.
pub(super) struct Running<E> {
    pub(super) watcher: WatchHandle,
    left: LeftSource<E>,
    abort: AbortHandle,
}

impl<E> Running<E> {
    /// Stops it, at once; nothing is told of it any more.
    pub(super) fn stop(self) {
        self.abort.abort();
        self.watcher.stop();
    }

    /// Cuts off a watcher that has ended. Returns the source that it has left, which knows what the consumer knows.
    pub(super) fn finish(self) -> Option<Prepared<E>> {
        self.abort.abort();
        self.left.take()
    }
}

/// Starts a watcher as one of so many that start together, unless the set is shut down.
pub(super) fn start<E>(
    declared: &Declared,
    source: Prepared<E>,
    watchers: usize,
    parts: &mut Parts<E>,
    handle: &SetHandle,
) -> Option<Running<E>> {
    let name: Arc<str> = declared.spec.name().into();
    let start = |suspension| span(declared).in_scope(|| source.start(watchers, suspension));
    let Started { handle: watcher, events, left } =
        handle.start(Arc::clone(&name), declared.home(), start)?;
    let (part, abort) = abortable(Part { name: Some(name), events });
    parts.push(part);
    Some(Running { watcher, left, abort })
}

#[cfg(test)]
impl<E> Part<E> {
    /// Of no watcher.
    pub(super) fn of(events: BoxStream<'static, (E, Arc<dyn InHand>)>) -> Self {
        Self { name: None, events }
    }
}
