//! Where a store comes from: handed over, or opened as it is declared.

use std::fmt;

use super::listing::Listed;
use crate::error::{Asked, ExternalError, Result};

/// A store and what it is called.
pub(super) struct Source {
    pub(super) asked: Asked,
    listed: Listed,
}

impl Source {
    pub(super) fn given(listed: Listed) -> Self {
        let name = listed.store.to_string();
        Self { asked: Asked { watcher: name.clone(), url: name }, listed }
    }

    /// The name says what is followed.
    pub(super) fn below(&mut self, prefix: &str) {
        let name = format!("{}/{prefix}", self.asked.url.trim_end_matches('/'));
        self.asked = Asked { watcher: name.clone(), url: name };
    }

    /// The store. When a poll `begins`, it may be opened anew.
    pub(super) async fn listed(&mut self, _begins: bool) -> Result<Listed> {
        Ok(self.listed.clone())
    }

    /// A poll has failed.
    pub(super) fn failed(&mut self, _error: &ExternalError) {}
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("asked", &self.asked).finish_non_exhaustive()
    }
}
