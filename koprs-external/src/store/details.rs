//! What the pages of a listing say beside their objects.
//!
//! `object_store` hands on objects and nothing else. So whoever lists opens a scope, and the connector, which
//! runs within it, leaves there what it read: this works for every store, listed page by page or not. Without
//! a scope nobody reads the details, and the connector must not leave out what only they would show.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

#[cfg(feature = "_remote-store")]
use super::progress::{Progress, Stuck};

/// So many keys that cannot be represented are remembered by name,
const MOST_NAMES: usize = 100;
/// and so many are told apart.
const MOST_DIGESTS: usize = 100_000;

/// What pages say beside their objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Details {
    /// When the store answered, by its own clock.
    pub(super) date: Option<DateTime<Utc>>,
    pub(super) bad_keys: BadKeys,
    /// Whether the pages were read by [`CheckedConnector`](super::CheckedConnector), so that every object of
    /// theirs has its own key.
    pub(super) is_checked: bool,
    /// Whether the store says that nothing follows the last page, whatever its token says.
    pub(super) says_complete: bool,
}

/// The characters of a key that are kept. A key of S3 has no more.
#[cfg(any(feature = "_remote-store", test))]
const LONGEST_NAME: usize = 1024;

/// Keys that `object_store` cannot represent: the first ones by name, and how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct BadKeys {
    names: BTreeSet<String>,
    /// The digests of the keys, so that each is counted once.
    digests: HashSet<u64>,
    /// Those that are not among the digests.
    more: u64,
}

impl BadKeys {
    #[cfg(any(feature = "_remote-store", test))]
    pub(super) fn add(&mut self, key: String) {
        self.count_digest(xxhash_rust::xxh3::xxh3_64(key.as_bytes()));
        self.name(match key.char_indices().nth(LONGEST_NAME) {
            Some((end, _)) => format!("{}…", key.get(..end).unwrap_or_default()),
            None => key,
        });
    }

    fn name(&mut self, key: String) {
        self.names.insert(key);
        if self.names.len() > MOST_NAMES {
            self.names.pop_last();
        }
    }

    fn count_digest(&mut self, digest: u64) {
        if self.digests.len() < MOST_DIGESTS {
            self.digests.insert(digest);
        } else if !self.digests.contains(&digest) {
            self.more += 1;
        }
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.more += other.more;
        other.digests.into_iter().for_each(|digest| self.count_digest(digest));
        other.names.into_iter().for_each(|key| self.name(key));
    }

    pub(super) fn count(&self) -> u64 {
        self.more + self.digests.len() as u64
    }

    /// How many of them are not among these.
    pub(super) fn count_new(&self, known: &Self) -> u64 {
        let new = self.digests.difference(&known.digests).count() as u64;
        new + self.more.saturating_sub(known.more)
    }

    pub(super) fn names(&self) -> &BTreeSet<String> {
        &self.names
    }
}

/// Where details are left. Clones are of the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Collector(Arc<Mutex<Collected>>);

#[derive(Debug, Default)]
struct Collected {
    details: Details,
    /// The pages so far, where `object_store` asks for the next one by itself.
    #[cfg(feature = "_remote-store")]
    progress: Progress,
}

tokio::task_local! {
    static COLLECTOR: Collector;
}

impl Collector {
    /// Runs a future whose pages leave their details here.
    pub(super) async fn scope<F: Future>(&self, future: F) -> F::Output {
        COLLECTOR.scope(self.clone(), future).await
    }

    /// Polls something whose pages leave their details here.
    pub(super) fn scope_sync<R>(&self, poll: impl FnOnce() -> R) -> R {
        COLLECTOR.sync_scope(self.clone(), poll)
    }

    /// The collector of the scope, if there is one.
    #[cfg(feature = "_remote-store")]
    pub(super) fn current() -> Option<Self> {
        COLLECTOR.try_with(Clone::clone).ok()
    }

    fn collected(&self) -> MutexGuard<'_, Collected> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves the details of a page, and its content and its token. Returns whether the listing goes on behind it.
    #[cfg(feature = "_remote-store")]
    pub(super) fn add(
        &self,
        page: Details,
        content: Option<u64>,
        token: Option<String>,
    ) -> Result<bool, Stuck> {
        let Details { date, bad_keys, is_checked, says_complete } = page;
        let Collected { details, progress } = &mut *self.collected();
        details.date = date.or(details.date);
        details.bad_keys.extend(bad_keys);
        details.is_checked = is_checked;
        details.says_complete = says_complete;
        progress.next(content, token, says_complete).map(|next| next.is_some())
    }

    /// When the store answered last.
    pub(super) fn date(&self) -> Option<DateTime<Utc>> {
        self.collected().details.date
    }

    /// Takes what was left. The date stays: it is of the objects that follow, too.
    pub(super) fn take(&self) -> Details {
        let details = &mut self.collected().details;
        let taken = std::mem::take(details);
        details.date = taken.date;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_keys_are_remembered_by_name_and_all_are_counted() {
        let keys = |numbers: std::ops::Range<usize>| {
            let mut keys = BadKeys::default();
            numbers.rev().for_each(|n| keys.add(format!("{n:04}")));
            keys
        };
        let mut some = keys(0..60);
        some.extend(keys(30..90));
        assert_eq!((some.count(), some.names().len()), (90, 90));
        some.extend(keys(90..400));
        assert_eq!((some.count(), some.names().len()), (400, MOST_NAMES));
        some.extend(keys(300..400));
        assert_eq!((some.count(), some.count_new(&keys(0..399))), (400, 1));
        assert_eq!(some.names().last().map(String::as_str), Some("0099"));
        let mut long = BadKeys::default();
        long.add("ö".repeat(LONGEST_NAME));
        long.add("ö".repeat(100_000));
        long.add("ö".repeat(100_001));
        assert_eq!(long.count(), 3);
        let lengths: Vec<_> = long.names().iter().map(|name| name.chars().count()).collect();
        assert_eq!(lengths, [LONGEST_NAME, LONGEST_NAME + 1]);
    }
}
