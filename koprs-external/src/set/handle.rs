//! What is seen of the watchers of a set, from anywhere.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_util::future::{join_all, try_join_all};
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;
use tokio::time::Instant;

use super::prepared::Started;
use super::reload::ReloadStatus;
use crate::config::FilePlace;
use crate::error::{ExternalError, Result};
use crate::watcher::{Status, Suspension, WatchHandle};

/// Observes the watchers of a set and controls them, from anywhere. It does not keep them alive.
///
/// A watcher that has ended is still known by its name, and its status says why; one that is declared no more, in
/// a set that is [reloading](super::WatcherSet::reloading), is not.
#[derive(Clone, Default)]
pub struct SetHandle(Arc<Mutex<Seen>>);

struct Watcher {
    place: FilePlace,
    handle: WatchHandle,
    /// It is declared no more, or otherwise: that it ends is no failure.
    leaves: bool,
}

/// A watcher, by its name.
type Named = (Arc<str>, WatchHandle);

/// One that waits to start, and until none does.
type Waits = (Arc<str>, OwnedNotified);

#[derive(Default)]
struct Seen {
    watchers: BTreeMap<Arc<str>, Watcher>,
    /// Those that a new content of the file has stopped, whose tasks may not have ended yet.
    ending: Vec<WatchHandle>,
    /// Those that are declared, and wait for others to end before they start; how many of a name, since one
    /// that is declared otherwise takes the place of one that waits.
    waiting: BTreeMap<Arc<str>, usize>,
    /// Told when none of them waits any more, and when none will start.
    started: Arc<Notify>,
    reload: ReloadStatus,
    suspended: bool,
    shut_down: bool,
    /// Of the consumer of a set that follows its file.
    consumer: Option<Waker>,
}

impl SetHandle {
    pub(super) fn new(suspended: bool) -> Self {
        Self(Arc::new(Mutex::new(Seen { suspended, ..Seen::default() })))
    }

    /// What a watcher has done so far; `None` when there is none of this name.
    pub fn status(&self, name: &str) -> Option<Status> {
        self.watcher(name).map(|watcher| watcher.status())
    }

    /// What each watcher has done so far, in the order of their names.
    pub fn statuses(&self) -> Vec<(Arc<str>, Status)> {
        let watchers = self.watchers().into_iter();
        watchers.map(|(name, watcher)| (name, watcher.status())).collect()
    }

    /// The handles of all watchers, in the order of their names. For a set that does not change, they are the way to
    /// look at all watchers often.
    pub fn watchers(&self) -> Vec<(Arc<str>, WatchHandle)> {
        let seen = self.lock();
        let watchers = seen.watchers.iter();
        watchers.map(|(name, watcher)| (Arc::clone(name), watcher.handle.clone())).collect()
    }

    /// The handle of a watcher; `None` when there is none of this name.
    pub fn watcher(&self, name: &str) -> Option<WatchHandle> {
        self.lock().watchers.get(name).map(|watcher| watcher.handle.clone())
    }

    /// Where a watcher stands: the place of its name, in the file as it was last taken.
    pub fn place(&self, name: &str) -> Option<FilePlace> {
        self.lock().watchers.get(name).map(|watcher| watcher.place.clone())
    }

    /// Stops polling all watchers until [`resume`](Self::resume), and starts those that a reload brings suspended. A
    /// poll in flight ends as usual, and its events are delivered.
    ///
    /// It leaves alone what each watcher's own handle has [suspended](WatchHandle::suspend); see
    /// [here](crate::set#suspending).
    pub fn suspend(&self) {
        self.set_suspended(true);
    }

    /// Polls again: each watcher when its next poll is due, unless it is [suspended](WatchHandle::suspend) by its own
    /// handle. Polls that were missed are spread as [first polls](crate::set#first-polls) are.
    pub fn resume(&self) {
        self.set_suspended(false);
    }

    /// Whether the set as a whole is suspended.
    pub fn is_suspended(&self) -> bool {
        self.lock().suspended
    }

    fn set_suspended(&self, suspended: bool) {
        // Under the lock, so that a watcher that starts meanwhile is either among them or starts that way.
        let mut seen = self.lock();
        seen.suspended = suspended;
        seen.watchers.values().for_each(|it| it.handle.suspend_with_set(suspended));
    }

