//! `memory_limit`, `walk_limit`: how much memory a watcher may take.

use super::{Trust, WatcherSpec};
use crate::memory::{MEMORY_LIMIT, UNTRUSTED_LIMIT, WALK_LIMIT};

impl WatcherSpec {
    /// The most bytes that what the watcher knows may take, together with the events that were not delivered yet, as
    /// [estimated](crate::memory). Default: 1 GiB, and 64 MiB of an untrusted declaration.
    pub fn memory_limit(&self) -> u64 {
        self.or_default(self.memory_limit, MEMORY_LIMIT)
    }

    /// The most bytes that a poll may hold until it is complete: bodies, and items that are new or changed, as
    /// [estimated](crate::memory). Default: 512 MiB, and 64 MiB of an untrusted declaration.
    pub fn walk_limit(&self) -> u64 {
        self.or_default(self.walk_limit, WALK_LIMIT)
    }

    fn or_default(&self, declared: Option<u64>, default: u64) -> u64 {
        match self.trust {
            Some(Trust::Untrusted) => declared.unwrap_or(default).min(UNTRUSTED_LIMIT),
            _ => declared.unwrap_or(default),
        }
    }
}
