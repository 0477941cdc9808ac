//! A watcher on its way into a set: declared, prepared, started.

use std::sync::Arc;

use futures_core::stream::BoxStream;
use futures_util::StreamExt;

use super::spread::spread;
use crate::declared::{DeclaredSource, Payload};
use crate::error::Result;
use crate::spec::WatcherSpec;
use crate::watcher::{
    ExternalEvent, ExternalSource, InHand, Suspension, WatchConfig, WatchHandle, watch,
};

/// A source that is made and checked, and not started. It holds no task and no connection.
pub(crate) struct Prepared<E>(Box<dyn FnOnce(usize, Suspension) -> Started<E> + Send>);

/// A watcher that runs. It stops when its stream is dropped.
pub(crate) struct Started<E> {
    pub(super) handle: WatchHandle,
    /// Each with what it came from.
    pub(super) events: BoxStream<'static, (E, Arc<dyn InHand>)>,
}

impl<E: 'static> Prepared<E> {
    /// Of a declared source, whose events become an `E`.
    pub(super) fn new<T: Payload>(
        source: DeclaredSource<T>,
        into: impl FnMut(ExternalEvent<T>) -> E + Send + 'static,
    ) -> Self {
        let config = source.config();
        Self::of(source, config, into)
    }

    /// Of any source.
    pub(super) fn of<S: ExternalSource>(
        source: S,
        config: WatchConfig,
        mut into: impl FnMut(ExternalEvent<S::Item>) -> E + Send + 'static,
    ) -> Self {
        Self(Box::new(move |watchers, suspension| {
            let config = spread(config, watchers).with_suspension(suspension);
            let watch = watch(source, config);
            let (handle, hand) = (watch.handle(), watch.in_hand());
            let events = watch.map(move |event| (into(event), Arc::clone(&hand))).boxed();
            Started { handle, events }
        }))
    }
}

impl<E> Prepared<E> {
    /// Starts it as one of so many that start together; panics outside of a tokio runtime with its timer
    /// enabled.
    pub(super) fn start(self, watchers: usize, suspension: Suspension) -> Started<E> {
        (self.0)(watchers, suspension)
    }
}

/// From a declaration to a source that tells its events as an `E`.
pub(crate) type Bind<E> = Box<dyn Fn(&WatcherSpec) -> Result<Prepared<E>> + Send + Sync>;