    /// What became of the file of a set that is [reloading](super::WatcherSet::reloading).
    pub fn reload(&self) -> ReloadStatus {
        self.lock().reload.clone()
    }

    /// Waits until the first complete observation of each watcher was delivered: afterwards the consumer has the
    /// complete state.
    ///
    /// **Read the events meanwhile.** The watchers wait for their consumer, so a program that awaits `synced` before it
    /// reads waits for ever. After 10 s the status of each watcher that waits is
    /// [`Blocked`](crate::watcher::State::Blocked), and a warning is logged. The future borrows nothing, so the events
    /// can be read in a task, or beside it as [here](WatchHandle::synced):
    ///
    /// ```no_run
    /// use koprs_external::set::WatcherSet;
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut values = WatcherSet::from_path("watchers.yaml")?.values()?;
    /// let synced = values.synced();
    /// tokio::spawn(async move {
    ///     while let Some(event) = values.recv().await {
    ///         println!("{} {}", event.watcher, event.event.value());
    ///     }
    /// });
    /// synced.await?;
    /// // Start the controller.
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It waits for the [first polls](crate::set#first-polls), through failures, while the set or one of its watchers
    /// is suspended, and for watchers that a reload has yet to start. Cancellation safe.
    ///
    /// # Errors
    ///
    /// [`Ended`] as soon as a watcher has ended before. One that a new content of the file stops is not waited for
    /// any more, and one that it starts is.
    pub fn synced(&self) -> impl Future<Output = std::result::Result<(), Ended>> + Send + use<> {
        let set = self.clone();
        async move {
            loop {
                let (watchers, waiting) = set.staying();
                let synced = try_join_all(watchers.iter().map(async |(watcher, handle)| {
                    handle.synced().await.map_err(|_| (watcher, handle))
                }));
                match (synced.await, waiting) {
                    (Ok(_), Some((watcher, started))) => {
                        if !set.lock().shut_down {
                            started.await;
                        }
                        if set.lock().shut_down {
                            return Err(Ended { watcher, cause: None });
                        }
                    }
                    (Ok(_), None) if set.is_of(&watchers) => return Ok(()),
                    (Err((watcher, handle)), _) if set.stays(watcher, handle) => {
                        let (watcher, cause) = (Arc::clone(watcher), handle.status().last_error);
                        return Err(Ended { watcher, cause });
                    }
                    _ => {}
                }
            }
        }
    }

    /// Stops all watchers at once, and returns when their tasks have ended and the sources are dropped.
    ///
    /// It goes for each as for [`WatchHandle::shutdown`], also for those that a new content of the file has just
    /// stopped; the stream of the events ends, and no watcher starts any more. A source that a watcher has left to its
    /// successor after a reload is dropped when the events are polled or dropped next.
    ///
    /// Cancellation safe: the watchers stop when the future is dropped, too.
    pub async fn shutdown(&self) {
        let (consumer, watchers) = self.begin_shutdown();
        consumer.into_iter().for_each(Waker::wake);
        join_all(watchers.iter().map(WatchHandle::shutdown)).await;
    }

    /// Starts a watcher, unless the set is shut down: whoever does that waits for all that were started. It starts
    /// suspended in a set that is, and when the one of its name that it replaces is.
    pub(super) fn start<E>(
        &self,
        name: Arc<str>,
        place: FilePlace,
        start: impl FnOnce(Suspension) -> Started<E>,
    ) -> Option<Started<E>> {
        let mut seen = self.lock();
        if seen.shut_down {
            return None;
        }
        let before = seen.watchers.get(&name).map(|it| it.handle.suspension());
        let watcher = before.is_some_and(|it| it.watcher);
        let started = start(Suspension { watcher, set: seen.suspended });
        let watcher = Watcher { place, handle: started.handle.clone(), leaves: false };
        let before = seen.watchers.insert(name, watcher);
        seen.leave(before);
        Some(started)
    }

    /// A watcher is declared that cannot start yet: as long as this is kept, the set is not synced.
    pub(super) fn unsynced(&self, name: Arc<str>) -> Unsynced {
        *self.lock().waiting.entry(Arc::clone(&name)).or_default() += 1;
        Unsynced { set: self.clone(), name }
    }

    /// A watcher stands elsewhere.
    pub(super) fn moved(&self, name: &str, place: FilePlace) {
        if let Some(watcher) = self.lock().watchers.get_mut(name) {
            watcher.place = place;
        }
    }

    /// A watcher is about to be stopped by a new content of the file.
    pub(super) fn leaves(&self, name: &str) {
        if let Some(watcher) = self.lock().watchers.get_mut(name) {
            watcher.leaves = true;
        }
    }

    pub(super) fn remove(&self, name: &str) {
        let mut seen = self.lock();
        let gone = seen.watchers.remove(name);
        seen.leave(gone);
    }

    /// A new content of the file was taken or refused.
    pub(super) fn reloaded(&self, taken: Result<()>) {
        let status = &mut self.lock().reload;
        status.refused = taken.err().map(Arc::new);
        if status.refused.is_none() {
            status.loads += 1;
            status.last_load = Some(Instant::now());
        }
    }

    /// Whether no watcher is to start any more.
    pub(super) fn poll_shutdown(&self, cx: &Context<'_>) -> Poll<()> {
        let mut seen = self.lock();
        if seen.shut_down {
            return Poll::Ready(());
        }
        seen.consumer = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Whom to tell, and all that has to end. From now on no watcher starts.
    fn begin_shutdown(&self) -> (Option<Waker>, Vec<WatchHandle>) {
        let mut seen = self.lock();
        seen.shut_down = true;
        let known = seen.watchers.values().map(|watcher| &watcher.handle);
        let watchers = known.chain(&seen.ending).cloned().collect();
        let (consumer, started) = (seen.consumer.take(), Arc::clone(&seen.started));
        drop(seen);
        started.notify_waiters();
        (consumer, watchers)
    }

    /// Those that no content of the file has stopped; and one of those that wait to start, until none does.
    fn staying(&self) -> (Vec<Named>, Option<Waits>) {
        let seen = self.lock();
        let started = || Arc::clone(&seen.started).notified_owned();
        let waiting = seen.waiting.keys().next().map(|name| (Arc::clone(name), started()));
        let staying = seen.watchers.iter().filter(|(_, watcher)| !watcher.leaves);
        let staying = staying.map(|(name, watcher)| (Arc::clone(name), watcher.handle.clone()));
        (staying.collect(), waiting)
    }

    /// Whether it is of these watchers, and none waits to start.
    fn is_of(&self, watchers: &[Named]) -> bool {
        let (staying, waiting) = self.staying();
        waiting.is_none() && staying.iter().all(|it| has(watchers, it))
    }

    fn stays(&self, name: &str, handle: &WatchHandle) -> bool {
        let is_it = |watcher: &Watcher| !watcher.leaves && watcher.handle.is(handle);
        self.lock().watchers.get(name).is_some_and(is_it)
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    /// A watcher is known no more by its name; its task may not have ended yet.
    fn leave(&mut self, watcher: Option<Watcher>) {
        // Only when it is full, so that what has ended is looked for seldom and does not pile up.
        if self.ending.len() == self.ending.capacity() {
            self.ending.retain(|it| !it.is_stopped());
            self.ending.reserve(self.ending.len() + 1);
        }
        let ending = watcher.map(|it| it.handle).filter(|it| !it.is_stopped());
        self.ending.extend(ending);
    }
}

/// A watcher that waits to start.
pub(super) struct Unsynced {
    set: SetHandle,
    name: Arc<str>,
}

impl Drop for Unsynced {
    fn drop(&mut self) {
        let mut seen = self.set.lock();
        if let Some(waiting) = seen.waiting.get_mut(&self.name) {
            *waiting -= 1;
            if *waiting == 0 {
                seen.waiting.remove(&self.name);
            }
        }
        let started = seen.waiting.is_empty().then(|| Arc::clone(&seen.started));
        drop(seen);
        if let Some(started) = started {
            started.notify_waiters();
        }
    }
}

/// Whether a watcher is among some, which are in the order of their names.
fn has(watchers: &[Named], (name, handle): &Named) -> bool {
    let found = watchers.binary_search_by(|(known, _)| known.cmp(name)).ok();
    found.and_then(|at| watchers.get(at)).is_some_and(|(_, known)| known.is(handle))
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
