//! A declaration as it is written, before anything of it is understood. Each front door turns its text into nodes.

use std::ops::Range;

use super::mistake::Place;

/// The deepest nesting. The settings themselves need about ten.
pub(crate) const DEEPEST: usize = 32;
/// The most nodes of a file, keys among them, before and after aliases are followed.
pub(crate) const MOST_NODES: usize = 500_000;

/// A value with its place.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    bytes: Range<u32>,
    pub(crate) value: Value,
}

impl Node {
    /// A node is as small as it can be, because a file has some twenty for each watcher.
    pub(crate) fn new(place: Place, Range { start, end }: Range<usize>, value: Value) -> Self {
        let [start, end] = [start, end].map(|at| u32::try_from(at).unwrap_or(u32::MAX));
        Self { place, bytes: start..end, value }
    }

    /// Where a scalar stands in the text; of other nodes, only where they begin.
    pub(crate) fn bytes(&self) -> Range<usize> {
        self.bytes.start as usize..self.bytes.end as usize
    }
}

/// What a node holds. A scalar keeps the text that it was written with: `30` and `true` stay text.
#[derive(Debug)]
pub(crate) enum Value {
    Null,
    Scalar(String),
    Sequence(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
}
