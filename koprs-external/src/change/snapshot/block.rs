//! Some neighbouring entries in one allocation.
//!
//! An entry is the length of what its key shares with the one before it in the block, the length of the rest,
//! the rest, the length of its mark, and the mark; lengths are varints.

use std::ops::Range;

use super::doubt::Doubt;
use super::{Cut, text};

/// Above this size, in bytes, a block is cut in two.
const MOST: usize = 4096;
/// Below this size, a block is put together with its neighbour.
const LEAST: usize = 768;

#[derive(Default)]
pub(super) struct Block {
    bytes: Box<[u8]>,
    count: usize,
    /// Of each entry; none if all are plainly there.
    doubts: Box<[Doubt]>,
}

impl Block {
    /// How many entries it has, with those that are gone.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// How many of them are gone.
    pub(super) fn gone(&self) -> usize {
        self.doubts().filter(|doubt| *doubt == Doubt::Gone).count()
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.bytes.len() + size_of_val(&*self.doubts)
    }

    /// What it takes in a vector.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.heap_bytes()
    }

    pub(super) fn is_small(&self) -> bool {
        self.bytes.len() < LEAST
    }

    pub(super) fn first_key(&self) -> &[u8] {
        let mut at = 0;
        read_varint(&self.bytes, &mut at);
        let length = read_varint(&self.bytes, &mut at);
        slice(&self.bytes, &(at..at + length))
    }

    /// The cut behind it, and the mark of its last key.
    pub(super) fn cut(&self) -> (Cut, Vec<u8>) {
        let (mut cursor, mut before) = (Cursor::default(), Vec::new());
        cursor.enter(self);
        while cursor.index + 1 < self.count {
            before.clone_from(&cursor.key);
            cursor.step(self);
        }
        let cut = Cut { last: text(&cursor.key).to_owned(), before: text(&before).to_owned() };
        (cut, cursor.mark(self).to_vec())
    }

    pub(super) fn for_each(&self, mut f: impl FnMut(&[u8], &[u8], Doubt)) {
        let mut cursor = Cursor::default();
        cursor.enter(self);
        while cursor.is_in(self) {
            f(&cursor.key, cursor.mark(self), self.doubt(cursor.index));
            cursor.step(self);
        }
    }

    pub(super) fn doubt(&self, index: usize) -> Doubt {
        self.doubts.get(index).copied().unwrap_or_default()
    }

    /// Those of all entries, or nothing if all are plainly there.
    pub(super) fn doubts(&self) -> impl Iterator<Item = Doubt> {
        self.doubts.iter().copied()
    }

    pub(super) fn set_doubt(&mut self, index: usize, doubt: Doubt) {
        if self.doubts.is_empty() && doubt != Doubt::default() {
            self.doubts = vec![Doubt::default(); self.count].into();
        }
        if let Some(it) = self.doubts.get_mut(index) {
            *it = doubt;
        }
    }

    /// Changes what is not plainly there.
    pub(super) fn change_doubts(&mut self, mut change: impl FnMut(Doubt) -> Doubt) {
        self.doubts.iter_mut().for_each(|doubt| *doubt = change(*doubt));
        self.settle();
    }

    /// Holds doubts only if there are any.
    pub(super) fn settle(&mut self) {
        if self.doubts().all(|doubt| doubt == Doubt::default()) {
            self.doubts = Box::default();
        }
    }

    /// Two neighbours as one block, or as two of about the same size.
    pub(super) fn together(one: &Self, other: &Self) -> Vec<Self> {
        let size = one.bytes.len() + other.bytes.len();
        let mut cut = if size > MOST { size / 2 } else { usize::MAX };
        let (mut blocks, mut open) = (Vec::new(), Encoder::default());
        for block in [one, other] {
            block.for_each(|key, mark, doubt| {
                if open.size() >= cut {
                    blocks.push(open.close());
                    cut = usize::MAX;
                }
                open.push(key, mark, doubt);
            });
        }
        blocks.push(open.close());
        blocks
    }
}

/// Reads a block, entry by entry. With the last entry behind it, it is in the block no more.
#[derive(Default)]
pub(super) struct Cursor {
    index: usize,
    key: Vec<u8>,
    mark: Range<usize>,
}

impl Cursor {
    /// Goes to the first entry.
    pub(super) fn enter(&mut self, block: &Block) {
        self.index = 0;
        self.mark = 0..0;
        self.read(block);
    }

    /// Goes to the next entry.
    pub(super) fn step(&mut self, block: &Block) {
        self.index += 1;
        self.read(block);
    }

    fn read(&mut self, block: &Block) {
        if !self.is_in(block) {
            return;
        }
        let mut at = self.mark.end;
        let shared = read_varint(&block.bytes, &mut at);
        let rest = read_varint(&block.bytes, &mut at);
        self.key.truncate(shared);
        self.key.extend_from_slice(slice(&block.bytes, &(at..at + rest)));
        at += rest;
        let mark = read_varint(&block.bytes, &mut at);
        self.mark = at..at + mark;
    }

    pub(super) fn is_in(&self, block: &Block) -> bool {
        self.index < block.count
    }

    pub(super) fn index(&self) -> usize {
        self.index
    }

    pub(super) fn key(&self) -> &[u8] {
        &self.key
    }

    pub(super) fn mark<'a>(&self, block: &'a Block) -> &'a [u8] {
        slice(&block.bytes, &self.mark)
    }
}

/// A block being written, in ascending key order.
#[derive(Default)]
pub(super) struct Encoder {
    bytes: Vec<u8>,
    /// The last one.
    key: Vec<u8>,
    doubts: Vec<Doubt>,
}

impl Encoder {
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn push(&mut self, key: &[u8], mark: &[u8], doubt: Doubt) {
        let same = |(one, other): &(&u8, &u8)| one == other;
        let shared = self.key.iter().zip(key).take_while(same).count();
        let rest = key.get(shared..).unwrap_or_default();
        self.key.truncate(shared);
        self.key.extend_from_slice(rest);
        write_varint(&mut self.bytes, shared);
        write_varint(&mut self.bytes, rest.len());
        self.bytes.extend_from_slice(rest);
        write_varint(&mut self.bytes, mark.len());
        self.bytes.extend_from_slice(mark);
        self.doubts.push(doubt);
    }

    /// The block; it is empty again.
    pub(super) fn close(&mut self) -> Block {
        let mut block = Block {
            bytes: self.bytes.as_slice().into(),
            count: self.doubts.len(),
            doubts: self.doubts.as_slice().into(),
        };
        block.settle();
        self.bytes.clear();
        self.key.clear();
        self.doubts.clear();
        block
    }
}

fn slice<'a>(bytes: &'a [u8], range: &Range<usize>) -> &'a [u8] {
    bytes.get(range.clone()).unwrap_or_default()
}

fn read_varint(bytes: &[u8], at: &mut usize) -> usize {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = bytes.get(*at).copied().unwrap_or_default();
        *at += 1;
        value |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return value;
        }
        shift += 7;
    }
}

fn write_varint(bytes: &mut Vec<u8>, mut value: usize) {
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            return bytes.push(low);
        }
        bytes.push(low | 0x80);
    }
}
