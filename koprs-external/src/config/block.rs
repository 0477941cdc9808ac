//! A mapping of the file, asked for its keys by name.
//!
//! Opening a block reports what is wrong with its keys: unknown, misspelled, twice, beside their block. A
//! misspelled key counts as its setting, unusable, so that one mistake is not told twice.

mod help;
mod mistakes;
mod unique;

use super::mask::key_may_be_shown;
use super::place::{At, Given, Mistake, PATIENCE, Place, tell};
use super::suggest::{Similar, list};
use super::tree::{Node, Value};
use help::{QUERY, below, example, setting};
use mistakes::{beside, empty, refuse, unknown};
use unique::unique;

/// The keys that a block knows, and how the block is called in messages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys {
    /// Where they stand, as the settings say it: `http.auth`.
    pub(super) block: &'static str,
    pub(super) of: &'static str,
    pub(super) known: &'static [&'static str],
    /// Blocks in it, and keys that are looked for there.
    pub(super) below: &'static [(&'static str, &'static [&'static str])],
}

impl Keys {
    /// The block below in which a key stands.
    fn below(&self, key: &str) -> Option<&'static str> {
        self.below.iter().find(|(_, keys)| keys.contains(&key)).map(|(block, _)| *block)
    }
}

/// A key and what stands under it.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) key: At<&'a str>,
    node: &'a Node,
    /// The block in which it stands.
    block: &'static str,
}

