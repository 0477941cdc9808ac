//! What a source has learned and nobody was told: it is nothing that can be taken back.

use std::collections::{BTreeMap, BTreeSet};

use crate::watcher::ExternalEvent;

/// What was learned and never told.
pub(super) struct Untold<T> {
    /// What is known of no one else.
    pub(super) new: BTreeSet<String>,
    /// What is gone, and was told before.
    pub(super) gone: Vec<T>,
}

/// Of events that nobody was told, in the order in which they were learned: of an item there may be several.
pub(super) fn untold<T>(told: Vec<ExternalEvent<T>>, path: impl Fn(&T) -> &str) -> Untold<T> {
    let mut new = BTreeSet::new();
    let mut gone = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for event in told {
        let path = path(event.value()).to_owned();
        let is_first = seen.insert(path.clone());
        match event {
            ExternalEvent::Added(_) if is_first => {
                new.insert(path);
            }
            ExternalEvent::Added(_) | ExternalEvent::Modified(_) => {
                gone.remove(&path);
            }
            ExternalEvent::Removed(item) if !new.contains(&path) => {
                gone.insert(path, item);
            }
            ExternalEvent::Removed(_) => {}
        }
    }
    Untold { new, gone: gone.into_values().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `+a -b` is what was learned. Returns what is new, and what is gone.
    fn play(told: &str) -> (String, String) {
        let event = |word: &str| {
            let item = word[1..].to_owned();
            match &word[..1] {
                "+" => ExternalEvent::Added(item),
                "~" => ExternalEvent::Modified(item),
                _ => ExternalEvent::Removed(item),
            }
        };
        let Untold { new, gone } = untold(told.split_whitespace().map(event).collect(), |it| it);
        (Vec::from_iter(new).join(" "), gone.join(" "))
    }

    #[test]
    fn an_item_is_new_by_its_first_event_and_gone_by_its_last() {
        let cases = [
            ("", "", ""),
            ("+a ~b -c", "a", "c"),
            ("+a ~a", "a", ""),
            ("+a -a", "a", ""),
            ("+a -a +a", "a", ""),
            ("-a +a", "", ""),
            ("-a +a -a", "", "a"),
            ("~a -a", "", "a"),
            ("-b -a", "", "a b"),
        ];
        for (told, new, gone) in cases {
            assert_eq!(play(told), (new.to_owned(), gone.to_owned()), "{told}");
        }
    }
}
