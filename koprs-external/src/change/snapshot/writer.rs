//! Blocks being written: whole ones as they are, and entries that make up new ones.

use super::block::{Block, Cursor, Encoder};
use super::doubt::Doubt;

/// At this size, in bytes, a block made of entries is full.
const FULL: usize = 3072;

/// In ascending key order.
#[derive(Default)]
pub(super) struct Writer {
    blocks: Vec<Block>,
    open: Encoder,
    /// The size of the blocks.
    bytes: usize,
}

impl Writer {
    pub(super) fn push(&mut self, key: &[u8], mark: &[u8], doubt: Doubt) {
        if self.open.size() >= FULL {
            self.close();
        }
        self.open.push(key, mark, doubt);
    }

    /// An entry of a block.
    pub(super) fn copy(&mut self, block: &Block, cursor: &Cursor) {
        self.push(cursor.key(), cursor.mark(block), block.doubt(cursor.index()));
    }

    /// A whole block, which is moved unless it or the one before it is small.
    pub(super) fn append(&mut self, block: Block) {
        self.close();
        self.add(block);
    }

    pub(super) fn finish(mut self) -> Vec<Block> {
        self.close();
        self.blocks.shrink_to_fit();
        self.blocks
    }

    fn close(&mut self) {
        let block = self.open.close();
        self.add(block);
    }

    /// The size of what is written.
    pub(super) fn bytes(&self) -> usize {
        self.bytes + self.open.size()
    }

    fn push_block(&mut self, block: Block) {
        self.bytes += block.size();
        self.blocks.push(block);
    }

    fn add(&mut self, mut block: Block) {
        if block.count() == 0 {
            return;
        }
        block.settle();
        match self.blocks.pop_if(|last| last.is_small() || block.is_small()) {
            Some(last) => {
                self.bytes -= last.size();
                for block in Block::together(&last, &block) {
                    self.push_block(block);
                }
            }
            None => self.push_block(block),
        }
    }
}
