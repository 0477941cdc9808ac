//! Sightings of a walk, merged into a snapshot.
//!
//! A block in which nothing is new or changed is moved; at its first difference it is written anew, again from
//! its start. That an entry was not seen is no difference: it stands beside the bytes.

use std::cmp::Ordering;
use std::mem;
use std::vec;

use super::Snapshot;
use super::block::{Block, Cursor};
use super::doubt::Doubt;
use super::writer::Writer;

/// What a sighting came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    Same,
    New,
    Changed,
    /// The walk has seen this key before; nothing was done.
    Twice,
    /// A greater key was seen before; nothing was done.
    OutOfOrder,
}

/// What becomes of entries that are passed over.
#[derive(Clone, Copy, PartialEq)]
enum Pass {
    /// They are marked unseen.
    First,
    /// They stay what they are.
    Second,
}

/// One pass of sightings, in ascending key order, over a snapshot. `differs(old, new)` says whether two marks
/// that are not equal are a change. One that is dropped takes the snapshot with it.
#[must_use = "it has the snapshot"]
pub(crate) struct Merge<D> {
    differs: D,
    pass: Pass,
    /// The key that was seen last.
    last: Option<Vec<u8>>,
    /// Empty at the end.
    block: Block,
    /// In the block, unless that is empty.
    cursor: Cursor,
    /// Whether what is before the cursor has been written.
    rewriting: bool,
    ahead: vec::IntoIter<Block>,
    /// The size of the blocks that are ahead.
    ahead_bytes: usize,
    written: Writer,
    len: usize,
    fresh: usize,
}

impl<D: Fn(&[u8], &[u8]) -> bool> Merge<D> {
    /// The first pass of a walk: entries that are passed over are marked unseen.
    pub(crate) fn first(snapshot: Snapshot, differs: D) -> Self {
        Self::new(snapshot, differs, Pass::First)
    }

    /// Another pass of the same walk, for what came out of order: entries that are passed over stay what they
    /// are, and those that are not unseen have been seen.
    pub(crate) fn second(snapshot: Snapshot, differs: D) -> Self {
        Self::new(snapshot, differs, Pass::Second)
    }

    fn new(snapshot: Snapshot, differs: D, pass: Pass) -> Self {
        let len = snapshot.len();
        let Snapshot { blocks, fresh } = snapshot;
        let mut merge = Self {
            differs,
            pass,
            last: None,
            block: Block::default(),
            cursor: Cursor::default(),
            rewriting: false,
            ahead_bytes: blocks.iter().map(Block::size).sum(),
            ahead: blocks.into_iter(),
            written: Writer::default(),
            len,
            fresh,
        };
        merge.next_block();
        merge
    }

    /// How many entries there are by now, those that were known and those that are new.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The size of the entries.
    pub(crate) fn bytes(&self) -> usize {
        self.written.bytes() + self.block.size() + self.ahead_bytes
    }

    /// The key that was seen last.
    pub(crate) fn last(&self) -> Option<&str> {
        self.last.as_deref().and_then(|last| std::str::from_utf8(last).ok())
    }

    /// Sees a key that is there with this mark. `takes` decides whether a mark that is new or changed is taken; one that
    /// is not leaves the known mark as it is, or the key unknown.
    pub(crate) fn see(&mut self, key: &str, mark: &[u8], takes: impl FnOnce() -> bool) -> Sight {
        match self.seek(key.as_bytes()) {
            Sight::Same => self.compare(mark, takes),
            Sight::New => {
                if takes() {
                    self.rewrite();
                    self.written.push(key.as_bytes(), mark, Doubt::default());
                    self.len += 1;
                    self.fresh += 1;
                }
                Sight::New
            }
            other => other,
        }
    }

    /// The walk came to its end: in the first pass, what is left was not seen.
    pub(crate) fn finish(mut self) -> Snapshot {
        while self.block.count() > 0 {
            self.pass_block();
        }
        Snapshot { blocks: self.written.finish(), fresh: self.fresh }
    }

    /// The walk was cut off: what was seen stays seen, and what was not seen counts for nothing.
    pub(crate) fn abandon(mut self) -> Snapshot {
        self.pass = Pass::Second; // What is left is not even marked.
        let mut snapshot = self.finish();
        snapshot.forget();
        snapshot
    }

