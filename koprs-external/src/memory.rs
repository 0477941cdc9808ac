//! How much memory watchers may take, and how it is estimated.
//!
//! Two settings bound what one watcher takes:
//!
//! - `memory_limit`: the values, keys and fingerprints that it knows, the URLs and validators of the pages of a list, and
//!   the events that were not delivered yet. A new value counts twice until its event is delivered: it is known, and it is
//!   in the event.
//! - `walk_limit`: what a poll holds until it is complete. These are bodies, and the new or changed items of all pages
//!   so far, with the URLs and validators of these.
//!
//! A poll that would need more fails before the memory is taken, with an error that names the setting. It removes nothing,
//! and what is known stays.
//!
//! # Untrusted watchers
//!
//! Both limits are at most 64 MiB for an [untrusted](crate::spec::Trust::Untrusted) declaration. All untrusted watchers
//! of the process together share a [`MemoryAccount`] of 512 MiB ([`MemoryAccount::untrusted`]), from which bodies are
//! taken as they arrive. The account gives a watcher more only while at least as much stays free as that watcher then
//! holds, so that one that holds little still gets what it needs while others hold much.
//!
//! # The estimate
//!
//! The size of a decoded value is estimated from its content, before it is decoded, as if it was decoded into a
//! `serde_json::Value`:
//!
//! | part | bytes |
//! |---|---:|
//! | a value | 32, and the length of its text |
//! | each string and each key | 16 |
//! | an array of *n* values | 32 for each of *n* rounded up to a power of two, at least 4; 0 when it is empty |
//! | an object of *n* members | 640 up to 11 of them, then 760 for each 6; 0 when it is empty |
//! | an item of a list | its key, its value as `size_of` has it, and about 100 |
//!
//! A type that is more compact than that, or skips most of what the server sends, takes less than its estimate: raise
//! the limits where that matters. A list within a value takes more than its estimate where its elements are larger than
//! what the server sends of them, such as structs of many optional fields: make them `items`, whose size counts. Text and
//! bytes count with their length.

mod account;
mod estimate;

use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fmt, io};

pub use self::account::MemoryAccount;
#[cfg(any(feature = "csv", feature = "yaml"))]
pub(crate) use self::estimate::Estimate;
pub(crate) use self::estimate::json_size;

/// 1 GiB: the values that a walk brought are known and, until they are delivered, in events.
pub(crate) const MEMORY_LIMIT: u64 = 2 * WALK_LIMIT;
/// 512 MiB: the estimate of 100 000 items of 5 KiB each.
pub(crate) const WALK_LIMIT: u64 = 512 * 1024 * 1024;
/// The most of both for an untrusted watcher.
pub(crate) const UNTRUSTED_LIMIT: u64 = 64 * 1024 * 1024;

/// The limits of one watcher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MemoryLimits {
    pub(crate) memory: u64,
    pub(crate) walk: u64,
}

impl Default for MemoryLimits {
    fn default() -> Self {
        Self { memory: MEMORY_LIMIT, walk: WALK_LIMIT }
    }
}

/// Which limit is used up, with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// `memory_limit`.
    Memory(u64),
    /// `walk_limit`.
    Walk(u64),
    /// The sum of all untrusted watchers.
    Account(u64),
}

impl Full {
    /// The one that ended the reading of a body.
    pub(crate) fn of(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }
}

impl Error for Full {}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory(limit) => write!(
                f,
                "what is known and not yet delivered would take more than `memory_limit`, {limit} bytes, as estimated; \
                 raise it, or narrow what is followed"
            ),
            Self::Walk(limit) => write!(
                f,
                "the poll would hold more than `walk_limit`, {limit} bytes, as estimated; raise it, or narrow what is \
                 followed"
            ),
            Self::Account(limit) => write!(
                f,
                "the memory of all untrusted watchers together is used up, {limit} bytes; the operator can raise it \
                 with `MemoryAccount::set_limit`"
            ),
        }
    }
}

/// Takes room for a value of this size, before it is decoded.
pub(crate) type Admit<'a> = &'a mut dyn FnMut(u64) -> Result<(), Full>;

/// What a watcher holds, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Held {
    /// What is known.
    known: u64,
    /// Events that were not delivered.
    events: u64,
    /// URLs and validators of the pages that are known.
    known_pages: u64,
    /// The same of the poll under way.
    pages: u64,
    /// Bodies of the poll under way.
    bodies: u64,
    /// Items of the poll under way that are new or changed.
    items: u64,
    /// What these items take the place of.
    replaced: u64,
    /// Items of polls that did not end, which another thread drops.
    discarded: u64,
}

impl Held {
    /// What is held until the poll is complete.
    fn walk(&self) -> u64 {
        let items = self.items.saturating_add(self.discarded);
        self.bodies.saturating_add(items).saturating_add(self.pages)
    }

    /// What will be known and in events once the poll is complete.
    fn afterwards(&self) -> u64 {
        let known = self.known.saturating_sub(self.replaced).saturating_add(self.events);
        known.saturating_add(self.items.saturating_mul(2)).saturating_add(self.pages)
    }

    /// All of it, with room for the events of the poll under way.
    fn total(&self) -> u64 {
        let pages = self.known_pages.saturating_add(self.pages);
        let known = self.known.saturating_add(self.events).saturating_add(self.bodies);
        let known = known.saturating_add(pages).saturating_add(self.discarded);
        known.saturating_add(self.items.saturating_mul(2))
    }

