//! Rows with one key: one item where they are the same, else a bad one.

use std::collections::{BTreeSet, HashMap};

use super::super::Fingerprint;
use super::round::Change;
use super::slot::Slot;
use super::{BadItem, Keyed, Round, Why, index};

impl<T, B> Round<T, B> {
    /// One more row of an item that this round has seen, with its content and what counts of it.
    pub(super) fn repeat(
        &mut self,
        id: u32,
        slot: &Slot<T>,
        content: Fingerprint,
        counted: Option<Fingerprint>,
    ) {
        self.order.push(id);
        self.repeated.insert(id);
        self.extra_rows += 1;
        let (seen, seen_counted) = match self.changes.get(&id) {
            Some((
                _,
                Change::Value(_, content, counted, _) | Change::Content(content, counted),
            )) => (*content, Some(*counted)),
            Some((_, Change::Bad(content))) => (*content, None),
            None => (slot.content, slot.counted().filter(|_| !slot.bad)),
        };
        if content != seen && (counted.is_none() || counted != seen_counted) {
            self.conflict(id, seen, content);
        }
    }

    fn conflict(&mut self, id: u32, one: Fingerprint, other: Fingerprint) {
        self.conflicts.entry(id).or_insert_with(|| BTreeSet::from([one])).insert(other);
    }
}

impl<T: Clone> Keyed<T> {
    /// Decides what becomes of rows with one key. To be called when all rows were seen; what is seen no more
    /// by then may be asked for.
    pub(crate) fn settle<B>(&mut self, round: &mut Round<T, B>) {
        if round.fresh.is_some() || self.is_same(round) {
            return;
        }
        self.changed(round, None);
        let fresh = self.merge_fresh(round);
        round.fresh = Some(fresh);
        let conflicts = std::mem::take(&mut round.conflicts);
        let places = places(round, &conflicts);
        for (id, contents) in &conflicts {
            self.is_in_conflict(round, *id, Fingerprint::of_all(contents), places.get(id).copied());
        }
        round.conflicts = conflicts;
        let known = |id: &u32| self.repeated.contains(self.key(*id));
        round.repeats_anew |= !round.repeated.iter().all(known);
    }

    /// The new items of the round, by key. Further rows of one of them become rows of its first one.
    fn merge_fresh<B>(&mut self, round: &mut Round<T, B>) -> Vec<u32> {
        let end = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        let begin = u32::try_from(self.committed).unwrap_or(u32::MAX);
        let mut fresh: Vec<_> = (begin..end).collect();
        fresh.sort_by(|one, other| self.key(*one).cmp(self.key(*other)));
        let mut first_rows = HashMap::new();
        fresh.dedup_by(|row, first| {
            let [Some(one), Some(other)] = [*first, *row].map(|id| self.slots.get(index(id)))
            else {
                return false;
            };
            if one.key != other.key {
                return false;
            }
            let counted = one.counted().filter(|_| !one.bad && !other.bad);
            if one.content != other.content && (counted.is_none() || counted != other.counted()) {
                round.conflict(*first, one.content, other.content);
            }
            first_rows.insert(*row, *first);
            true
        });
        if !first_rows.is_empty() {
            round.extra_rows += first_rows.len();
            round.repeated.extend(first_rows.values());
            round.forget_news(|id| first_rows.contains_key(&id));
            for id in &mut round.order {
                *id = first_rows.get(id).copied().unwrap_or(*id);
            }
            for id in first_rows.keys() {
                self.slots.get_mut(index(*id)).into_iter().for_each(|slot| slot.value = None);
            }
        }
        fresh
    }

    /// None of the rows of an item counts.
    fn is_in_conflict<B>(
        &mut self,
        round: &mut Round<T, B>,
        id: u32,
        content: Fingerprint,
        places: Option<(usize, usize)>,
    ) {
        let committed = self.committed;
        let Some(slot) = self.slots.get_mut(index(id)) else { return };
        let known = index(id) < committed;
        let is_new = !known || !slot.bad || slot.content != content;
        if known {
            round.changes.insert(id, (0, Change::Bad(content)));
        } else {
            (slot.value, slot.counted, slot.length) = (None, None, 0);
            (slot.bad, slot.content) = (true, content);
        }
        round.forget_news(|of| of == id);
        if is_new {
            round.repeats_anew = true;
            let key = Some(slot.key.to_string());
            let place = places.map_or(0, |(first, _)| first);
            round.is_bad(Some(id), BadItem { key, place, why: Why::Conflict(places) });
        }
    }
}

impl<T, B> Round<T, B> {
    /// What was learned of single rows is not told.
    fn forget_news(&mut self, of: impl Fn(u32) -> bool) {
        self.news.first.retain(|(id, _)| !id.is_some_and(&of));
    }
}

/// The first and the last row of items; rows without a key stand nowhere, so that beside them this is not known.
fn places<T, B>(
    round: &Round<T, B>,
    of: &HashMap<u32, BTreeSet<Fingerprint>>,
) -> HashMap<u32, (usize, usize)> {
    let mut places = HashMap::new();
    if of.is_empty() || round.keyless_items > 0 {
        return places;
    }
    for (place, id) in round.order.iter().enumerate().filter(|(_, id)| of.contains_key(id)) {
        places.entry(*id).or_insert((place, place)).1 = place;
    }
    places
}
