//! One observation of a list, page after page.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use super::super::Fingerprint;
use crate::memory::Full;

/// So many bad items of an observation are told one by one.
const TOLD: usize = 10;

/// One observation.
pub(crate) struct Round<T, B> {
    pub(super) number: u32,
    /// Where in the order the next item is looked for.
    pub(super) hint: usize,
    /// The item of each row; an item of several rows stands there as often.
    pub(super) order: Vec<u32>,
    /// The pages that are what they were, as long as there are no others.
    pub(super) kept: Option<Vec<Range<usize>>>,
    /// Of known items, with the length of their new content.
    pub(super) changes: HashMap<u32, (u32, Change<T>)>,
    /// Items of several rows.
    pub(super) repeated: HashSet<u32>,
    /// Rows beyond the first one of their item.
    pub(super) extra_rows: usize,
    /// Items whose rows differ, with the contents of these rows.
    pub(super) conflicts: HashMap<u32, BTreeSet<Fingerprint>>,
    /// The new items, by key, once the round is [settled](super::Keyed::settle).
    pub(super) fresh: Option<Vec<u32>>,
    /// Whether a key is repeated, or has rows that differ, that was not or had not before.
    pub(super) repeats_anew: bool,
    pub(super) keyless: HashSet<Fingerprint>,
    pub(super) keyless_items: usize,
    /// It is only a part of the list, as the server says.
    pub(super) is_part: bool,
    /// A body of it has no content.
    pub(super) is_blank: bool,
    /// Why nothing more was taken.
    pub(super) full: Option<Full>,
    pub(super) news: News<B>,
}

/// Some of the items that turned out bad, with their slots where they have one, and how many there are more.
pub(super) struct News<B> {
    pub(super) first: Vec<(Option<u32>, BadItem<B>)>,
    more: usize,
}

/// What has become of a known item.
pub(super) enum Change<T> {
    /// Another value; with the fingerprints of its content and of what counts, and the size of the item.
    Value(T, Fingerprint, Fingerprint, u32),
    /// Another content of the same value.
    Content(Fingerprint, Fingerprint),
    Bad(Fingerprint),
}

/// An item that went bad, or is bad in another way than before.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadItem<B> {
    /// Its key, if it has one.
    pub(crate) key: Option<String>,
    /// Its place in the list, from 0.
    pub(crate) place: usize,
    pub(crate) why: Why<B>,
}

/// Why an item is bad.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Why<B> {
    /// It cannot be read.
    Refused(B),
    /// Several rows have its key and differ; the first and the last of them, where that is known.
    Conflict(Option<(usize, usize)>),
}

/// It has seen nothing.
impl<T, B> Default for Round<T, B> {
    fn default() -> Self {
        Self::new(0)
    }
}

impl<T, B> Round<T, B> {
    pub(super) fn new(number: u32) -> Self {
        Self {
            number,
            hint: 0,
            order: Vec::new(),
            kept: Some(Vec::new()),
            changes: HashMap::new(),
            repeated: HashSet::new(),
            extra_rows: 0,
            conflicts: HashMap::new(),
            fresh: None,
            repeats_anew: false,
            keyless: HashSet::new(),
            keyless_items: 0,
            is_part: false,
            is_blank: false,
            full: None,
            news: News { first: Vec::new(), more: 0 },
        }
    }

    /// How many items it has seen.
    pub(crate) fn len(&self) -> usize {
        self.position() + self.keyless_items
    }

    /// Where in the new order the next item will stand.
    pub(crate) fn position(&self) -> usize {
        let kept: usize = self.kept.iter().flatten().map(Range::len).sum();
        kept + self.order.len()
    }

    /// Some of the items that turned out bad since it was asked last, and how many there are more.
    pub(crate) fn news(&mut self) -> (Vec<BadItem<B>>, usize) {
        let first = std::mem::take(&mut self.news.first);
        let more = std::mem::take(&mut self.news.more);
        (first.into_iter().map(|(_, bad)| bad).collect(), more)
    }

    /// An item turned out bad.
    pub(super) fn is_bad(&mut self, id: Option<u32>, bad: BadItem<B>) {
        let News { first, more } = &mut self.news;
        match first.len() < TOLD {
            true => first.push((id, bad)),
            false => *more += 1,
        }
    }

    /// Which limit has no room for an item, if any. Without that item the round is not complete.
    pub(crate) fn full(&self) -> Option<Full> {
        self.full
    }

    /// A body has no content, and is a list in its format: it may have been cut off. So an empty list is
    /// believed once it was seen three times in a row.
    pub(crate) fn has_blank_body(&mut self) {
        self.is_blank = true;
    }

    /// Whether there are items whose rows differ.
    pub(crate) fn has_conflicts(&self) -> bool {
        !self.conflicts.is_empty()
    }

    /// Whether a key is repeated, or has rows that differ, and it was not so in the last whole observation:
    /// over several pages, the list may have moved meanwhile.
    pub(crate) fn repeats_anew(&self) -> bool {
        self.repeats_anew
    }
}
