//! The last value of each item, for what a change has changed. Bounded.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use koprs_external::ExternalEvent;
use koprs_external::set::ValueEvent;
use serde_json::Value;

/// The most bytes of keys and values that are kept.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// The items of a watcher by their keys; a value has none.
type Items = HashMap<Option<String>, Box<str>>;

/// Values as JSON, which takes a fraction of the memory of their trees.
pub(super) struct LastValues {
    watchers: HashMap<Arc<str>, Items>,
    /// Bytes that may still be kept.
    room: usize,
    is_full: bool,
}

impl Default for LastValues {
    fn default() -> Self {
        Self::with_room(MOST_BYTES)
    }
}

impl LastValues {
    fn with_room(room: usize) -> Self {
        Self { watchers: HashMap::new(), room, is_full: false }
    }

    /// Takes note of an event. Returns the value that a modified item had, where it is known.
    pub(super) fn update(&mut self, event: &ValueEvent) -> Option<Value> {
        let ValueEvent { watcher, key, event, .. } = event;
        let before = self.take(watcher, key);
        if let ExternalEvent::Removed(_) = event {
            return None;
        }
        self.keep(watcher, key, event.value());
        let before = before.filter(|_| matches!(event, ExternalEvent::Modified(_)))?;
        serde_json::from_str(&before).ok()
    }

    fn take(&mut self, watcher: &Arc<str>, key: &Option<String>) -> Option<Box<str>> {
        let before = self.watchers.get_mut(watcher)?.remove(key)?;
        self.room += size_of_item(key, &before);
        Some(before)
    }

    fn keep(&mut self, watcher: &Arc<str>, key: &Option<String>, value: &Value) {
        let text = value.to_string().into_boxed_str();
        match self.room.checked_sub(size_of_item(key, &text)) {
            Some(room) => {
                self.room = room;
                self.watchers.entry(Arc::clone(watcher)).or_default().insert(key.clone(), text);
            }
            None if !std::mem::replace(&mut self.is_full, true) => {
                let most = MOST_BYTES / (1024 * 1024);
                let _ = writeln!(
                    io::stderr(),
                    "the last values take more than {most} MiB; some changes are printed without what was there before"
                );
            }
            None => {}
        }
    }
}

fn size_of_item(key: &Option<String>, text: &str) -> usize {
    key.as_ref().map_or(0, String::len) + text.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn update(values: &mut LastValues, key: &str, event: ExternalEvent<Value>) -> Option<Value> {
        values.update(&ValueEvent::new("flags".into(), Some(key.to_owned()), event))
    }

    #[test]
    fn a_modified_item_had_the_value_that_came_last() {
        use ExternalEvent::{Added, Modified, Removed};
        let mut values = LastValues::default();
        assert_eq!(update(&mut values, "a", Added(json!(1))), None);
        assert_eq!(update(&mut values, "b", Added(json!(5))), None);
        assert_eq!(update(&mut values, "a", Modified(json!(2))), Some(json!(1)));
        assert_eq!(update(&mut values, "a", Modified(json!([3]))), Some(json!(2)));
        assert_eq!(update(&mut values, "a", Removed(json!([3]))), None);
        assert_eq!(update(&mut values, "a", Added(json!(4))), None);
        assert_eq!(update(&mut values, "a", Modified(json!(5))), Some(json!(4)));
        assert_eq!(update(&mut values, "unknown", Modified(json!(1))), None);
    }

    #[test]
    fn what_finds_no_room_is_not_kept_and_the_room_of_removed_items_is_free_again() {
        use ExternalEvent::{Added, Modified, Removed};
        let mut values = LastValues::with_room("a".len() + "1".len());
        update(&mut values, "a", Added(json!(1)));
        update(&mut values, "b", Added(json!(1)));
        assert_eq!(update(&mut values, "b", Modified(json!(2))), None);
        assert_eq!(update(&mut values, "a", Modified(json!(2))), Some(json!(1)));
        update(&mut values, "a", Removed(json!(2)));
        update(&mut values, "b", Modified(json!(3)));
        assert_eq!(update(&mut values, "b", Modified(json!(4))), Some(json!(3)));
    }
}
