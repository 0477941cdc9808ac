//! The end of a whole observation: what it changed, what is new, and what is gone.

use super::super::Missing;
use super::super::guard::{Absence, Why};
use super::round::Change;
use super::{Keyed, Round, index};
use crate::watcher::ExternalEvent;

impl<T: Clone> Keyed<T> {
    /// The items that the round lacks and that may be gone; beside items without a key, none is.
    pub(crate) fn lacking<B>(&mut self, round: &mut Round<T, B>) -> Vec<u32> {
        if self.is_same(round) || !round.keyless.is_empty() {
            return Vec::new();
        }
        self.changed(round, None);
        self.missing(round.number)
    }

    fn missing(&self, round: u32) -> Vec<u32> {
        let slot = |id: &u32| self.slots.get(index(*id));
        let missing = |id: &u32| slot(id).is_some_and(|slot| slot.round != round);
        self.by_key.iter().copied().filter(missing).collect()
    }

    /// The server says that this is only a part of the list: what it lacks is held, and not counted as absent.
    /// Returns how many items will be known after it.
    pub(crate) fn known_after_part<B>(&mut self, round: &mut Round<T, B>) -> usize {
        round.is_part = true;
        self.settle(round);
        self.changed(round, None);
        let missing = self.missing(round.number);
        let is_released = |id: &&u32| {
            self.slots.get(index(**id)).is_some_and(|slot| slot.absence == Absence::Released)
        };
        let released = missing.iter().filter(is_released).count();
        self.by_key.len() - released + round.fresh.as_ref().map_or(0, Vec::len)
    }

    /// The list was seen whole. Only what is `missed` can be gone; the others that it lacks were seen by
    /// another walk. The events are in the order of the keys.
    pub(crate) fn end<B>(
        &mut self,
        mut round: Round<T, B>,
        missed: impl Fn(u32) -> bool,
    ) -> Vec<ExternalEvent<T>> {
        self.event_size = 0;
        if self.is_same(&round) && self.guard.is_calm() {
            self.budget.complete(self.known_size, 0);
            return Vec::new();
        }
        self.settle(&mut round);
        self.changed(&mut round, None);
        let (missing, seen): (Vec<_>, Vec<_>) =
            self.missing(round.number).into_iter().partition(|id| missed(*id));
        for id in seen {
            if let Some(slot) = self.slots.get_mut(index(id)) {
                slot.absence = Absence::There;
            }
        }
        self.guard.found();
        let hold = match (round.is_part, round.keyless.is_empty()) {
            (true, _) => Some(Why::Part),
            (false, false) => Some(Why::Keyless),
            (false, true) => (round.is_blank && round.order.is_empty()).then_some(Why::Blank),
        };
        let gone = self.judge(missing, hold);
        let repeated = round.repeated.iter().map(|id| self.key(*id).into()).collect();
        let Round { order, changes, keyless, fresh, extra_rows, .. } = round;
        let fresh = fresh.unwrap_or_default();
        (self.distinct, self.repeated) = (order.len() - extra_rows, repeated);
        (self.order, self.keyless) = (order, keyless);
        for (place, id) in self.order.iter().enumerate() {
            if let Some(slot) = self.slots.get_mut(index(*id)) {
                slot.absence = Absence::There;
                slot.place = u32::try_from(place).unwrap_or(u32::MAX);
            }
        }
        let mut events = Vec::with_capacity(changes.len() + fresh.len() + gone.len());
        for (id, (length, change)) in changes {
            let event = self.change(id, length, change);
            events.extend(event.map(|event| (id, event)));
        }
        for id in &fresh {
            events.extend(self.added(*id).map(|event| (*id, event)));
        }
        if !fresh.is_empty() {
            let mut by_key = std::mem::take(&mut self.by_key);
            by_key.extend(&fresh);
            by_key.sort_by(|one, other| self.key(*one).cmp(self.key(*other)));
            self.by_key = by_key;
        }
        let events = self.without(gone, events);
        if self.guard.held().is_none() && self.bad == 0 {
            self.equal_at_first = None;
        }
        events
    }

    /// There is no list at all.
    pub(crate) fn absent(&mut self, missing: Missing) -> Vec<ExternalEvent<T>> {
        self.give_up_new();
        self.event_size = 0;
        let counts = self.guard.missed(missing);
        let all = self.by_key.clone();
        let gone = match missing {
            Missing::Gone => all,
            Missing::NotFound if counts => self.judge(all, None),
            Missing::NotFound => {
                self.slots.iter_mut().for_each(|slot| slot.absence = slot.absence.again());
                self.budget.complete(self.known_size, 0);
                return Vec::new();
            }
        };
        self.order.clear();
        self.distinct = 0;
        self.repeated.clear();
        self.keyless.clear();
        self.without(gone, Vec::new())
    }

