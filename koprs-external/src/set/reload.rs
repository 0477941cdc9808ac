//! A set that follows its file.

mod contents;
mod follower;
mod looks;
mod plan;
mod warned;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

pub(super) use self::follower::Follower;
use super::binder::Binder;
use super::events::Events;
use super::refused::Refused;
use super::values::Values;
use super::variant::WatcherEvents;
use super::{ValueEvent, WatcherSet};
use crate::error::{ExternalError, Result};
use crate::spec::Invalid;

const EVERY: Duration = Duration::from_secs(1);

impl WatcherSet {
    /// Watches as [`events`](Self::events) and [`values`](Self::values) do, and follows a file meanwhile, as a
    /// rule that from which the set was read: what is declared there from now on is watched.
    ///
    /// ```no_run
    /// use koprs_external::set::WatcherSet;
    ///
    /// # async fn example() -> koprs_external::error::Result<()> {
    /// let set = WatcherSet::from_path("/etc/watchers/watchers.yaml")?;
    /// let mut values = set.reloading("/etc/watchers/watchers.yaml").values()?;
    /// while let Some(told) = values.recv().await {
    ///     println!("{} {}", told.watcher, told.event.value());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn reloading(&self, path: impl AsRef<Path>) -> Reloading {
        let on_removed = OnRemovedWatcher::default();
        Reloading { set: self.clone(), path: path.as_ref().into(), every: EVERY, on_removed }
    }
}

/// A set that is to follow a file; made by [`WatcherSet::reloading`].
///
/// - A watcher that is added starts, and one that is removed stops. One whose declaration has changed restarts. What
///   becomes of the items that the consumer knows, [`OnRemovedWatcher`] says. All other watchers keep their state and
///   their schedule, wherever they stand in the file, and in whatever order their headers, options and globs do.
/// - A content is taken as a whole, or not at all: all sources of it are made before any watcher is stopped or
///   started. One with mistakes, a watcher without a variant, or a source that cannot be made changes nothing; nor
///   does a file that is missing, larger than [allowed](super::Loader::max_file_size), or cannot be read. It is logged as an error, once for each
///   content, and is in [`SetHandle::reload`](super::SetHandle::reload) until a good one comes. A variant without a
///   watcher is no mistake: its watcher may come.
/// - The file is read at each look, and compared by its content; a new one is taken when two looks in a row see it.
///   It may be replaced, be a link or the file of a mounted `ConfigMap`. A writer that stops half way for longer
///   than that had better write another file, and put it in place. One that is another at each look is not taken,
///   which is logged as a warning after ten looks.
/// - `watchers: []` declares that there are none: all stop, and the file is followed on, until the set is
///   [shut down](super::SetHandle::shutdown); read [strictly](super::Loader::strict) it is refused. A file that is
///   missing, empty, or ends after `watchers:` says no such thing, and changes nothing.
/// - It is read as the set was: with variables, strictly. A [warning](WatcherSet::warnings) is logged when
///   a content that is taken has it and the content before had not; the first content counts as new. Where it stands in
///   the file makes no difference. Of a set of [some](WatcherSet::only) of the watchers, the others are
///   not looked at.
/// - It is followed while the consumer waits for the next event, and no task is beside it; what is new is read on a
///   thread for blocking work. A consumer that takes its time for an event takes up the file afterwards.
#[derive(Clone, Debug)]
#[must_use = "nothing is followed until the events are asked for"]
pub struct Reloading {
    set: WatcherSet,
    path: Arc<Path>,
    every: Duration,
    on_removed: OnRemovedWatcher,
}

