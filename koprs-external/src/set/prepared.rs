//! A watcher on its way into a set: declared, prepared, started; and what it leaves to its successor.

use std::sync::Arc;

use futures_core::stream::BoxStream;
use futures_util::StreamExt;

use super::spread::spread;
use crate::declared::{DeclaredSource, Payload};
use crate::error::Result;
use crate::spec::WatcherSpec;
use crate::watcher::{
    ExternalEvent, ExternalSource, InHand, KnownItems, Suspension, WatchConfig, WatchHandle,
    watch_and_leave,
};

/// A source that is made and checked, and not started. It holds no task and no connection.
pub(crate) struct Prepared<E> {
    source: Box<dyn Source<E>>,
    /// How many items it knows already.
    items: u64,
}

/// A watcher that runs. It stops when its stream is dropped.
pub(crate) struct Started<E> {
    pub(super) handle: WatchHandle,
    /// Each with what it came from.
    pub(super) events: BoxStream<'static, (E, Arc<dyn InHand>)>,
    /// Where it leaves its source.
    pub(super) left: LeftSource<E>,
}

/// The source that a watcher has left.
pub(super) struct LeftSource<E> {
    watcher: WatchHandle,
    take: Box<dyn Fn() -> Option<Box<dyn Source<E>>> + Send>,
}

impl<E: 'static> Prepared<E> {
    /// Of a declared source, whose events become an `E`.
    pub(super) fn new<T: Payload>(
        source: DeclaredSource<T>,
        into: impl FnMut(ExternalEvent<T>) -> E + Clone + Send + 'static,
    ) -> Self {
        let config = source.config();
        Self::of(source, config, into)
    }

    /// Of any source.
    pub(super) fn of<S: ExternalSource>(
        source: S,
        config: WatchConfig,
        into: impl FnMut(ExternalEvent<S::Item>) -> E + Clone + Send + 'static,
    ) -> Self {
        Self { source: Box::new(Typed { source, config, into }), items: 0 }
    }
}

impl<E> Prepared<E> {
    /// Starts it as one of so many that start together; panics outside of a tokio runtime with its timer
    /// enabled.
    pub(super) fn start(self, watchers: usize, suspension: Suspension) -> Started<E> {
        let started = self.source.start(watchers, suspension);
        started.handle.inherits(self.items);
        started
    }

    /// Takes over what the consumer knows of the items of another source. Returns false where the keys of their
    /// items cannot be compared: then the other source still knows its items.
    pub(super) fn inherit(&mut self, from: &mut Self) -> bool {
        let Some(known) = from.source.hand_over() else { return false };
        match self.source.inherit(known) {
            Ok(()) => {
                self.items = std::mem::take(&mut from.items);
                true
            }
            Err(known) => {
                let (Ok(()) | Err(_)) = from.source.inherit(known);
                false
            }
        }
    }
}

impl<E> LeftSource<E> {
    /// The source, once the watcher has left it.
    pub(super) fn take(&self) -> Option<Prepared<E>> {
        let source = (self.take)()?;
        Some(Prepared { source, items: self.watcher.status().items })
    }
}

/// A source of any type, whose events become an `E`.
trait Source<E>: Send {
    fn start(self: Box<Self>, watchers: usize, suspension: Suspension) -> Started<E>;

    fn hand_over(&mut self) -> Option<KnownItems>;

    fn inherit(&mut self, known: KnownItems) -> std::result::Result<(), KnownItems>;
}

struct Typed<S, F> {
    source: S,
    config: WatchConfig,
    into: F,
}

impl<E, S, F> Source<E> for Typed<S, F>
where
    E: 'static,
    S: ExternalSource,
    F: FnMut(ExternalEvent<S::Item>) -> E + Clone + Send + 'static,
{
    fn start(self: Box<Self>, watchers: usize, suspension: Suspension) -> Started<E> {
        let Self { source, config, into } = *self;
        let starts = spread(config.clone(), watchers).with_suspension(suspension);
        let (watch, left) = watch_and_leave(source, starts);
        let (handle, hand) = (watch.handle(), watch.in_hand());
        let mut event = into.clone();
        let events = watch.map(move |it| (event(it), Arc::clone(&hand))).boxed();
        let take = move || -> Option<Box<dyn Source<E>>> {
            let source = left.take()?;
            Some(Box::new(Self { source, config: config.clone(), into: into.clone() }))
        };
        let left = LeftSource { watcher: handle.clone(), take: Box::new(take) };
        Started { handle, events, left }
    }

    fn hand_over(&mut self) -> Option<KnownItems> {
        self.source.hand_over()
    }

    fn inherit(&mut self, known: KnownItems) -> std::result::Result<(), KnownItems> {
        self.source.inherit(known)
    }
}

/// From a declaration to a source that tells its events as an `E`.
pub(crate) type Bind<E> = Box<dyn Fn(&WatcherSpec) -> Result<Prepared<E>> + Send + Sync>;