    /// Goes to the place of a key. `Same`: the cursor is on it; `New`: it is not known.
    fn seek(&mut self, key: &[u8]) -> Sight {
        let mut place = self.place(key);
        // What the cursor is on is always behind what was seen last.
        if place != Ordering::Equal {
            match self.last.as_deref().map(|last| last.cmp(key)) {
                Some(Ordering::Greater) => return Sight::OutOfOrder,
                Some(Ordering::Equal) => return Sight::Twice,
                Some(Ordering::Less) | None => {}
            }
        }
        let last = self.last.get_or_insert_default();
        last.clear();
        last.extend_from_slice(key);
        if place == Ordering::Less {
            self.pass_blocks(key);
            place = self.place(key);
        }
        while place == Ordering::Less {
            self.pass_entry();
            place = self.place(key);
        }
        match place {
            Ordering::Equal if self.was_seen() => Sight::Twice,
            Ordering::Equal => Sight::Same,
            Ordering::Less | Ordering::Greater => Sight::New,
        }
    }

    /// Where the cursor is, as seen from the key.
    fn place(&self, key: &[u8]) -> Ordering {
        match self.cursor.is_in(&self.block) {
            true => self.cursor.key().cmp(key),
            false => Ordering::Greater,
        }
    }

    fn was_seen(&self) -> bool {
        self.pass == Pass::Second && self.block.doubt(self.cursor.index()).unseen().is_none()
    }

    /// The entry under the cursor is there, with this mark.
    fn compare(&mut self, mark: &[u8], takes: impl FnOnce() -> bool) -> Sight {
        self.is_there();
        let old = self.cursor.mark(&self.block);
        if old == mark {
            self.step();
            return Sight::Same;
        }
        let changed = (self.differs)(old, mark);
        if changed && !takes() {
            self.step();
            return Sight::Changed;
        }
        self.rewrite();
        self.written.push(self.cursor.key(), mark, Doubt::default());
        self.advance();
        if changed { Sight::Changed } else { Sight::Same }
    }

    fn is_there(&mut self) {
        self.len += usize::from(self.block.doubt(self.cursor.index()) == Doubt::Gone);
        self.block.set_doubt(self.cursor.index(), Doubt::default());
    }

    /// All before the cursor is written, and all behind it will be.
    fn rewrite(&mut self) {
        if mem::replace(&mut self.rewriting, true) {
            return;
        }
        let mut cursor = Cursor::default();
        cursor.enter(&self.block);
        while cursor.index() < self.cursor.index() {
            self.written.copy(&self.block, &cursor);
            cursor.step(&self.block);
        }
    }

    /// The entry under the cursor stays what it is.
    fn step(&mut self) {
        if self.rewriting {
            self.written.copy(&self.block, &self.cursor);
        }
        self.advance();
    }

    fn advance(&mut self) {
        self.cursor.step(&self.block);
        if !self.cursor.is_in(&self.block) {
            self.next_block();
        }
    }

    fn next_block(&mut self) {
        let next = self.ahead.next().unwrap_or_default();
        self.ahead_bytes = self.ahead_bytes.saturating_sub(next.size());
        let block = mem::replace(&mut self.block, next);
        if !mem::take(&mut self.rewriting) {
            self.written.append(block);
        }
        self.cursor.enter(&self.block);
    }

    fn pass_entry(&mut self) {
        self.is_passed(self.cursor.index());
        self.step();
    }

    /// The blocks that end before the key.
    fn pass_blocks(&mut self, key: &[u8]) {
        while self.ahead.as_slice().first().is_some_and(|next| next.first_key() <= key) {
            self.pass_block();
        }
    }

    /// What is left of the block.
    fn pass_block(&mut self) {
        (self.cursor.index()..self.block.count()).for_each(|index| self.is_passed(index));
        while self.rewriting && self.cursor.is_in(&self.block) {
            self.written.copy(&self.block, &self.cursor);
            self.cursor.step(&self.block);
        }
        self.next_block();
    }

    fn is_passed(&mut self, index: usize) {
        if self.pass == Pass::First {
            self.block.set_doubt(index, self.block.doubt(index).passed());
        }
    }
}
