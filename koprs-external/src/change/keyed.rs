//! A list over time, item by item.
//!
//! An observation is a [`Round`]: it [begins](Keyed::begin), of each page it is said that it is what it was
//! ([`Keyed::kept`]) or what is on it now ([`Keyed::changed`] and [`Keyed::saw`]), and it
//! [ends](Keyed::end) when the list was seen whole. A round that is dropped has changed nothing.
//!
//! An item is asked only for what has to be known. One whose content is that of the item that stood in this
//! place last time is that item; else its key is read, and only what is new or has changed is decoded.
//!
//! Several rows may have one key. Where their contents are the same, or what counts of them, they are one item.
//! Where they differ, none of them is taken: the item is bad and keeps its last good value.

mod end;
mod handover;
mod repeated;
mod round;
mod slot;

use std::collections::HashSet;
use std::ops::Range;

pub(crate) use self::handover::KnownList;
use self::round::Change;
pub(crate) use self::round::{BadItem, Round, Why};
use self::slot::Slot;
use super::Fingerprint;
use super::guard::{Absence, Guard, Held, Rule};
use crate::memory::Budget;

/// An item as it came.
pub(crate) trait RawItem<T> {
    /// Why it is a bad one.
    type Bad;

    /// Of all of it, with the name that it has in an object.
    fn content(&self) -> Fingerprint;

    /// The length of its text, by which it may be recognised; 0 for no text.
    fn length(&self) -> usize;

    /// Of what counts of it; `None` is all of it.
    fn counted(&self) -> Option<Fingerprint>;

    fn key(&self) -> Result<String, Self::Bad>;

    /// The estimated size of what it decodes to.
    fn size(&self) -> u64;

    fn decode(&self) -> Result<T, Self::Bad>;
}

/// What is known of a list.
pub(crate) struct Keyed<T> {
    /// Those behind `committed` belong to the round under way; some before it are empty.
    slots: Vec<Slot<T>>,
    committed: usize,
    /// The items, by key.
    by_key: Vec<u32>,
    /// The items as the last whole observation had them, row after row.
    order: Vec<u32>,
    /// How many items these are, and the keys of those with several rows.
    distinct: usize,
    repeated: HashSet<Box<str>>,
    /// Contents without a key, of the last whole observation.
    keyless: HashSet<Fingerprint>,
    /// Items whose last content is bad.
    bad: usize,
    round: u32,
    guard: Guard,
    equal: Option<fn(&T, &T) -> bool>,
    /// The same of items that were inherited, until all of them were seen or are gone.
    equal_at_first: Option<fn(&T, &T) -> bool>,
    budget: Budget,
    /// The size of what is known, and of the values in the events of the last round.
    known_size: u64,
    event_size: u64,
}

/// New items of a round that did not end.
pub(crate) struct NewItems<T> {
    slots: Vec<Slot<T>>,
}

impl<T> NewItems<T> {
    pub(crate) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }
}

/// One whole observation.
impl<T: Clone> Keyed<T> {
    /// Nothing is known. Two values that are `equal` are the same, where that is asked for.
    pub(crate) fn new(rule: Rule, equal: Option<fn(&T, &T) -> bool>) -> Self {
        Self {
            slots: Vec::new(),
            committed: 0,
            by_key: Vec::new(),
            order: Vec::new(),
            distinct: 0,
            repeated: HashSet::new(),
            keyless: HashSet::new(),
            bad: 0,
            round: 0,
            guard: Guard::new(rule),
            equal,
            equal_at_first: None,
            budget: Budget::default(),
            known_size: 0,
            event_size: 0,
        }
    }

