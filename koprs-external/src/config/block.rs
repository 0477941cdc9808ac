//! A mapping of the file, asked for its keys by name.
//!
//! Opening a block reports what is wrong with its keys: unknown, misspelled, twice. A misspelled key
//! counts as its setting, unusable, so that one mistake is not told twice.

use std::collections::HashMap;

use super::mask::key_may_be_shown;
use super::place::{At, Given, Mistake, Place};
use super::suggest::{Similar, list};
use super::tree::{Node, Value};
use crate::spec::settings::SETTINGS;

/// Keys that cannot be left out.
const REQUIRED: [&str; 4] = ["apiVersion", "watchers", "name", "url"];

/// The keys that a block knows, and how the block is called in messages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys {
    pub(super) of: &'static str,
    pub(super) known: &'static [&'static str],
}

/// A key and what stands under it.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) key: At<&'a str>,
    node: &'a Node,
}

/// An open mapping.
#[derive(Default)]
pub(super) struct Block<'a> {
    entries: Vec<Entry<'a>>,
    misspelled: Vec<&'static str>,
    /// Whether it has no key but unknown ones; what is missing is among those.
    strange: bool,
}

impl<'a> Block<'a> {
    /// Opens the mapping under a key.
    pub(super) fn open(entry: Entry<'a>, keys: Keys, out: &mut Vec<Mistake>) -> Option<Self> {
        match &entry.node.value {
            Value::Mapping(entries) => Some(Self::read(entries, keys, out)),
            _ => refuse(entry, "a mapping", out),
        }
    }

    /// Reads the keys of a mapping.
    pub(super) fn read(
        entries: impl IntoIterator<Item = &'a (Node, Node)>,
        keys: Keys,
        out: &mut Vec<Mistake>,
    ) -> Self {
        let mut block = Self::default();
        for entry in unique(entries, out) {
            if keys.known.contains(&entry.key.value) {
                block.entries.push(entry);
            } else {
                let similar = Similar::find(entry.key.value, keys.known.iter().copied());
                block.misspelled.extend(similar.word());
                block.strange = true;
                out.push(unknown(entry, keys, similar));
            }
        }
        block.strange &= block.entries.is_empty();
        block
    }

    /// The entry of a known key.
    pub(super) fn take(&self, key: &'static str) -> Given<Entry<'a>> {
        match self.entries.iter().find(|entry| entry.key.value == key) {
            Some(entry) => Given::Written(At { place: entry.key.place, value: *entry }),
            None if self.misspelled.contains(&key) => Given::Broken,
            None => Given::Absent,
        }
    }

    /// The text of a known key; its place is that of the text.
    pub(super) fn text(&self, key: &'static str, out: &mut Vec<Mistake>) -> Given<String> {
        match self.take(key) {
            Given::Absent => Given::Absent,
            Given::Broken => Given::Broken,
            Given::Written(at) => at.value.text(out).map_or(Given::Broken, Given::Written),
        }
    }

    /// The one key that is given of several, where exactly one has to be. `what` they are is said in
    /// the messages, and `at` is where the missing one is missed.
    pub(super) fn choice(
        &self,
        among: &[&'static str],
        what: &str,
        at: Place,
        out: &mut Vec<Mistake>,
    ) -> Option<Entry<'a>> {
        let refused = |place, code, how: &str| {
            Mistake::new(place, code, format!("{what} {how}"))
                .help(format!("give exactly one of {}", list(among.iter().copied())))
        };
        let mut given = self.entries.iter().filter(|entry| among.contains(&entry.key.value));
        match (given.next(), given.next()) {
            (Some(entry), None) => return Some(*entry),
            (None, _) if self.strange => {}
            (None, _) if among.iter().any(|key| self.misspelled.contains(key)) => {}
            (None, _) => out.push(refused(at, "missing-choice", "is not given")),
            (Some(_), Some(second)) => {
                out.push(refused(second.key.place, "second-choice", "is given twice"));
            }
        }
        None
    }
}

impl<'a> Entry<'a> {
    /// How its key is called in messages.
    fn name(self) -> String {
        match key_may_be_shown(self.key.value, self.node) {
            true => format!("`{}`", self.key.value),
            false => "the key".to_owned(),
        }
    }

