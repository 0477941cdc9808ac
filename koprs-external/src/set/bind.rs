//! From a name and a type to a source. What goes wrong here is still told with the place in the file.

use super::refused::Refused;
use super::spread::spread;
use super::{WatcherSet, span};
use crate::config::Declared;
use crate::declared::{DeclaredSource, Payload};
use crate::error::{ExternalError, Result};
use crate::spec::suggest::Similar;
use crate::spec::{Invalid, WatcherSpec};
use crate::watcher::{Watch, WatchConfig, watch};

impl WatcherSet {
    /// The source of a watcher, whose values are `T`.
    ///
    /// # Errors
    ///
    /// [`ExternalError::Invalid`] when there is no such watcher, or its source cannot be made; also when it
    /// is `distinct`: that compares values ([`distinct_source`](Self::distinct_source)).
    pub fn source<T: Payload>(&self, name: &str) -> Result<DeclaredSource<T>> {
        self.make(name, DeclaredSource::new)
    }

    /// The source of a watcher whose values can be compared: where it is declared `distinct`, a new value
    /// that equals the old one is no change.
    ///
    /// # Errors
    ///
    /// [`ExternalError::Invalid`] when there is no such watcher, or its source cannot be made.
    pub fn distinct_source<T>(&self, name: &str) -> Result<DeclaredSource<T>>
    where
        T: Payload,
        T::Value: PartialEq,
    {
        self.make(name, DeclaredSource::distinct)
    }

    /// Watches, with the declared schedule.
    ///
    /// # Errors
    ///
    /// As [`source`](Self::source).
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with its timer enabled.
    pub fn watch<T: Payload>(&self, name: &str) -> Result<Watch<T>> {
        self.watched(name, self.source(name)?)
    }

    /// As [`watch`](Self::watch), of a watcher whose values can be compared.
    ///
    /// # Errors
    ///
    /// As [`distinct_source`](Self::distinct_source).
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with its timer enabled.
    pub fn distinct_watch<T>(&self, name: &str) -> Result<Watch<T>>
    where
        T: Payload,
        T::Value: PartialEq,
    {
        self.watched(name, self.distinct_source(name)?)
    }

    fn make<T>(
        &self,
        name: &str,
        make: impl FnOnce(WatcherSpec) -> Result<DeclaredSource<T>>,
    ) -> Result<DeclaredSource<T>> {
        let declared = self.find(name)?;
        make((*declared.spec).clone()).map_err(|error| {
            let mut refused = Refused::default();
            refused.push_error(declared, error);
            ExternalError::invalid(refused)
        })
    }

    /// The declared schedule, of one of the watchers of a set.
    pub(super) fn config<T>(&self, source: &DeclaredSource<T>) -> WatchConfig {
        spread(source.config(), self.watchers.len()).with_suspended(self.suspended)
    }

    fn watched<T: Payload>(&self, name: &str, source: DeclaredSource<T>) -> Result<Watch<T>> {
        let config = self.config(&source);
        Ok(span(self.find(name)?).in_scope(|| watch(source, config)))
    }

    pub(super) fn find(&self, name: &str) -> Result<&Declared> {
        self.declared(name).ok_or_else(|| {
            let message = format!("`{name}` is not a watcher of {}", self.shown());
            let help = Similar::find(name, self.names()).help(self.names());
            Invalid::new("name", "unknown-watcher", message).help(help).into()
        })
    }
}