    /// What is known, and new, has its room in this budget.
    pub(crate) fn with_budget(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// It begins.
    pub(crate) fn begin<B>(&mut self) -> Round<T, B> {
        self.give_up_new();
        self.budget.begin();
        self.round = self.round.wrapping_add(1);
        Round::new(self.round)
    }

    /// A page holds what it held: this part of the order.
    pub(crate) fn kept<B>(&mut self, round: &mut Round<T, B>, page: Range<usize>) {
        match &mut round.kept {
            Some(kept) => kept.push(page),
            None => self.mark(round, page),
        }
    }

    /// A page holds something else: its items follow. At this page of the order they are looked for.
    pub(crate) fn changed<B>(&mut self, round: &mut Round<T, B>, page: Option<Range<usize>>) {
        for page in round.kept.take().unwrap_or_default() {
            self.mark(round, page);
        }
        round.hint = page.map_or(round.hint, |page| page.start);
    }

    fn mark<B>(&mut self, round: &mut Round<T, B>, page: Range<usize>) {
        round.hint = page.end;
        for id in self.order.get(page).unwrap_or_default() {
            let Some(slot) = self.slots.get_mut(index(*id)) else { continue };
            if slot.round == round.number {
                round.repeat(*id, slot, slot.content, slot.counted().filter(|_| !slot.bad));
                continue;
            }
            slot.round = round.number;
            round.order.push(*id);
        }
    }

    /// The length of the item that is likely to come next.
    pub(crate) fn expects<B>(&self, round: &Round<T, B>) -> Option<usize> {
        let slot = self.slots.get(index(*self.order.get(round.hint)?))?;
        (slot.length > 0).then_some(index(slot.length))
    }

    /// Whether the next item is the one that stood in this place last time, by its content; then it is seen.
    pub(crate) fn recognises<B>(&mut self, round: &mut Round<T, B>, content: Fingerprint) -> bool {
        let id = self.order.get(round.hint).copied();
        let slot = id.and_then(|id| self.slots.get_mut(index(id)));
        match (id, slot) {
            (Some(id), Some(slot)) if slot.content == content && slot.round != round.number => {
                slot.round = round.number;
                round.order.push(id);
                round.hint += 1;
                true
            }
            _ => false,
        }
    }

    /// An item of a changed page.
    pub(crate) fn saw<B>(&mut self, round: &mut Round<T, B>, item: &dyn RawItem<T, Bad = B>) {
        let content = item.content();
        if self.recognises(round, content) {
            return;
        }
        let place = round.len();
        let key = match item.key() {
            Ok(key) => key,
            Err(why) => {
                if !self.keyless.contains(&content) {
                    let why = Why::Refused(why);
                    round.is_bad(None, BadItem { key: None, place, why });
                }
                round.keyless.insert(content);
                round.keyless_items += 1;
                return;
            }
        };
        let found = self.by_key.binary_search_by(|id| self.key(*id).cmp(&key)).ok();
        match found.and_then(|at| self.by_key.get(at)) {
            Some(id) => self.again(round, *id, content, key, item),
            None => self.fresh(round, content, key, item),
        }
    }

    /// An item that is known, elsewhere in the list or with another content.
    fn again<B>(
        &mut self,
        round: &mut Round<T, B>,
        id: u32,
        content: Fingerprint,
        key: String,
        item: &dyn RawItem<T, Bad = B>,
    ) {
        let place = round.len();
        let Some(slot) = self.slots.get_mut(index(id)) else { return };
        round.hint = index(slot.place).saturating_add(1);
        if slot.round == round.number {
            return round.repeat(id, slot, content, item.counted());
        }
        slot.round = round.number;
        round.order.push(id);
        if slot.content == content {
            return;
        }
        let length = length(item.length());
        let counted = item.counted().unwrap_or(content);
        if slot.counted() == Some(counted) {
            round.changes.insert(id, (length, Change::Content(content, counted)));
            return;
        }
        let (size, old_size) = (item_size::<T>(&key, item.size()), u64::from(slot.size));
        if let Err(full) = self.budget.take_item(size, old_size) {
            round.full = Some(full);
            return;
        }
        let change = match (item.decode(), &slot.value, self.equal.or(self.equal_at_first)) {
            (Ok(value), Some(old), Some(equal)) if equal(old, &value) => {
                Change::Content(content, counted)
            }
            (Ok(value), ..) => Change::Value(value, content, counted, slot_size(size)),
            (Err(why), ..) => {
                let why = Why::Refused(why);
                round.is_bad(Some(id), BadItem { key: Some(key), place, why });
                Change::Bad(content)
            }
        };
        if !matches!(change, Change::Value(..)) {
            self.budget.give_item(size, old_size);
        }
        round.changes.insert(id, (length, change));
    }

    /// An item that is not known. That several rows of a round have one key is found at the end.
    fn fresh<B>(
        &mut self,
        round: &mut Round<T, B>,
        content: Fingerprint,
        key: String,
        item: &dyn RawItem<T, Bad = B>,
    ) {
        let size = item_size::<T>(&key, item.size());
        if let Err(full) = self.budget.take_item(size, 0) {
            round.full = Some(full);
            return;
        }
        let id = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        let mut slot = Slot {
            key: key.as_str().into(),
            value: None,
            content,
            counted: None,
            bad: true,
            absence: Absence::There,
            round: round.number,
            place: 0,
            length: length(item.length()),
            size: slot_size(size),
        };
        match item.decode() {
            Ok(value) => {
                slot.is_good(content, item.counted().unwrap_or(content));
                slot.value = Some(value);
            }
            Err(why) => {
                let without_value = item_size::<T>(&key, 0);
                self.budget.give_item(size.saturating_sub(without_value), 0);
                slot.size = slot_size(without_value);
                let (place, why) = (round.len(), Why::Refused(why));
                round.is_bad(Some(id), BadItem { key: Some(key), place, why });
            }
        }
        round.order.push(id);
        self.slots.push(slot);
    }

    fn key(&self, id: u32) -> &str {
        self.slots.get(index(id)).map_or("", |slot| &*slot.key)
    }

    /// The first of the items, if none of them was ever good: they are something else than the list, as an
    /// error that is told in its place.
    pub(crate) fn strange<B>(&self, round: &mut Round<T, B>) -> Option<BadItem<B>> {
        let good = |id: &u32| self.slots.get(index(*id)).is_some_and(|slot| slot.value.is_some());
        let strange = round.kept.is_none() && !round.order.iter().any(good);
        if strange { round.news().0.into_iter().next() } else { None }
    }
}

/// What the guard knows.
impl<T> Keyed<T> {
    /// How many items are known.
    pub(crate) fn known(&self) -> usize {
        self.by_key.len()
    }

