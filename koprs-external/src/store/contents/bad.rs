//! Objects that are bad until they change, and what they take in memory.

use std::collections::BTreeMap;

/// Why an object is bad: where in its content, and what.
pub(super) struct Bad {
    pub(super) at: String,
    pub(super) message: String,
}

impl Bad {
    /// What it takes in memory, with the path of its object.
    pub(super) fn memory(&self, path: &str) -> u64 {
        let text = |text: &str| text.len() + 16;
        (size_of::<(String, Self)>() + text(path) + text(&self.at) + text(&self.message)) as u64
    }
}

/// Bad objects, by path.
#[derive(Default)]
pub(super) struct BadObjects {
    objects: BTreeMap<String, Bad>,
    memory: u64,
}

impl BadObjects {
    pub(super) fn insert(&mut self, path: &str, bad: Bad) {
        self.remove(path);
        self.memory = self.memory.saturating_add(bad.memory(path));
        self.objects.insert(path.to_owned(), bad);
    }

    pub(super) fn remove(&mut self, path: &str) {
        if let Some(bad) = self.objects.remove(path) {
            self.memory = self.memory.saturating_sub(bad.memory(path));
        }
    }

    pub(super) fn contains(&self, path: &str) -> bool {
        self.objects.contains_key(path)
    }

    pub(super) fn first(&self) -> Option<(&str, &Bad)> {
        self.objects.first_key_value().map(|(path, bad)| (path.as_str(), bad))
    }

    pub(super) fn count(&self) -> usize {
        self.objects.len()
    }

    /// What all of them take in memory.
    pub(super) fn memory(&self) -> u64 {
        self.memory
    }

    /// What all of them would take in memory with another one.
    pub(super) fn memory_with(&self, path: &str, bad: &Bad) -> u64 {
        let before = self.objects.get(path).map_or(0, |before| before.memory(path));
        self.memory.saturating_sub(before).saturating_add(bad.memory(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_objects_take_the_memory_of_their_texts() {
        let bad = |message: &str| Bad { at: "/a".to_owned(), message: message.to_owned() };
        let mut objects = BadObjects::default();
        objects.insert("a", bad("1"));
        let one = objects.memory();
        assert!(one > 4, "{one}");
        assert_eq!(objects.memory_with("a", &bad("12")), one + 1);
        assert_eq!(objects.memory_with("b", &bad("1")), 2 * one);
        objects.insert("a", bad("12"));
        objects.insert("b", bad("1"));
        assert_eq!((objects.memory(), objects.count()), (2 * one + 1, 2));
        objects.remove("a");
        objects.remove("b");
        objects.remove("b");
        assert_eq!((objects.memory(), objects.count()), (0, 0));
    }
}
