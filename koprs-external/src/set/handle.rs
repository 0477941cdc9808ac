//! What is seen of the watchers of a set, from anywhere.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::{join_all, try_join_all};

use crate::error::ExternalError;
use crate::watcher::{Status, WatchHandle};

/// Looks at the watchers of a set and steers them, from anywhere. It does not keep them alive.
///
/// A watcher that has ended is still known by its name, and its status says why.
#[derive(Clone, Default)]
pub struct SetHandle {
    watchers: Arc<Mutex<BTreeMap<Arc<str>, WatchHandle>>>,
}

impl SetHandle {
    /// What a watcher has done so far; `None` when there is none of this name.
    pub fn status(&self, name: &str) -> Option<Status> {
        self.watcher(name).map(|watcher| watcher.status())
    }

    /// What each watcher has done so far, in the order of their names.
    pub fn statuses(&self) -> Vec<(Arc<str>, Status)> {
        let watchers = self.all().into_iter();
        watchers.map(|(name, watcher)| (name, watcher.status())).collect()
    }

    /// The handle of a watcher; `None` when there is none of this name.
    pub fn watcher(&self, name: &str) -> Option<WatchHandle> {
        self.lock().get(name).cloned()
    }

    /// Until the first complete observation of each watcher was delivered: from then on what the consumer
    /// knows is what is there.
    ///
    /// The events have to be taken meanwhile: the future borrows nothing, so that the stream can be read
    /// beside it. Cancellation safe.
    ///
    /// # Errors
    ///
    /// [`Ended`] as soon as a watcher has ended before.
    pub fn synced(&self) -> impl Future<Output = Result<(), Ended>> + Send + use<> {
        let watchers = self.all().into_iter().map(async |(watcher, handle)| {
            let synced = handle.synced().await;
            synced.map_err(|_| Ended { watcher, cause: handle.status().last_error })
        });
        let all = try_join_all(watchers);
        async move { all.await.map(drop) }
    }

    /// Stops all watchers at once, and returns when their tasks have ended and the sources are dropped.
    ///
    /// It goes for each as for [`WatchHandle::shutdown`]; the stream of the events ends.
    ///
    /// Cancellation safe: the watchers stop when the future is dropped, too.
    pub async fn shutdown(&self) {
        let watchers = self.all();
        join_all(watchers.iter().map(|(_, watcher)| watcher.shutdown())).await;
    }

    pub(super) fn insert(&self, name: Arc<str>, watcher: WatchHandle) {
        self.lock().insert(name, watcher);
    }

    fn all(&self) -> Vec<(Arc<str>, WatchHandle)> {
        let watchers = self.lock();
        watchers.iter().map(|(name, watcher)| (Arc::clone(name), watcher.clone())).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, WatchHandle>> {
        self.watchers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SetHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.statuses()).finish()
    }
}

/// A watcher ended before what was waited for.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the watcher `{watcher}` has stopped")]
#[non_exhaustive]
pub struct Ended {
    /// Which.
    pub watcher: Arc<str>,
    /// Its last failure, if there was one.
    #[source]
    pub cause: Option<Arc<ExternalError>>,
}
