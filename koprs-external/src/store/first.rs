//! What a first listing without objects may mean: said once, since such a watcher is healthy, and silent.

use crate::error::Asked;
use crate::printable::printable;

/// Whether the first listing has come to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum FirstListing {
    #[default]
    Expected,
    Ended,
}

impl FirstListing {
    /// A listing came to its end, with objects or without any.
    pub(super) fn ended(&mut self, has_any: bool, asked: &Asked, is_below_a_path: bool) {
        let is_first = std::mem::replace(self, Self::Ended) == Self::Expected;
        if !is_first || has_any {
            return;
        }
        let (source, url) = (printable(&asked.watcher), printable(&asked.url));
        if is_below_a_path {
            tracing::warn!(
                %source,
                %url,
                "the first listing has no objects; a URL names a folder, not one object, the beginning of names or a \
                 glob: these are for `include`"
            );
        } else {
            tracing::info!(%source, %url, "the first listing has no objects");
        }
    }
}
