//! What did not come in its place: sorted, and each object once.

use crate::store::StoredObject;
use crate::store::mark::{self, Facts};

/// So often is it asked what came twice.
const MOST_TWICE: usize = 100;

/// An object that waits for the end of the listing, packed: its path, and its mark.
pub(super) struct Gathered {
    packed: Box<[u8]>,
    path_length: usize,
}

impl Gathered {
    /// Packs an object, with the help of a buffer.
    pub(super) fn new(object: &StoredObject, mark: &mut Vec<u8>) -> Self {
        mark::pack(Facts::of(object), mark);
        let packed = [object.path.as_bytes(), mark].concat().into_boxed_slice();
        Self { packed, path_length: object.path.len() }
    }

    /// Unpacks it.
    pub(super) fn object(&self) -> Option<StoredObject> {
        let (path, mark) = self.packed.split_at_checked(self.path_length)?;
        mark::unpack(std::str::from_utf8(path).ok()?, mark)
    }

    /// What it takes in memory.
    pub(super) fn memory(&self) -> usize {
        size_of::<Self>() + self.packed.len() + 16
    }

    /// Its path, in whose order objects are sorted.
    fn path(&self) -> &[u8] {
        self.packed.get(..self.path_length).unwrap_or_default()
    }
}

/// What was gathered, by path, each once.
pub(super) struct Sorted {
    /// Whether it was so before.
    pub(super) in_order: bool,
    pub(super) objects: Vec<Gathered>,
    /// What was there more than once.
    pub(super) twice: Vec<String>,
}

/// Sorts what was gathered. What is there twice is one object that was told on two pages, or it is another one
/// that is told under its name: the placeholder of a folder, `dir/`, or a key that begins with `/`. The store is
/// asked which of them has that name, up to a hundred times; otherwise the last one that is not empty is meant.
pub(super) fn sorted(mut objects: Vec<Gathered>) -> Sorted {
    if objects.is_sorted_by(|one, other| one.path() < other.path()) {
        return Sorted { in_order: true, objects, twice: Vec::new() };
    }
    objects.sort_by(|one, other| one.path().cmp(other.path()));
    let mut twice = Vec::new();
    objects.dedup_by(|later, kept| {
        let is_twice = later.path() == kept.path();
        if is_twice && let Some(object) = later.object() {
            if object.size > 0 {
                std::mem::swap(later, kept);
            }
            if twice.len() < MOST_TWICE {
                twice.push(object.path);
            }
        }
        is_twice
    });
    twice.dedup();
    Sorted { in_order: false, objects, twice }
}

/// In its place among others of which each is there once.
pub(super) fn put(objects: &mut [Gathered], object: Gathered) {
    let place = objects.binary_search_by(|other| other.path().cmp(object.path()));
    if let Some(other) = place.ok().and_then(|place| objects.get_mut(place)) {
        *other = object;
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn what_is_gathered_takes_half_of_an_object_and_comes_out_again() {
        let object = StoredObject {
            path: format!("models/{}.json", "a".repeat(43)),
            etag: Some("\"9e107d9d372bb6826bd81d3542a419d6\"".to_owned()),
            size: 50 << 30,
            last_modified: DateTime::from_timestamp(1_795_000_000, 0).unwrap(),
            version: None,
        };
        let gathered = Gathered::new(&object, &mut Vec::new());
        assert_eq!(gathered.object(), Some(object));
        assert!(gathered.memory() <= 130, "{}", gathered.memory());
    }
}
