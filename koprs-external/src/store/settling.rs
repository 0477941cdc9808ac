//! Young objects wait until they have settled, by whichever of two clocks is first.
//!
//! An object has settled when it is old enough by the clock of its store, or when it was seen unchanged for long enough
//! by our own clock. The first alone would never report an object that is dated ahead.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use super::mark;
use crate::watcher::Unsettled;

/// Waiting objects that are remembered. Others are judged by the clock of the store until there is room.
const REMEMBERED: usize = 100_000;

/// The objects that wait.
#[derive(Debug, Default)]
pub(super) struct Settling {
    remembered: BTreeMap<String, Waiting>,
    /// The number of the current listing.
    listing: u64,
    /// What waits according to the current listing.
    found: Option<Unsettled>,
}

#[derive(Debug)]
struct Waiting {
    mark: Box<[u8]>,
    /// When it was first seen with this mark.
    since: Instant,
    /// The listing that showed it last.
    listing: u64,
}

/// The two clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clocks {
    /// The clock of the store; ours where the store does not show one.
    pub(super) store: DateTime<Utc>,
    pub(super) ours: Instant,
}

impl Settling {
    /// Begins a listing.
    pub(super) fn begin(&mut self) {
        self.listing += 1;
        self.found = None;
    }

    /// Returns whether a new state of an object is to be taken. One that is not waits.
    pub(super) fn admits(
        &mut self,
        key: &str,
        last_modified: DateTime<Utc>,
        mark: &[u8],
        settle: TimeDelta,
        clocks: Clocks,
    ) -> bool {
        let is_old = clocks.store.signed_duration_since(last_modified) >= settle;
        if settle.is_zero() || is_old || self.was_unchanged(key, mark, settle, clocks.ours) {
            self.remembered.remove(key);
            return true;
        }
        let found = self.found.get_or_insert_with(|| Unsettled { items: 0, key: key.to_owned() });
        found.items += 1;
        if key < found.key.as_str() {
            key.clone_into(&mut found.key);
        }
        false
    }

    /// Whether an object was seen with this mark for long enough. Remembers that it was seen.
    fn was_unchanged(&mut self, key: &str, mark: &[u8], settle: TimeDelta, now: Instant) -> bool {
        let listing = self.listing;
        let has_room = self.remembered.len() < REMEMBERED;
        let seen = Waiting { mark: mark.into(), since: now, listing };
        match self.remembered.get_mut(key) {
            Some(waiting) if mark::differs(&waiting.mark, mark) => *waiting = seen,
            Some(waiting) => {
                waiting.listing = listing;
                let unchanged = TimeDelta::from_std(now.duration_since(waiting.since));
                return unchanged.is_ok_and(|unchanged| unchanged >= settle);
            }
            None if has_room => {
                self.remembered.insert(key.to_owned(), seen);
            }
            None => {}
        }
        false
    }

    /// The listing was complete: forgets what it did not show. Returns what waits.
    pub(super) fn finish(&mut self) -> Option<Unsettled> {
        let listing = self.listing;
        self.remembered.retain(|_, waiting| waiting.listing == listing);
        self.found.take()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::StoredObject;
    use super::super::mark::{Facts, pack};
    use super::*;

    const SETTLE: TimeDelta = TimeDelta::seconds(10);

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn marked(size: u64, last_modified: DateTime<Utc>) -> Vec<u8> {
        let (etag, version) = (None, None);
        let object = StoredObject { path: String::new(), etag, size, last_modified, version };
        let mut mark = Vec::new();
        pack(Facts::of(&object), &mut mark);
        mark
    }

    /// One listing of `a`, and whether it was taken.
    fn list(settling: &mut Settling, size: u64, written: i64, clocks: Clocks) -> bool {
        settling.begin();
        let written = at(written);
        settling.admits("a", written, &marked(size, written), SETTLE, clocks)
    }

    #[test]
    fn an_object_settles_by_the_clock_that_is_first() {
        let start = Instant::now();
        // The store's clock, ours since the start, and when the object was written by the store's clock.
        type Listings<'a> = &'a [(i64, u64, i64)];
        let cases: [(&str, Listings<'_>, &[bool]); 5] = [
            ("old at once", &[(10, 0, 0)], &[true]),
            (
                "old by the clock of the store",
                &[(5, 0, 0), (9, 1, 0), (10, 2, 0)],
                &[false, false, true],
            ),
            ("dated ahead", &[(0, 0, 3600), (1, 9, 3600), (2, 10, 3600)], &[false, false, true]),
            ("dated ahead of a clock that stands", &[(0, 0, 5), (0, 10, 5)], &[false, true]),
            (
                "written again",
                &[(0, 0, 90), (0, 9, 91), (0, 18, 91), (0, 19, 91)],
                &[false, false, false, true],
            ),
        ];
        for (what, listings, taken) in cases {
            let mut settling = Settling::default();
            for ((store, ours, written), taken) in listings.iter().zip(taken) {
                let ours = start + Duration::from_secs(*ours);
                let clocks = Clocks { store: at(*store), ours };
                let found = list(&mut settling, 1, *written, clocks);
                assert_eq!(found, *taken, "{what}, {store} {written}");
                assert_eq!(
                    settling.finish().map(|waits| waits.items),
                    (!taken).then_some(1),
                    "{what}"
                );
            }
            assert!(settling.remembered.is_empty(), "{what}");
        }
    }

    #[test]
    fn what_is_remembered_is_bounded_and_forgotten_with_its_object() {
        let clocks = Clocks { store: at(0), ours: Instant::now() };
        let mut settling = Settling::default();
        settling.begin();
        let mark = marked(1, at(0));
        for n in 0..REMEMBERED + 5 {
            assert!(!settling.admits(&format!("{n}"), at(0), &mark, SETTLE, clocks));
        }
        assert_eq!(settling.remembered.len(), REMEMBERED);
        let waits = settling.finish().unwrap();
        assert_eq!((waits.items, waits.key), (REMEMBERED as u64 + 5, "0".to_owned()));
        settling.begin();
        assert_eq!(settling.finish(), None);
        assert!(settling.remembered.is_empty());
    }
}
