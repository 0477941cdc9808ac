//! `items`: a value that is a list, followed item by item.

use super::Pointer;

/// The most items of a list.
pub(crate) const LIMIT: usize = 100_000;

/// A list: where its items are, and what tells them apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Items {
    /// The array or the object of items in the body; the root is the whole body.
    pub(crate) at: Pointer,
    /// The key in an item. Without it the items are the members of an object, and their names the keys.
    pub(crate) key: Option<Pointer>,
    /// The most items.
    pub(crate) limit: usize,
    /// What becomes of a bad one.
    pub(crate) on_bad: OnBadItem,
}

/// What becomes of an item that cannot be decoded or has no key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnBadItem {
    /// It is reported and keeps its last good value; the others go on.
    #[default]
    Keep,
    /// The poll fails.
    Fail,
}
