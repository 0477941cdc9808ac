//! A place of a file, as it is shown.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::diagnostic;
use crate::spec::mistake::Place;

/// A place of a file, shown as `watchers.yaml:6:5`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePlace {
    file: Arc<Path>,
    place: Place,
}

impl FilePlace {
    pub(crate) fn new(file: Arc<Path>, place: Place) -> Self {
        Self { file, place }
    }

    /// The file, as it was named to the loader.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.place.line()
    }

    /// The column in characters, from 1.
    pub fn column(&self) -> usize {
        self.place.column()
    }
}

impl fmt::Display for FilePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", diagnostic::name(&self.file), self.line(), self.column())
    }
}
