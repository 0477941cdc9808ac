//! What did not come in its place: sorted, and each object once.

use crate::store::StoredObject;

/// So often is it asked what came twice.
const MOST_TWICE: usize = 100;

/// What was gathered, by path, each once.
pub(super) struct Sorted {
    /// Whether it was so before.
    pub(super) in_order: bool,
    pub(super) objects: Vec<StoredObject>,
    /// What was there more than once.
    pub(super) twice: Vec<String>,
}

/// Sorts what was gathered. What is there twice is one object that was told on two pages, or it is another one
/// that is told under its name: the placeholder of a folder, `dir/`, or a key that begins with `/`. The store is
/// asked which of them has that name, up to a hundred times; otherwise the last one that is not empty is meant.
pub(super) fn sorted(mut objects: Vec<StoredObject>) -> Sorted {
    if objects.is_sorted_by(|one, other| one.path < other.path) {
        return Sorted { in_order: true, objects, twice: Vec::new() };
    }
    objects.sort_by(|one, other| one.path.cmp(&other.path));
    let mut twice = Vec::new();
    objects.dedup_by(|later, kept| {
        let is_twice = later.path == kept.path;
        if is_twice && twice.len() < MOST_TWICE {
            twice.push(later.path.clone());
        }
        if is_twice && later.size > 0 {
            std::mem::swap(later, kept);
        }
        is_twice
    });
    twice.dedup();
    Sorted { in_order: false, objects, twice }
}

/// In its place among others of which each is there once.
pub(super) fn put(objects: &mut [StoredObject], object: StoredObject) {
    let place = objects.binary_search_by(|other| other.path.cmp(&object.path));
    if let Some(other) = place.ok().and_then(|place| objects.get_mut(place)) {
        *other = object;
    }
}
