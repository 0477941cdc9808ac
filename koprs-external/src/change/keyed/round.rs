//! One observation of a list, page after page.

use std::collections::HashSet;
use std::ops::Range;

use super::super::Fingerprint;

/// So many bad items of an observation are told one by one.
const TOLD: usize = 10;

/// One observation.
pub(crate) struct Round<T, B> {
    pub(super) number: u32,
    /// Where in the order the next item is looked for.
    pub(super) hint: usize,
    pub(super) order: Vec<u32>,
    /// The pages that are what they were, as long as there are no others.
    pub(super) kept: Option<Vec<Range<usize>>>,
    /// Of known items, with the length of their new content.
    pub(super) changes: Vec<(u32, u32, Change<T>)>,
    pub(super) keyless: HashSet<Fingerprint>,
    pub(super) keyless_items: usize,
    /// It is only a part of the list, as the server says.
    pub(super) is_part: bool,
    /// Some of the items that turned out bad, and how many there are more.
    pub(super) news: (Vec<BadItem<B>>, usize),
}

/// What has become of a known item.
pub(super) enum Change<T> {
    /// Another value; with the fingerprints of its content and of what counts.
    Value(T, Fingerprint, Fingerprint),
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
    pub(crate) why: B,
}

/// A key that two items have.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Twice(pub(crate) String);

impl<T, B> Round<T, B> {
    pub(super) fn new(number: u32) -> Self {
        Self {
            number,
            hint: 0,
            order: Vec::new(),
            kept: Some(Vec::new()),
            changes: Vec::new(),
            keyless: HashSet::new(),
            keyless_items: 0,
            is_part: false,
            news: (Vec::new(), 0),
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
        std::mem::take(&mut self.news)
    }

    /// An item turned out bad.
    pub(super) fn is_bad(&mut self, key: Option<String>, place: usize, why: B) {
        let (told, more) = &mut self.news;
        match told.len() < TOLD {
            true => told.push(BadItem { key, place, why }),
            false => *more += 1,
        }
    }
}