    /// Items that are there and bad.
    pub(crate) fn bad_items(&self) -> usize {
        self.bad + self.keyless.len()
    }

    /// Removals that are held.
    pub(crate) fn held(&self) -> Option<Held> {
        self.guard.held()
    }

    /// Whether it is known what there is: that there is nothing may have to be confirmed.
    pub(crate) fn is_certain(&self) -> bool {
        self.guard.is_certain()
    }

    /// What is held is gone when the next whole observation lacks it too.
    pub(crate) fn release(&mut self) {
        self.slots.iter_mut().for_each(|slot| slot.absence = slot.absence.released());
    }

    /// The list could not be seen whole: what has to agree begins anew.
    pub(crate) fn failed(&mut self) {
        if !self.guard.is_calm() {
            self.slots.iter_mut().for_each(|slot| slot.absence = slot.absence.failed());
        }
        self.guard.failed();
        self.give_up();
    }

    /// Drops what a round that did not end holds.
    pub(crate) fn give_up(&mut self) {
        self.give_up_new();
        self.budget.abandon();
    }

    /// Takes out the new items of a round that did not end: to drop them may take long.
    pub(crate) fn take_new(&mut self) -> NewItems<T> {
        let new = match self.committed {
            committed if committed >= self.slots.len() => Vec::new(),
            0 => std::mem::take(&mut self.slots),
            committed => {
                let new = self.slots.split_off(committed);
                self.slots.shrink_to_fit();
                new
            }
        };
        NewItems { slots: new }
    }

    /// Drops the new items of a round that did not end.
    fn give_up_new(&mut self) {
        if self.slots.len() > self.committed {
            self.slots.truncate(self.committed);
            self.slots.shrink_to_fit();
        }
    }
}

/// The size of an item: its key, its place here and in other collections, and what its value holds.
fn item_size<T>(key: &str, value: u64) -> u64 {
    const ELSEWHERE: usize = 40;
    let fixed = size_of::<Slot<T>>() + ELSEWHERE + key.len();
    value.saturating_add(fixed as u64)
}

fn slot_size(size: u64) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

fn length(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(0)
}

fn index(id: u32) -> usize {
    id as usize
}

#[cfg(test)]
mod tests;
