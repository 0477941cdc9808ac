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

mod bind;
mod binder;
mod events;
mod handle;
mod prepared;
mod refused;
mod spawn;
mod spread;
mod values;
pub(crate) mod variant;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

pub use self::events::Events;
pub use self::handle::{Ended, SetHandle};
pub use self::values::{ValueEvent, Values};
pub use self::variant::WatcherEvents;
use crate::config::{self, ConfigError, Declared, MOST_BYTES};
use crate::error::{ExternalError, Result};
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
    file: PathBuf,
    watchers: Vec<Declared>,
}

impl WatcherSet {
    /// Reads a file. Relative paths in it begin in its folder.
    ///
    /// It blocks while it reads; in an async function that is no trouble at start, and
    /// `spawn_blocking` is the way later.
    ///
    /// # Errors
    ///
    /// [`ExternalError::Io`] when it cannot be read, and [`ExternalError::Config`] with every mistake
    /// in it; see [`ConfigError::of`].
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = read(path).map_err(|error| {
            io::Error::new(error.kind(), format!("cannot read {}: {error}", path.display()))
        })?;
        Ok(Self { file: path.to_owned(), watchers: config::read(path, &bytes)? })
    }

    /// Reads a text; `text.parse()` does the same. Relative paths in it begin in the working directory.
    ///
    /// # Errors
    ///
    /// [`ExternalError::Config`] with every mistake in it; see [`ConfigError::of`].
    #[allow(clippy::should_implement_trait, reason = "it does; this one needs no import")]
    pub fn from_str(text: &str) -> Result<Self> {
        let file = Path::new(NO_FILE);
        Ok(Self { file: file.to_owned(), watchers: config::load(file, text)? })
    }

    /// The names of the watchers, in the order of the file.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.watchers.iter().map(|watcher| watcher.spec.name())
    }

    /// The declaration of a watcher.
    pub fn spec(&self, name: &str) -> Option<&WatcherSpec> {
        let found = self.watchers.iter().find(|watcher| watcher.spec.name() == name);
        found.map(|watcher| &watcher.spec)
    }
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

/// The content of a file, or as much of it as makes it too large.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let most = MOST_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