/// What becomes of the items that the consumer knows when their watcher is removed from the file, or changed there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnRemovedWatcher {
    /// Items of a removed watcher are dropped without events. A changed watcher starts anew, as after a restart of the
    /// program: it reports what it sees as [`Added`](crate::ExternalEvent::Added) once more, and nothing as removed. A
    /// consumer that keeps a state compares it with these events once the watcher is
    /// [synced](crate::watcher::WatchHandle::synced).
    #[default]
    Forget,
    /// Items that are not followed any more are reported as [`Removed`](crate::ExternalEvent::Removed), with their last
    /// known values.
    ///
    /// A removed watcher removes all of its items, as [`WatchHandle::retire`](crate::watcher::WatchHandle::retire)
    /// does, and ends. When it is declared again meanwhile, it starts after that.
    ///
    /// A changed watcher hands the items to its successor, over several restarts too, however little each of them saw.
    /// The old watcher ends first: the consumer takes its events, and then those of the successor. Once the successor
    /// has completed an observation, an item that is the same has made no event, one that differs is
    /// [`Modified`](crate::ExternalEvent::Modified), and one that is absent is removed. The guard over removals holds
    /// as always: a narrower `include` that leaves out most of many objects is
    /// [held](crate::watcher::Report::held_removals) until three observations agree.
    ///
    /// Where keys cannot be compared, all items of the old watcher are removed first, and then the successor starts: when
    /// it is of another kind (`http` or `objectStore`, a value or a list, with `decode` or without at an object store), when
    /// `items.key` changes, or when its type does. When `decode` or `ignore` changes, values are compared where their
    /// type is `PartialEq`; where it is not, all items may be modified once. A watcher that its own handle has
    /// [shut down](crate::watcher::WatchHandle::shutdown) hands over nothing.
    Remove,
}

impl Reloading {
    /// What becomes of the items of a watcher that is removed or changed. Default: [`OnRemovedWatcher::Forget`].
    pub fn on_removed_watcher(mut self, what: OnRemovedWatcher) -> Self {
        self.on_removed = what;
        self
    }

    /// The time between two looks at the file. Default: 1 s. A new content is taken after one to two of them.
    pub fn every(mut self, every: Duration) -> Self {
        self.every = every;
        self
    }

    /// Starts the set as it is, and follows the file: one stream of the events, as an enum with a variant for each
    /// watcher.
    ///
    /// # Errors
    ///
    /// [`ExternalError::Invalid`] with all that is wrong: each watcher without a variant, each watcher whose source
    /// cannot be made; that the set is of several files; that there is no time between two looks. Then nothing is
    /// started.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with its timer enabled; so do the events, when they are polled there.
    pub fn events<E: WatcherEvents>(self) -> Result<Events<E>> {
        self.start(Binder::of_variants())
    }

    /// The same for tools: the values as JSON, with the names of their watchers.
    ///
    /// # Errors
    ///
    /// As [`events`](Self::events).
    ///
    /// # Panics
    ///
    /// As [`events`](Self::events).
    pub fn values(self) -> Result<Values> {
        self.start(Binder::<ValueEvent>::of_values())
    }

    fn start<E: 'static>(self, binder: Binder<E>) -> Result<Events<E>> {
        self.check()?;
        let mut refused = Refused::default();
        let bound = binder.bind_all(&self.set, &mut refused);
        refused.finish()?;
        let Self { set, path, every, on_removed } = self;
        let looks = looks::looks(Arc::clone(&path), every, set.loader.most_read());
        let path = spelled(&set, path);
        let contents = contents::contents(&set, Arc::clone(&path), looks);
        let follower = Follower::new(path, contents, on_removed, binder);
        Ok(Events::start(&set, bound, Some(follower)))
    }

    fn check(&self) -> Result<()> {
        if self.every.is_zero() {
            let mistake = Invalid::new("every", "zero", "there is no time between two looks");
            return Err(mistake.help("leave `every` out: it is one second").into());
        }
        if self.set.files.len() > 1 {
            let message = format!("a set of {} files cannot follow one", self.set.files.len());
            let mistake = Invalid::new("path", "several-files", message);
            return Err(mistake.help("put its watchers into one file").into());
        }
        Ok(())
    }
}

/// The file as the set names it, if it is the same: paths in it begin in its folder, and are to stay as they are.
fn spelled(set: &WatcherSet, path: Arc<Path>) -> Arc<Path> {
    let is_same = |file: &Path| match (file.canonicalize(), path.canonicalize()) {
        (Ok(file), Ok(path)) => file == path,
        _ => false,
    };
    match set.files.as_slice() {
        [file] if is_same(file) => Arc::clone(file),
        _ => path,
    }
}

/// What became of the file of a set that follows one.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ReloadStatus {
    /// How many contents of the file were taken; the one found at first is one of them.
    pub loads: u64,
    /// When the last was taken, by tokio's clock.
    pub last_load: Option<Instant>,
    /// Why what is there now is refused. None, when it is not.
    pub refused: Option<Arc<ExternalError>>,
}
