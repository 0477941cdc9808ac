//! The watchers of a file: found by name, bound to types.
//!
//! A file says where things are and how often to look; the program says what they are. A
//! [`WatcherSet`] is the checked file. [`events`](WatcherSet::events) brings all of its watchers and an enum of
//! types together, in one stream; [`source`](WatcherSet::source), [`watch`](WatcherSet::watch) and
//! [`spawn`](WatcherSet::spawn) one watcher and a type; and [`values`](WatcherSet::values) needs no types.
//!
//! # First polls
//!
//! The first poll of a watcher of a set comes at a random time within 100 ms for each watcher of the set, at most a
//! minute and at most the watcher's interval, so that a restart is no thundering herd.
//! [`poll_now`](crate::watcher::WatchHandle::poll_now) does not wait for it.
//!
//! # Suspending
//!
//! A set polls nothing while it is suspended: from the start ([`WatcherSet::with_suspended`]), or from
//! [`SetHandle::suspend`] to [`SetHandle::resume`]. That is how leader election gates it: a replica that does not lead
//! does not poll. Watchers that a [reload](WatcherSet::reloading) starts meanwhile start suspended, too. Polls that
//! were missed are spread over the same time as first polls when the set is resumed.
//!
//! A single watcher is suspended with [`WatchHandle::suspend`](crate::watcher::WatchHandle::suspend). The two are
//! independent: a watcher polls when neither it nor its set is suspended, and resuming the set does not resume a
//! watcher that was suspended by itself. Such a watcher stays suspended when a reload restarts it, until it is resumed
//! or its name is no longer declared.

mod bind;
mod binder;
mod events;
mod explain;
mod handle;
mod loader;
mod only;
mod parts;
mod prepared;
mod refused;
mod reload;
mod spawn;
mod spread;
mod values;
pub(crate) mod variant;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use tracing::{Span, info_span};

pub use self::events::Events;
pub use self::explain::{Asks, Effective, Explanation, ListingPreview, Origin};
pub use self::handle::{Ended, SetHandle};
pub use self::loader::Loader;
pub use self::reload::{OnRemovedWatcher, ReloadStatus, Reloading};
pub use self::values::{ValueEvent, Values};
pub use self::variant::WatcherEvents;
use crate::config::{ConfigError, Declared, Diagnostic, FilePlace, Loaded};
use crate::error::{ExternalError, Result};
use crate::printable::printable;
use crate::spec::WatcherSpec;

/// What a text is called that came from no file.
const NO_FILE: &str = "<text>";

/// Watchers declared in YAML.
///
/// ```
/// use koprs_external::set::WatcherSet;
///
/// let set: WatcherSet = "
/// apiVersion: koprs-external/v1
/// watchers:
///   - name: flags
///     interval: 30s
///     http:
///       url: https://api.example.com/v1/flags
/// ".parse()?;
/// assert!(set.names().eq(["flags"]));
/// let source = set.source::<Vec<String>>("flags")?;
/// # Ok::<(), koprs_external::error::ExternalError>(())
/// ```
#[derive(Clone, Debug)]
pub struct WatcherSet {
    /// How the files were read.
    loader: Loader,
    files: Vec<Arc<Path>>,
    watchers: Vec<Declared>,
    /// Where each name is among the watchers.
    index: HashMap<String, usize>,
    warnings: Vec<Diagnostic>,
    /// The names of those that were chosen of the files.
    only: Option<Arc<HashSet<String>>>,
    /// Its watchers start suspended.
    suspended: bool,
}

impl WatcherSet {
    /// The way to read files other than plainly: several of them, with variables, strictly.
    pub fn loader() -> Loader {
        Loader::default()
    }

    /// Reads a file, as [`Loader::from_path`] does.
    ///
    /// # Errors
    ///
    /// As those of [`Loader::from_path`].
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        Self::loader().from_path(path)
    }

    /// Reads a text, as [`Loader::from_str`] does; `text.parse()` does the same.
    ///
    /// # Errors
    ///
    /// As those of [`Loader::from_str`].
    #[allow(clippy::should_implement_trait, reason = "it does; this one needs no import")]
    pub fn from_str(text: &str) -> Result<Self> {
        Self::loader().from_str(text)
    }

    fn new(loader: Loader, files: Vec<Arc<Path>>, loaded: Loaded) -> Self {
        let Loaded { watchers, warnings } = loaded;
        let names = watchers.iter().map(|watcher| watcher.spec.name().to_owned());
        let index = names.enumerate().map(|(at, name)| (name, at)).collect();
        Self { loader, files, watchers, index, warnings, only: None, suspended: false }
    }

    /// The names of the watchers, in the order of the files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.watchers.iter().map(|watcher| watcher.spec.name())
    }

    /// The declaration of a watcher.
    pub fn spec(&self, name: &str) -> Option<&WatcherSpec> {
        self.declared(name).map(|watcher| &*watcher.spec)
    }

    /// Where a watcher stands: the place of its name, for what goes wrong while it runs.
    pub fn place(&self, name: &str) -> Option<FilePlace> {
        self.declared(name).map(Declared::home)
    }

    /// What is legal but unwise, in the order of the files and of the places; of more than a thousand, the
    /// first ones.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// Whether the watchers start suspended, and poll once they are [resumed](SetHandle::resume): for example when
    /// this replica becomes the leader. It holds for [`events`](Self::events), [`values`](Self::values) and
    /// [`watch`](Self::watch); [`spawn`](Self::spawn) refuses it, since a channel has no handle to resume the watcher
    /// with. A set that is [reloading](Self::reloading) follows its file meanwhile. Default: false.
    ///
    /// ```no_run
    /// use koprs_external::set::WatcherSet;
    ///
    /// # async fn leadership_changed() -> bool { std::future::pending().await }
    /// # async fn example() -> koprs_external::error::Result<()> {
    /// let set = WatcherSet::from_path("watchers.yaml")?.with_suspended(true);
    /// let mut values = set.values()?;
    /// let handle = values.handle();
    /// tokio::spawn(async move {
    ///     loop {
    ///         if leadership_changed().await { handle.resume() } else { handle.suspend() }
    ///     }
    /// });
    /// while let Some(event) = values.recv().await {
    ///     println!("{} {}", event.watcher, event.event.value());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_suspended(mut self, suspended: bool) -> Self {
        self.suspended = suspended;
        self
    }

    /// The file, or how many there are.
    fn shown(&self) -> String {
        match self.files.as_slice() {
            [file] => printable(&file.display()).to_string(),
            files => format!("the {} files", files.len()),
        }
    }

    fn declared(&self, name: &str) -> Option<&Declared> {
        self.index.get(name).and_then(|at| self.watchers.get(*at))
    }
}

/// Which watcher a log line is of, and where that is declared.
fn span(declared: &Declared) -> Span {
    info_span!("watcher", name = %declared.spec.name(), declared = %declared.home())
}

impl FromStr for WatcherSet {
    type Err = ExternalError;

    fn from_str(text: &str) -> Result<Self> {
        Self::from_str(text)
    }
}

impl From<ConfigError> for ExternalError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error.into())
    }
}

impl ConfigError {
    /// The mistakes of a file, when it is those that an error tells.
    pub fn of(error: &ExternalError) -> Option<&Self> {
        match error {
            ExternalError::Config(cause) => cause.downcast_ref(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
