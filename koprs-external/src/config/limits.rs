//! How much a file may hold. One setting, the size, decides; what else is bounded grows with it.

use super::tree::{MOST_ALIASES, MOST_ANCHORS, MOST_BYTES};
use crate::spec::node::MOST_NODES;

/// The limits of a file: its bytes, and the keys, values, anchors and aliases that fit into them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileLimits {
    bytes: usize,
}

impl Default for FileLimits {
    fn default() -> Self {
        Self { bytes: MOST_BYTES }
    }
}

impl FileLimits {
    pub(crate) fn of_bytes(bytes: usize) -> Self {
        Self { bytes }
    }

    pub(crate) fn bytes(self) -> usize {
        self.bytes
    }

    /// Keys and values, before and after aliases are followed.
    pub(super) fn nodes(self) -> usize {
        self.scaled(MOST_NODES)
    }

    pub(super) fn anchors(self) -> usize {
        self.scaled(MOST_ANCHORS)
    }

    pub(super) fn aliases(self) -> usize {
        self.scaled(MOST_ALIASES)
    }

    fn scaled(self, most: usize) -> usize {
        most.saturating_mul(self.bytes.div_ceil(MOST_BYTES).max(1))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{File, Rules, load};
    use super::*;

    #[test]
    fn a_file_has_at_most_its_bytes() {
        let read = |bytes: usize, limits: FileLimits| {
            let watcher = "{ name: a, interval: 1s, http: { url: https://h } }";
            let mut text = format!("apiVersion: koprs-external/v1\nwatchers: [{watcher}]\n");
            text += &"#".repeat(bytes - text.len());
            let file = File { path: Path::new("a.yaml").into(), bytes: text.into_bytes() };
            load(&[file], &Rules { limits, ..Rules::default() }).map(drop)
        };
        for limits in [FileLimits::default(), FileLimits::of_bytes(1024)] {
            assert!(read(limits.bytes(), limits).is_ok());
            let refused = read(limits.bytes() + 1, limits).unwrap_err();
            assert_eq!(refused.diagnostics()[0].code(), "too-large");
        }
    }

    #[test]
    fn a_larger_file_may_have_more_of_everything_and_a_smaller_one_no_less() {
        let nodes = |bytes| FileLimits::of_bytes(bytes).nodes();
        assert_eq!(nodes(1), MOST_NODES);
        assert_eq!(nodes(MOST_BYTES), MOST_NODES);
        assert_eq!(nodes(2 * MOST_BYTES), 2 * MOST_NODES);
        assert_eq!(nodes(usize::MAX), usize::MAX / MOST_BYTES * MOST_NODES + MOST_NODES);
    }
}
