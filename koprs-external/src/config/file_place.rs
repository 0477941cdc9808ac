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
    line: usize,
    column: usize,
}

impl FilePlace {
    pub(crate) fn new(file: Arc<Path>, Place { line, column, .. }: Place) -> Self {
        Self { file, line, column }
    }

    /// The file, as it was named to the loader.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in characters, from 1.
    pub fn column(&self) -> usize {
        self.column
    }
}

impl fmt::Display for FilePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", diagnostic::name(&self.file), self.line, self.column)
    }
}
