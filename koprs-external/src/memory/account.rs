//! The memory that several watchers share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

/// 512 MiB.
const LIMIT: u64 = 512 * 1024 * 1024;

/// The memory that all untrusted watchers of the process take together.
///
/// A poll for which there is no room fails, and what its watcher knows stays. A watcher that ends gives back what it held.
/// A watcher gets more only while at least as much stays free as it then holds: few that hold much leave room for many that
/// hold little.
///
/// ```
/// use koprs_external::memory::MemoryAccount;
///
/// let account = MemoryAccount::untrusted();
/// assert_eq!(account.limit(), 512 << 20);
/// account.set_limit(1 << 30);
/// ```
#[derive(Clone, Debug)]
pub struct MemoryAccount(Arc<Amounts>);

#[derive(Debug)]
struct Amounts {
    limit: AtomicU64,
    used: AtomicU64,
}

impl MemoryAccount {
    /// An account of its own, for watchers that are given to it with
    /// [`DeclaredSource::new_with_account`](crate::declared::DeclaredSource::new_with_account).
    pub fn new(limit: u64) -> Self {
        Self(Arc::new(Amounts { limit: limit.into(), used: AtomicU64::new(0) }))
    }

    /// The account of the process, for all untrusted watchers that are given no other one. Its limit is 512 MiB until it
    /// is set.
    pub fn untrusted() -> Self {
        static UNTRUSTED: LazyLock<MemoryAccount> = LazyLock::new(|| MemoryAccount::new(LIMIT));
        UNTRUSTED.clone()
    }

    /// The most bytes that its watchers may hold together.
    pub fn limit(&self) -> u64 {
        self.0.limit.load(Ordering::Relaxed)
    }

    /// Sets the limit. What is held already stays.
    pub fn set_limit(&self, bytes: u64) {
        self.0.limit.store(bytes, Ordering::Relaxed);
    }

    /// The bytes that its watchers hold, as [estimated](crate::memory).
    pub fn used(&self) -> u64 {
        self.0.used.load(Ordering::Relaxed)
    }

    /// Takes bytes for a watcher that holds so many. The error is the limit.
    pub(super) fn take(&self, held: u64, more: u64) -> Result<(), u64> {
        let limit = self.limit();
        let taken = |used| admits(limit, used, held, more).then(|| used + more);
        let update = self.0.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken);
        update.map(drop).map_err(|_| limit)
    }

    /// A watcher that held so many bytes holds so many now.
    pub(super) fn replace(&self, before: u64, now: u64) {
        let replaced = |used: u64| Some(used.saturating_sub(before).saturating_add(now));
        let (Ok(_) | Err(_)) =
            self.0.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, replaced);
    }
}

/// Whether a watcher that holds so many bytes gets more: afterwards, at least as much is free as it holds.
fn admits(limit: u64, used: u64, held: u64, more: u64) -> bool {
    let free = limit.checked_sub(used).and_then(|free| free.checked_sub(more));
    free.is_some_and(|free| free >= held.saturating_add(more))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watcher_gets_more_while_as_much_stays_free_as_it_holds() {
        // Limit, used by all, held by the watcher, more, whether it gets that.
        let cases = [
            (100, 0, 0, 50, true),
            (100, 0, 0, 51, false),
            (100, 50, 50, 1, false),
            (100, 50, 0, 25, true),
            (100, 50, 0, 26, false),
            (100, 90, 0, 5, true),
            (100, 90, 4, 3, true),
            (100, 90, 4, 4, false),
            (100, 100, 0, 0, true),
            (100, 100, 0, 1, false),
            (100, 120, 0, 0, false),
            (u64::MAX, u64::MAX - 1, u64::MAX, 1, false),
        ];
        for (limit, used, held, more, gets) in cases {
            assert_eq!(admits(limit, used, held, more), gets, "{limit} {used} {held} {more}");
        }
    }

    #[test]
    fn greedy_watchers_leave_room_for_one_that_holds_little() {
        let account = MemoryAccount::new(512);
        for _ in 0..1000 {
            let mut held = 0;
            while held < 64 && account.take(held, 1).is_ok() {
                held += 1;
            }
        }
        assert!(account.take(0, 1).is_err() || account.used() < 512);
        let greedy = MemoryAccount::new(512);
        let mut held = [0; 8];
        for held in &mut held {
            while *held < 64 && greedy.take(*held, 1).is_ok() {
                *held += 1;
            }
        }
        assert!(greedy.take(8, 8).is_ok(), "{held:?}");
    }
}
