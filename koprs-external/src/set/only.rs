//! Some of the watchers of a set, as a set.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use super::WatcherSet;
use crate::config::{Declared, Loaded};
use crate::error::Result;
use crate::spec::mistake::Place;

impl WatcherSet {
    /// The set of these watchers alone, in the order of the files. It has no warning of what stands in the other
    /// watchers.
    ///
    /// # Errors
    ///
    /// [`ExternalError::Invalid`](crate::ExternalError::Invalid) when there is no watcher of one of the names.
    pub fn only(&self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let names: Vec<_> = names.into_iter().collect();
        let asked = names.iter().map(|name| Ok(self.find(name.as_ref())?.spec.name().to_owned()));
        let asked = asked.collect::<Result<HashSet<_>>>()?;
        Ok(self.clone().those(Arc::new(asked)))
    }

    /// Those of these names that are there.
    pub(super) fn those(self, names: Arc<HashSet<String>>) -> Self {
        let Self { loader, files, watchers, mut warnings, suspended, .. } = self;
        let is_ours = |it: &Declared| names.contains(it.spec.name());
        let (watchers, others): (Vec<_>, Vec<_>) = watchers.into_iter().partition(is_ours);
        if !warnings.is_empty() {
            let (ours, theirs) = (written(&watchers), written(&others));
            warnings.retain(|it| {
                let at = (it.file(), it.token());
                // What stands once may be for several, as a default.
                ours.contains(&at) || !theirs.contains(&at)
            });
        }
        let set = Self::new(loader, files, Loaded { watchers, warnings });
        Self { only: Some(names), suspended, ..set }
    }
}

/// All places of what is written of watchers.
fn written(watchers: &[Declared]) -> HashSet<(&Path, Place)> {
    let written = watchers
        .iter()
        .flat_map(|it| it.settings().places().map(|place| (it.file.as_ref(), place.1)));
    written.collect()
}
