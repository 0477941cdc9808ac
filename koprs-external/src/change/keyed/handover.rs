//! What is known of a list, from one source to its successor.

use super::Keyed;
use super::slot::Slot;

/// The items that the consumer knows, in the order of their keys.
pub(crate) struct KnownList<T>(Vec<Slot<T>>);

impl<T> KnownList<T> {
    /// The values are known, and not what they were read from: each content is another one.
    pub(crate) fn forget_contents(&mut self) {
        self.0.iter_mut().for_each(Slot::forget_content);
    }
}

impl<T: Clone> Keyed<T> {
    /// Takes out what is known. An item that was never good is none that the consumer knows.
    pub(crate) fn hand_over(&mut self) -> KnownList<T> {
        self.slots.truncate(self.committed);
        let mut slots = std::mem::take(&mut self.slots);
        slots.retain(|slot| slot.value.is_some());
        slots.sort_by(|one, other| one.key.cmp(&other.key));
        self.budget.complete(0, 0);
        *self = Self::new(self.guard.rule(), self.equal).with_budget(self.budget.clone());
        KnownList(slots)
    }

    /// Takes over what is known; nothing else may be known. Where the content of an item differs, the first sight of
    /// it is compared with `equal` too. What has to agree before an item is gone begins anew.
    pub(crate) fn inherit(&mut self, known: KnownList<T>, equal: Option<fn(&T, &T) -> bool>) {
        let KnownList(mut slots) = known;
        for slot in &mut slots {
            slot.round = self.round;
            slot.absence = slot.absence.failed();
        }
        self.by_key = (0..u32::try_from(slots.len()).unwrap_or(u32::MAX)).collect();
        self.bad = slots.iter().filter(|slot| slot.bad).count();
        self.committed = slots.len();
        self.known_size = slots.iter().map(|slot| u64::from(slot.size)).sum();
        self.budget.complete(self.known_size, 0);
        self.slots = slots;
        self.equal_at_first = equal;
    }
}