    /// Whether nothing was seen but pages that are what they were, and nothing is known that is on none of
    /// them: an item that one walk lacked and another had is on neither's pages, or on both's.
    pub(crate) fn is_same<B>(&self, round: &Round<T, B>) -> bool {
        let known = self.distinct == self.by_key.len() && self.keyless.is_empty();
        round.kept.is_some() && round.position() == self.order.len() && known
    }

    /// Which of the missing items are gone, in the same order.
    fn judge(&mut self, missing: Vec<u32>, hold: Option<Why>) -> Vec<u32> {
        let absence = |id: &u32| self.slots.get(index(*id)).map_or(Absence::There, |it| it.absence);
        let mut absences: Vec<_> = missing.iter().map(absence).collect();
        let verdict = self.guard.judge(&mut absences, self.by_key.len(), hold);
        for (id, absence) in missing.iter().zip(absences) {
            if let Some(slot) = self.slots.get_mut(index(*id)) {
                slot.absence = absence;
            }
        }
        missing.into_iter().zip(verdict).filter_map(|(id, gone)| gone.then_some(id)).collect()
    }

    fn change(&mut self, id: u32, length: u32, change: Change<T>) -> Option<ExternalEvent<T>> {
        let slot = self.slots.get_mut(index(id))?;
        slot.length = length;
        let was_bad = slot.bad;
        let event = match change {
            Change::Value(value, content, counted, size) => {
                slot.is_good(content, counted);
                let old = std::mem::replace(&mut slot.size, size);
                self.known_size = self.known_size.saturating_sub(old.into()) + u64::from(size);
                self.event_size += u64::from(size);
                Some(match slot.value.replace(value.clone()) {
                    Some(_) => ExternalEvent::Modified(value),
                    None => ExternalEvent::Added(value),
                })
            }
            Change::Content(content, counted) => {
                slot.is_good(content, counted);
                None
            }
            Change::Bad(content) => {
                slot.is_bad(content);
                None
            }
        };
        self.bad = self.bad + usize::from(slot.bad) - usize::from(was_bad);
        event
    }

    fn added(&mut self, id: u32) -> Option<ExternalEvent<T>> {
        let slot = self.slots.get(index(id))?;
        self.bad += usize::from(slot.bad);
        self.known_size += u64::from(slot.size);
        if slot.value.is_some() {
            self.event_size += u64::from(slot.size);
        }
        slot.value.clone().map(ExternalEvent::Added)
    }

    /// Takes out what is gone, and puts everything in the order of the keys.
    fn without(
        &mut self,
        gone: Vec<u32>,
        mut events: Vec<(u32, ExternalEvent<T>)>,
    ) -> Vec<ExternalEvent<T>> {
        for id in &gone {
            if let Some(slot) = self.slots.get_mut(index(*id)) {
                self.bad -= usize::from(slot.bad);
                self.known_size = self.known_size.saturating_sub(slot.size.into());
                self.event_size += u64::from(slot.size);
                events.extend(slot.value.take().map(|last| (*id, ExternalEvent::Removed(last))));
            }
        }
        let mut gone = gone.iter().peekable();
        self.by_key.retain(|id| gone.next_if_eq(&id).is_none());
        events.sort_by(|(one, _), (other, _)| self.key(*one).cmp(self.key(*other)));
        self.committed = self.slots.len();
        if self.slots.len() > 2 * self.by_key.len() + 16 {
            self.compact();
        }
        self.budget.complete(self.known_size, self.event_size);
        events.into_iter().map(|(_, event)| event).collect()
    }

    /// Drops empty slots.
    fn compact(&mut self) {
        let mut live = vec![None; self.slots.len()];
        for id in &self.by_key {
            live.get_mut(index(*id)).into_iter().for_each(|it| *it = Some(0));
        }
        for (new, it) in live.iter_mut().flatten().enumerate() {
            *it = u32::try_from(new).unwrap_or(u32::MAX);
        }
        let mut kept = live.iter();
        self.slots.retain(|_| kept.next().is_some_and(Option::is_some));
        self.slots.shrink_to_fit();
        self.committed = self.slots.len();
        let moved = |id: &mut u32| {
            if let Some(new) = live.get(index(*id)).copied().flatten() {
                *id = new;
            }
        };
        self.by_key.iter_mut().for_each(moved);
        self.order.iter_mut().for_each(moved);
    }
}
