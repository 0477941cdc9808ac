//! How much a file may hold. One setting, the size, decides; what else is bounded grows with it.

use super::tree::{MOST_ALIASES, MOST_ANCHORS, MOST_BYTES, MOST_NODES};

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
    use super::*;

    #[test]
    fn a_larger_file_may_have_more_of_everything_and_a_smaller_one_no_less() {
        let nodes = |bytes| FileLimits::of_bytes(bytes).nodes();
        assert_eq!(nodes(1), MOST_NODES);
        assert_eq!(nodes(MOST_BYTES), MOST_NODES);
        assert_eq!(nodes(2 * MOST_BYTES), 2 * MOST_NODES);
        assert_eq!(nodes(usize::MAX), usize::MAX / MOST_BYTES * MOST_NODES + MOST_NODES);
    }
}
