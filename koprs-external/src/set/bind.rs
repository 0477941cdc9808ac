//! From a name and a type to a source. What goes wrong here is still told with the place in the file.

use std::fmt;
use std::path::PathBuf;

use serde::de::DeserializeOwned;

use super::WatcherSet;
use crate::config::{Declared, Place, Similar};
use crate::declared::DeclaredSource;
use crate::error::{ExternalError, Result};
use crate::spec::Invalid;
use crate::watcher::{Watch, watch};

impl WatcherSet {
    /// The source of a watcher, whose values are `T`.
    ///
    /// # Errors
    ///
    /// [`ExternalError::Invalid`] when there is no such watcher, or its source cannot be made.
    pub fn source<T: Clone>(&self, name: &str) -> Result<DeclaredSource<T>> {
        let Declared { spec, place } = self.find(name)?;
        DeclaredSource::new(spec.clone()).map_err(|error| self.at(*place, error))
    }

    /// Watches, with the declared schedule. Needs a tokio runtime.
    ///
    /// # Errors
    ///
    /// As [`source`](Self::source).
    pub fn watch<T>(&self, name: &str) -> Result<Watch<T>>
    where
        T: DeserializeOwned + Clone + fmt::Debug + Send + 'static,
    {
        let source = self.source::<T>(name)?;
        let config = source.config();
        Ok(watch(source, config))
    }

    fn find(&self, name: &str) -> Result<&Declared> {
        let found = self.watchers.iter().find(|watcher| watcher.spec.name() == name);
        found.ok_or_else(|| {
            let message = format!("`{name}` is not a watcher of {}", self.file.display());
            let help = Similar::find(name, self.names()).help(self.names());
            Invalid::new("name", "unknown-watcher", message).help(help).into()
        })
    }

    fn at(&self, place: Place, error: ExternalError) -> ExternalError {
        match error {
            ExternalError::Invalid(cause) => {
                ExternalError::invalid(InFile { file: self.file.clone(), place, cause })
            }
            other => other,
        }
    }
}

/// A wrong setting, and where its watcher stands.
#[derive(Debug)]
struct InFile {
    file: PathBuf,
    place: Place,
    cause: Box<dyn std::error::Error + Send + Sync>,
}

impl fmt::Display for InFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, place, cause } = self;
        write!(f, "{}:{}:{}: {cause}", file.display(), place.line, place.column)
    }
}

impl std::error::Error for InFile {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.source()
    }
}
