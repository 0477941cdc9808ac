//! What is known of a listing: its keys in the order of their bytes, each with a mark that says which state of
//! it is known. It holds from ten to ten million keys, in some 30 bytes each.
//!
//! A walk over the listing is a [`Merge`]. When it was complete, the entries that it did not see are
//! [judged](Snapshot::judge), and those that are gone are [taken out](Snapshot::take_gone), some at a time; until
//! then they are here, and no longer counted or found.

mod block;
mod doubt;
mod merge;
mod writer;

use std::mem;
use std::str;

use self::block::Block;
use self::doubt::Doubt;
pub(crate) use self::merge::{Merge, Sight};
use self::writer::Writer;
use super::guard::{Absence, Guard};

#[derive(Default)]
pub(crate) struct Snapshot {
    /// None is empty.
    blocks: Vec<Block>,
    /// So many entries are new in the last walk.
    fresh: usize,
}

/// Where keys are cut into parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// The last key before the cut.
    pub(crate) last: String,
    /// The key before that one, or nothing, if it is not known.
    pub(crate) before: String,
}

impl Snapshot {
    /// Of entries in the order of their keys: what a successor knows.
    pub(crate) fn of<'a>(entries: impl IntoIterator<Item = (&'a str, Vec<u8>)>) -> Self {
        let mut writer = Writer::default();
        for (key, mark) in entries {
            writer.push(key.as_bytes(), &mark, Doubt::default());
        }
        Self { blocks: writer.finish(), fresh: 0 }
    }

    /// The same entries for a successor, each with another mark. Those that are gone and not taken out are known to it.
    pub(crate) fn handed_over(self, mark: impl Fn(&[u8]) -> Vec<u8>) -> Self {
        let mut writer = Writer::default();
        for block in &self.blocks {
            block.for_each(|key, old, doubt| writer.push(key, &mark(old), doubt.handed_over()));
        }
        Self { blocks: writer.finish(), fresh: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.blocks.iter().map(|block| block.count() - block.gone()).sum()
    }

    #[cfg(test)]
    pub(crate) fn heap_bytes(&self) -> usize {
        let blocks: usize = self.blocks.iter().map(Block::heap_bytes).sum();
        blocks + self.blocks.capacity() * size_of::<Block>()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The mark of a key.
    #[cfg(test)]
    pub(crate) fn get(&self, key: &str) -> Option<Vec<u8>> {
        let key = key.as_bytes();
        let behind = self.blocks.partition_point(|block| block.first_key() <= key);
        let mut found = None;
        self.blocks.get(behind.checked_sub(1)?)?.for_each(|it, mark, doubt| {
            if it == key && doubt != Doubt::Gone {
                found = Some(mark.to_vec());
            }
        });
        found
    }

    /// Every key with its mark, in order.
    #[cfg(test)]
    pub(crate) fn for_each(&self, mut f: impl FnMut(&str, &[u8])) {
        for block in &self.blocks {
            block.for_each(|key, mark, doubt| {
                if doubt != Doubt::Gone {
                    f(text(key), mark);
                }
            });
        }
    }

    /// At most `parts - 1` cuts into parts of about the same size, each at the last key of a block, where that
    /// key suits with its mark.
    pub(crate) fn cuts(&self, parts: usize, suits: impl Fn(&str, &[u8]) -> bool) -> Vec<Cut> {
        let all: usize = self.blocks.iter().map(Block::count).sum();
        let (mut cuts, mut passed) = (Vec::new(), 0_usize);
        for block in self.blocks.iter().take(self.blocks.len().saturating_sub(1)) {
            passed += block.count();
            if passed.saturating_mul(parts) >= all.saturating_mul(cuts.len() + 1) {
                let (cut, mark) = block.cut();
                cuts.extend(suits(&cut.last, &mark).then_some(cut));
            }
        }
        cuts
    }

    /// The parts before and behind these of its [cuts](Self::cuts).
    pub(crate) fn split(mut self, cuts: &[Cut]) -> Vec<Self> {
        let mut parts = Vec::with_capacity(cuts.len() + 1);
        for Cut { last, .. } in cuts.iter().rev() {
            let at = self.blocks.partition_point(|block| block.first_key() <= last.as_bytes());
            parts.push(Self { blocks: self.blocks.split_off(at), fresh: 0 });
        }
        parts.push(self);
        parts.reverse();
        parts
    }

    /// Parts, in order, are one again.
    pub(crate) fn join(parts: Vec<Self>) -> Self {
        let fresh = parts.iter().map(|part| part.fresh).sum();
        let mut writer = Writer::default();
        parts.into_iter().flat_map(|part| part.blocks).for_each(|block| writer.append(block));
        Self { blocks: writer.finish(), fresh }
    }
}

/// What is in doubt.
impl Snapshot {
    /// How many entries the walk did not see.
    #[cfg(test)]
    pub(crate) fn unseen(&self) -> usize {
        self.absences().count()
    }

    /// Whether the walk did not see this entry.
    pub(crate) fn is_unseen(&self, key: &str) -> bool {
        let behind = self.blocks.partition_point(|block| block.first_key() <= key.as_bytes());
        let block = behind.checked_sub(1).and_then(|place| self.blocks.get(place));
        let mut is_unseen = false;
        if let Some(block) = block {
            block.for_each(|other, _, doubt| {
                is_unseen |= other == key.as_bytes() && doubt.unseen().is_some();
            });
        }
        is_unseen
    }

    /// Some of the entries that the walk did not see and should have seen, evenly spread, the first and the last among
    /// them; all of them, if there are no more. With their marks.
    pub(crate) fn unseen_sample(
        &self,
        most: usize,
        should_be_seen: impl Fn(&str) -> bool,
    ) -> Vec<(String, Vec<u8>)> {
        let all = self.unseen_among(&should_be_seen, |_, _| {});
        let (last, steps) = (all.saturating_sub(1), most.saturating_sub(1).max(1));
        let mut chosen = (0..=steps).map(|step| step * last / steps).peekable();
        let (mut sample, mut place) = (Vec::new(), 0);
        self.unseen_among(&should_be_seen, |key, mark| {
            if chosen.peek() == Some(&place) {
                sample.push((key.to_owned(), mark.to_vec()));
            }
            while chosen.next_if_eq(&place).is_some() {}
            place += 1;
        });
        sample
    }

    /// Returns how many entries the walk did not see and should have seen.
    fn unseen_among(
        &self,
        should_be_seen: impl Fn(&str) -> bool,
        mut f: impl FnMut(&str, &[u8]),
    ) -> usize {
        let mut unseen = 0;
        for block in &self.blocks {
            if block.doubts().all(|doubt| doubt.unseen().is_none()) {
                continue;
            }
            block.for_each(|key, mark, doubt| {
                if doubt.unseen().is_some() && should_be_seen(text(key)) {
                    unseen += 1;
                    f(text(key), mark);
                }
            });
        }
        unseen
    }

    fn absences(&self) -> impl Iterator<Item = Absence> {
        self.blocks.iter().flat_map(Block::doubts).filter_map(Doubt::unseen)
    }

    /// The end of a complete walk: which of the entries that it did not see are gone. What is new since the last
    /// one was not known, and is no reason to believe that more are gone.
    pub(crate) fn judge(&mut self, guard: &mut Guard) {
        guard.found();
        let mut absences: Vec<_> = self.absences().collect();
        let old = self.len().saturating_sub(mem::take(&mut self.fresh));
        let known = old.max(absences.len());
        let gone = guard.judge(&mut absences, known, None);
        let mut verdicts = absences.into_iter().zip(gone);
        self.change_doubts(|doubt| match doubt.unseen().and_then(|_| verdicts.next()) {
            Some((_, true)) => Doubt::Gone,
            Some((absence, false)) => Doubt::Known(absence),
            None => doubt,
        });
    }

    /// Takes out the first entries that are gone, so many at most. Returns whether there are more.
    pub(crate) fn take_gone(&mut self, most: usize, mut f: impl FnMut(&str, &[u8])) -> bool {
        let (mut writer, mut taken) = (Writer::default(), 0);
        for block in mem::take(&mut self.blocks) {
            if taken == most || block.gone() == 0 {
                writer.append(block);
                continue;
            }
            block.for_each(|key, mark, doubt| {
                if doubt == Doubt::Gone && taken < most {
                    taken += 1;
                    f(text(key), mark);
                } else {
                    writer.push(key, mark, doubt);
                }
            });
        }
        self.blocks = writer.finish();
        self.blocks.iter().any(|block| block.gone() > 0)
    }

    /// Takes out the first entries, those that are gone among them: a block at a time, so many at least.
    pub(crate) fn take_first(&mut self, least: usize, mut f: impl FnMut(&str, &[u8])) {
        let mut taken = 0;
        let enough = |block: &Block| {
            taken += block.count();
            taken >= least
        };
        let blocks = self.blocks.iter().position(enough).map_or(self.blocks.len(), |it| it + 1);
        for block in self.blocks.drain(..blocks) {
            block.for_each(|key, mark, _| f(text(key), mark));
        }
    }

    /// What is absent is gone when the next complete walk does not see it either.
    pub(crate) fn release(&mut self) {
        self.change_doubts(|doubt| doubt.map(Absence::released));
    }

    /// A walk was not complete: what has to agree begins anew, and what it did not see counts for nothing.
    pub(crate) fn failed(&mut self) {
        self.forget();
        self.change_doubts(|doubt| doubt.map(Absence::failed));
    }

    fn forget(&mut self) {
        self.change_doubts(Doubt::forgotten);
    }

    fn change_doubts(&mut self, mut change: impl FnMut(Doubt) -> Doubt) {
        self.blocks.iter_mut().for_each(|block| block.change_doubts(&mut change));
    }
}

/// Keys were text when they were written.
fn text(key: &[u8]) -> &str {
    str::from_utf8(key).unwrap_or_default()
}

#[cfg(test)]
mod tests;
