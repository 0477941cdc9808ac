//! From a name and a type to a source. What goes wrong here is still told with the place in the file.

use std::fmt;
use std::sync::Arc;

use super::WatcherSet;
use crate::config::{Declared, FilePlace, Similar};
use crate::declared::{DeclaredSource, Payload};
use crate::error::{ExternalError, Result};
use crate::spec::{Invalid, InvalidSpec, WatcherSpec};
use crate::watcher::{Watch, watch};

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
        Ok(watched(self.source(name)?))
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
        Ok(watched(self.distinct_source(name)?))
    }

    fn make<T>(
        &self,
        name: &str,
        make: impl FnOnce(WatcherSpec) -> Result<DeclaredSource<T>>,
    ) -> Result<DeclaredSource<T>> {
        let declared = self.find(name)?;
        make(declared.spec.clone()).map_err(|error| at(declared, error))
    }

    fn find(&self, name: &str) -> Result<&Declared> {
        self.declared(name).ok_or_else(|| {
            let files = match self.files.as_slice() {
                [file] => file.display().to_string(),
                files => format!("the {} files", files.len()),
            };
            let message = format!("`{name}` is not a watcher of {files}");
            let help = Similar::find(name, self.names()).help(self.names());
            Invalid::new("name", "unknown-watcher", message).help(help).into()
        })
    }
}

/// An error of making a source, with the places of the settings that it is about.
fn at(declared: &Declared, error: ExternalError) -> ExternalError {
    let ExternalError::Invalid(cause) = error else { return error };
    match cause.downcast::<InvalidSpec>() {
        Ok(refused) => {
            let at = |mut mistake: Invalid| {
                let place = declared.places.of(&mistake.setting);
                if let Some((message, help)) = declared.expanded.instead(place, mistake.code) {
                    (mistake.message, mistake.help) = (message, Some(help));
                }
                (FilePlace::new(Arc::clone(&declared.file), place), mistake)
            };
            ExternalError::invalid(InFile(refused.mistakes.into_iter().map(at).collect()))
        }
        Err(cause) => ExternalError::Invalid(cause),
    }
}

fn watched<T: Payload>(source: DeclaredSource<T>) -> Watch<T> {
    let config = source.config();
    watch(source, config)
}

/// Settings from which no source can be made, and where they stand.
struct InFile(Vec<(FilePlace, Invalid)>);

impl fmt::Display for InFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (place, mistake)) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{place}: {}", mistake.message)?;
            if let Some(help) = &mistake.help {
                write!(f, " ({help})")?;
            }
        }
        Ok(())
    }
}

/// As [`Display`](fmt::Display), since that is what `main` prints of an error.
impl fmt::Debug for InFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for InFile {}
