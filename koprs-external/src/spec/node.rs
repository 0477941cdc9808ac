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
    /// Where a scalar stands in the text; of other nodes, only where they begin.
    pub(crate) bytes: Range<usize>,
    pub(crate) value: Value,
}

/// What a node holds. A scalar keeps the text that it was written with: `30` and `true` stay text.
#[derive(Debug)]
pub(crate) enum Value {
    Null,
    Scalar(String),
    Sequence(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
}