    /// Which limit it is above, where it holds more than before.
    fn above(&self, limits: MemoryLimits, before: &Self) -> Option<Full> {
        let is_above = |limit, now, before| now > limit && now > before;
        if is_above(limits.walk, self.walk(), before.walk()) {
            return Some(Full::Walk(limits.walk));
        }
        // What is inherited may be above it: then a poll can still find that there is less.
        let is_full = is_above(limits.memory, self.afterwards(), before.afterwards());
        is_full.then_some(Full::Memory(limits.memory))
    }
}

/// What a watcher may hold, and what it holds. Clones are of the same watcher; the last one gives back to the account
/// what the watcher held.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limits: MemoryLimits,
    account: Option<MemoryAccount>,
    held: Mutex<Held>,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(MemoryLimits::default(), None)
    }
}

impl Budget {
    pub(crate) fn new(limits: MemoryLimits, account: Option<MemoryAccount>) -> Self {
        Self(Arc::new(Shared { limits, account, held: Mutex::default() }))
    }

    /// Begins a poll: the events of the last one were delivered.
    pub(crate) fn begin(&self) {
        self.set(|held| {
            let Held { known, known_pages, discarded, .. } = *held;
            *held = Held { known, known_pages, discarded, ..Held::default() };
        });
    }

    /// The events were delivered.
    pub(crate) fn delivered(&self) {
        self.set(|held| held.events = 0);
    }

    /// Takes room for an item in the place of another one, before it is decoded.
    pub(crate) fn take_item(&self, size: u64, replaced: u64) -> Result<(), Full> {
        self.take(|held| {
            held.items = held.items.saturating_add(size);
            held.replaced = held.replaced.saturating_add(replaced);
        })
    }

    /// Gives back the room of an item that is not kept.
    pub(crate) fn give_item(&self, size: u64, replaced: u64) {
        self.set(|held| {
            held.items = held.items.saturating_sub(size);
            held.replaced = held.replaced.saturating_sub(replaced);
        });
    }

    /// The bytes of the items of the poll under way, of those that they take the place of, and of those that were
    /// discarded.
    pub(crate) fn item_bytes(&self) -> usize {
        let held = self.held();
        let bytes = held.items.saturating_add(held.replaced).saturating_add(held.discarded);
        usize::try_from(bytes).unwrap_or(usize::MAX)
    }

    /// The items of the poll under way are discarded: their room is given back with this, when they are dropped.
    pub(crate) fn discard_items(&self) -> Discarded {
        let mut bytes = 0;
        self.set(|held| {
            bytes = std::mem::take(&mut held.items);
            held.replaced = 0;
            held.discarded = held.discarded.saturating_add(bytes);
        });
        Discarded { budget: self.clone(), bytes }
    }

    /// Takes room for the URLs and validators of a page.
    pub(crate) fn take_page(&self, bytes: u64) -> Result<(), Full> {
        self.take(|held| held.pages = held.pages.saturating_add(bytes))
    }

    /// The pages of the poll are known now, or none are: so much their URLs and validators take.
    pub(crate) fn keep_pages(&self, bytes: u64) {
        self.set(|held| (held.known_pages, held.pages) = (bytes, 0));
    }

    /// Takes room for bytes of a body, before they are kept.
    pub(crate) fn take_body(&self, bytes: u64) -> Result<(), Full> {
        self.take(|held| held.bodies = held.bodies.saturating_add(bytes))
    }

    /// Gives back the room of bodies.
    pub(crate) fn give_bodies(&self) {
        self.set(|held| held.bodies = 0);
    }

    /// Gives back so much of that.
    pub(crate) fn give_body(&self, bytes: u64) {
        self.set(|held| held.bodies = held.bodies.saturating_sub(bytes));
    }

    /// Ends a poll that is not complete, or gives back the bodies of one that is.
    pub(crate) fn abandon(&self) {
        self.set(|held| {
            let Held { known, events, known_pages, discarded, .. } = *held;
            *held = Held { known, events, known_pages, discarded, ..Held::default() };
        });
    }

    /// Ends a poll that is complete: so much is known now, and so much is in events.
    pub(crate) fn complete(&self, known: u64, events: u64) {
        self.set(|held| {
            let Held { known_pages, pages, bodies, discarded, .. } = *held;
            *held =
                Held { known, events, known_pages, pages, bodies, discarded, ..Held::default() };
        });
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, change: impl FnOnce(&mut Held)) -> Result<(), Full> {
        let mut held = self.held();
        let mut then = *held;
        change(&mut then);
        if let Some(full) = then.above(self.0.limits, &held) {
            return Err(full);
        }
        if let Some(account) = &self.0.account {
            let now = held.total();
            match then.total().saturating_sub(now) {
                // Others may have taken what has to stay free.
                0 => {}
                more => account.take(now, more).map_err(Full::Account)?,
            }
        }
        *held = then;
        Ok(())
    }

    /// What is held already is not refused.
    fn set(&self, change: impl FnOnce(&mut Held)) {
        let mut held = self.held();
        let before = held.total();
        change(&mut held);
        if let Some(account) = &self.0.account {
            account.replace(before, held.total());
        }
    }
}

/// The room of items that were not dropped yet. Drop it behind them.
#[derive(Debug)]
pub(crate) struct Discarded {
    budget: Budget,
    bytes: u64,
}

impl Drop for Discarded {
    fn drop(&mut self) {
        self.budget.set(|held| held.discarded = held.discarded.saturating_sub(self.bytes));
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let held = self.held.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = &self.account {
            account.replace(held.total(), 0);
        }
    }
}

#[cfg(test)]
mod tests;
