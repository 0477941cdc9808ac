//! A folder for the files of an example.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;

/// A folder below that of the system for temporary files; removed when this is dropped.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Creates the folder, with the name of the example and the id of the process.
    ///
    /// # Errors
    ///
    /// If it cannot be created, or is there already.
    pub fn create(example: &str) -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("{example}-{}", process::id()));
        fs::create_dir(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