/// An open mapping.
#[derive(Default)]
pub(super) struct Block<'a> {
    entries: Vec<Entry<'a>>,
    /// Keys that it has, unusable, which was reported.
    broken: Vec<&'static str>,
    /// Whether what is missing may be among the unknown keys: one of them holds a mapping, or there are
    /// no others.
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

    /// The block under a key that can be left out. One that cannot be read has its keys, unusable.
    pub(super) fn optional(given: Given<Entry<'a>>, keys: Keys, out: &mut Vec<Mistake>) -> Self {
        match given.and_then(|at| Self::open(at.value, keys, out)) {
            Given::Absent => Self::default(),
            Given::Broken => Self { broken: keys.known.to_vec(), ..Self::default() },
            Given::Written(at) => at.value,
        }
    }

    /// Reads the keys of a mapping.
    pub(super) fn read(
        entries: impl IntoIterator<Item = &'a (Node, Node)>,
        keys: Keys,
        out: &mut Vec<Mistake>,
    ) -> Self {
        let entries = unique(entries, keys.block, out);
        let spilled = spilled(&entries, keys);
        let names: Vec<_> = entries.iter().map(|entry| entry.key.value).collect();
        let mut block = Self::default();
        let mut unknown_ones = false;
        for (n, entry) in entries.into_iter().enumerate() {
            let name = entry.key.value;
            if spilled.contains(&name) {
                continue;
            }
            if keys.known.contains(&name) {
                block.entries.push(entry);
                continue;
            }
            match keys.below(name).filter(|below| spilled.contains(below)) {
                Some(below) => tell(out, || beside(entry, below, follows(&names, n, below, keys))),
                None => {
                    let similar = match out.len() < PATIENCE {
                        true => Similar::setting(name, keys.known.iter().copied()),
                        false => Similar::None,
                    };
                    block.broken.extend(
                        similar.word().or_else(|| below(keys, name).map(|(block, _)| block)),
                    );
                    block.strange |= matches!(entry.node.value, Value::Mapping(_));
                    unknown_ones = true;
                    tell(out, || unknown(entry, keys, similar));
                }
            }
        }
        block.broken.extend(spilled);
        block.strange |= unknown_ones && block.entries.is_empty();
        block
    }

    /// Whether only keys that it does not know are in it.
    pub(super) fn is_strange(&self) -> bool {
        self.strange
    }

    /// The entry of a known key.
    pub(super) fn take(&self, key: &'static str) -> Given<Entry<'a>> {
        match self.entries.iter().find(|entry| entry.key.value == key) {
            Some(entry) => Given::Written(At { place: entry.key.place, value: *entry }),
            None if self.broken.contains(&key) => Given::Broken,
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

    /// The text of a key that cannot be left out. `at` is where it is missed.
    pub(super) fn required(
        &self,
        keys: Keys,
        key: &'static str,
        at: Place,
        out: &mut Vec<Mistake>,
    ) -> Given<String> {
        self.miss(keys, key, at, out);
        self.text(key, out)
    }

    /// Reports a key that is not there.
    pub(super) fn miss(&self, keys: Keys, key: &'static str, at: Place, out: &mut Vec<Mistake>) {
        if self.strange || !matches!(self.take(key), Given::Absent) {
            return;
        }
        let message = format!("{} has no `{key}`", keys.of);
        let help = match (example(keys.block, key), setting(keys.block, key)) {
            (Some(example), _) => format!("write {example}"),
            (None, Some(setting)) => format!("`{key}`: {}", setting.doc),
            (None, None) => format!("write `{key}`"),
        };
        out.push(Mistake::new(at, "missing-setting", message).help(help));
    }

    /// The texts of a list; each knows its place.
    pub(super) fn texts(
        &self,
        key: &'static str,
        out: &mut Vec<Mistake>,
    ) -> Given<Vec<At<String>>> {
        self.take(key).and_then(|at| {
            let text = |node: &'a Node| {
                let key = At { place: node.place, ..at.value.key };
                Entry { key, node, ..at.value }
            };
            let items = at.value.list(out)?;
            Some(items.iter().filter_map(|node| text(node).text(out)).collect())
        })
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
            Mistake::new(place, code, format!("{what} {how}")).help(match among {
                [one] => format!("write {}", example("", one).unwrap_or(one)),
                _ => format!("give exactly one of {}", list(among.iter().copied())),
            })
        };
        let mut given = self.entries.iter().filter(|entry| among.contains(&entry.key.value));
        match (given.next(), given.next()) {
            (Some(entry), None) => return Some(*entry),
            (None, _) if self.strange => {}
            (None, _) if among.iter().any(|key| self.broken.contains(key)) => {}
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

    /// A scalar that is not empty.
    pub(super) fn filled_text(self, out: &mut Vec<Mistake>) -> Option<At<String>> {
        let text = self.text(out)?;
        if text.value.is_empty() {
            tell(out, || empty(self, "a value"));
            return None;
        }
        Some(text)
    }

    pub(super) fn is_mapping(self) -> bool {
        matches!(self.node.value, Value::Mapping(_))
    }

    /// Whether it has nothing under it: no value, or an empty mapping.
    pub(super) fn is_bare(self) -> bool {
        match &self.node.value {
            Value::Null => true,
            Value::Mapping(entries) => entries.is_empty(),
            Value::Scalar(_) | Value::Sequence(_) => false,
        }
    }

    /// A list.
    pub(super) fn list(self, out: &mut Vec<Mistake>) -> Option<&'a [Node]> {
        match &self.node.value {
            Value::Sequence(items) => Some(items),
            _ => refuse(self, "a list", out),
        }
    }

    /// A mapping of any keys, which stand in `block`.
    pub(super) fn entries(
        self,
        block: &'static str,
        out: &mut Vec<Mistake>,
    ) -> Option<Vec<Entry<'a>>> {
        match &self.node.value {
            Value::Mapping(entries) => Some(unique(entries, block, out)),
            _ => refuse(self, "a mapping", out),
        }
    }

    /// A mapping of any keys to scalars.
    pub(super) fn map(self, out: &mut Vec<Mistake>) -> Option<Vec<(At<String>, At<String>)>> {
        let pair = |entry: Entry<'_>, out: &mut Vec<Mistake>| {
            entry.text(out).map(|value| (entry.key.map(str::to_owned), value))
        };
        let block = if self.key.value == "query" { QUERY } else { "http.header" };
        let entries = self.entries(block, out)?;
        Some(entries.into_iter().filter_map(|entry| pair(entry, out)).collect())
    }
}

/// The empty blocks whose keys stand beside them.
fn spilled(entries: &[Entry<'_>], keys: Keys) -> Vec<&'static str> {
    let empty = |block: &str| {
        let mut entries = entries.iter();
        entries.any(|it| it.key.value == block && matches!(it.node.value, Value::Null))
    };
    let beside = |below: &[&str]| {
        let mut names = entries.iter().map(|it| it.key.value);
        names.any(|name| below.contains(&name) && !keys.known.contains(&name))
    };
    let spilled = keys.below.iter().filter(|(block, keys)| empty(block) && beside(keys));
    spilled.map(|(block, _)| *block).collect()
}

/// Whether a key would stand in a block if it were indented: nothing is between them.
fn follows(names: &[&str], n: usize, block: &str, keys: Keys) -> bool {
    let before = names.get(..n).unwrap_or_default();
    before.iter().rev().find(|name| keys.below(name) != Some(block)) == Some(&block)
}

/// How a value is called that is of the wrong kind.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Scalar(_) => "a value",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "a mapping",
    }
}