    /// A scalar, as it was written.
    pub(super) fn text(self, out: &mut Vec<Mistake>) -> Option<At<String>> {
        match &self.node.value {
            Value::Scalar(text) => Some(At { place: self.node.place, value: text.clone() }),
            _ => refuse(self, "a value", out),
        }
    }

    /// A list.
    pub(super) fn list(self, out: &mut Vec<Mistake>) -> Option<&'a [Node]> {
        match &self.node.value {
            Value::Sequence(items) => Some(items),
            _ => refuse(self, "a list", out),
        }
    }

    /// A mapping of any keys to scalars.
    pub(super) fn map(self, out: &mut Vec<Mistake>) -> Option<Vec<(At<String>, At<String>)>> {
        let Value::Mapping(entries) = &self.node.value else {
            return refuse(self, "a mapping", out);
        };
        let pair = |entry: Entry<'_>, out: &mut Vec<Mistake>| {
            let name = At { place: entry.key.place, value: entry.key.value.to_owned() };
            entry.text(out).map(|value| (name, value))
        };
        Some(unique(entries, out).into_iter().filter_map(|entry| pair(entry, out)).collect())
    }
}

/// The entries whose keys are text, each key once.
fn unique<'a>(
    entries: impl IntoIterator<Item = &'a (Node, Node)>,
    out: &mut Vec<Mistake>,
) -> Vec<Entry<'a>> {
    let mut kept = Vec::new();
    let mut seen: HashMap<&str, Place> = HashMap::new();
    for (key, node) in entries {
        let place = key.place;
        let Value::Scalar(name) = &key.value else {
            out.push(Mistake::new(place, "bad-key", "the key is not a word"));
            continue;
        };
        let entry = Entry { key: At { place, value: name.as_str() }, node };
        match seen.get(name.as_str()) {
            Some(first) => out.push(
                Mistake::new(place, "duplicate-key", format!("{} is given twice", entry.name()))
                    .help(format!("the first is in line {}; keep one of them", first.line)),
            ),
            None => {
                seen.insert(name, place);
                kept.push(entry);
            }
        }
    }
    kept
}

fn unknown(entry: Entry<'_>, keys: Keys, similar: Similar<'static>) -> Mistake {
    let Entry { key, node } = entry;
    let name = key.value;
    let message = match key_may_be_shown(name, node) {
        true => format!("{} has no `{name}`", keys.of),
        false => format!("{} has no such key", keys.of),
    };
    let elsewhere = SETTINGS.iter().find(|setting| setting.yaml() == name);
    let help = match (similar.word(), elsewhere) {
        (None, Some(setting)) if keys.of == "a watcher" || keys.of == "`http`" => {
            match setting.block {
                "" => format!("`{name}` stands in the watcher itself"),
                block => format!("`{name}` stands under `{block}`"),
            }
        }
        _ => similar.help(keys.known.iter().copied()),
    };
    Mistake::new(key.place, "unknown-key", message).help(help)
}

/// Reports a value of another kind than `expected`.
fn refuse<T>(entry: Entry<'_>, expected: &str, out: &mut Vec<Mistake>) -> Option<T> {
    let name = entry.key.value;
    let found = match &entry.node.value {
        Value::Null => {
            out.push(empty(entry, expected));
            return None;
        }
        Value::Scalar(_) => "a value",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "a mapping",
    };
    let message = format!("{} is {found}, not {expected}", entry.name());
    let mistake = Mistake::new(entry.key.place, "wrong-type", message);
    out.push(match SETTINGS.iter().find(|setting| setting.yaml() == name) {
        Some(setting) => mistake.help(format!("`{name}`: {}", setting.doc)),
        None => mistake,
    });
    None
}

fn empty(entry: Entry<'_>, expected: &str) -> Mistake {
    let Entry { key, node } = entry;
    let name = key.value;
    let place = if node.place.length == 0 { key.place } else { node.place };
    let message = match key_may_be_shown(name, node) {
        true => format!("`{name}` is empty"),
        false => "the key has no value".to_owned(),
    };
    let help = match REQUIRED.contains(&name) {
        true => format!("write {expected}"),
        false => format!("write {expected}, or remove the key"),
    };
    Mistake::new(place, "empty-value", message).help(help)
}
