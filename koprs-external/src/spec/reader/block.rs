//! A mapping of the file, asked for its keys by name.
//!
//! Opening a block reports what is wrong with its keys: unknown, misspelled, twice, beside their block. A
//! misspelled key counts as its setting, unusable, so that one mistake is not told twice.

mod help;
mod mistakes;
mod unique;

use super::keys::Keys;
use super::{is_full, key_may_be_shown};
use crate::spec::mistake::{At, Given, Mistake, Place, push};
use crate::spec::node::{Node, Value};
use crate::spec::settings;
use crate::spec::suggest::{Similar, list};
use help::{QUERY, below, example, setting};
use mistakes::{beside, empty, refuse, unknown};
use unique::unique;

/// A key and what stands under it.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'a> {
    pub(crate) key: At<&'a str>,
    node: &'a Node,
    /// The block in which it stands.
    block: &'static str,
}

/// An open mapping.
#[derive(Default)]
pub(crate) struct Block<'a> {
    entries: Vec<Entry<'a>>,
    /// Keys that it has, unusable, which was reported.
    broken: Vec<&'static str>,
    /// Whether what is missing may be among the unknown keys: one of them holds a mapping, or there are
    /// no others.
    strange: bool,
}

impl<'a> Block<'a> {
    /// Opens the mapping under a key.
    pub(crate) fn open(entry: Entry<'a>, keys: &Keys, out: &mut Vec<Mistake>) -> Option<Self> {
        match &entry.node.value {
            Value::Mapping(entries) => Some(Self::read(entries, keys, out)),
            _ => refuse(entry, "a mapping", out),
        }
    }

    /// The block under a key that can be left out. One that cannot be read has its keys, unusable.
    pub(crate) fn optional(given: Given<Entry<'a>>, keys: &Keys, out: &mut Vec<Mistake>) -> Self {
        match given.and_then(|at| Self::open(at.value, keys, out)) {
            Given::Absent => Self::default(),
            Given::Broken => Self { broken: keys.known.clone(), ..Self::default() },
            Given::Written(at) => at.value,
        }
    }

    /// Reads the keys of a mapping.
    pub(crate) fn read(
        entries: impl IntoIterator<Item = &'a (Node, Node)>,
        keys: &Keys,
        out: &mut Vec<Mistake>,
    ) -> Self {
        let entries = unique(entries, keys.block, out);
        let outdented = outdented(&entries, keys);
        let names: Vec<_> = entries.iter().map(|entry| entry.key.value).collect();
        let mut block = Self::default();
        let mut unknown_ones = false;
        for (n, entry) in entries.into_iter().enumerate() {
            let name = entry.key.value;
            if outdented.contains(&name) {
                continue;
            }
            if keys.known.contains(&name) {
                block.entries.push(entry);
                continue;
            }
            match keys.below(name).filter(|below| outdented.contains(below)) {
                Some(below) => push(out, || beside(entry, below, follows(&names, n, below, keys))),
                None => {
                    let similar = match is_full(out) {
                        false => Similar::setting(name, keys.known.iter().copied()),
                        true => Similar::None,
                    };
                    block.broken.extend(
                        similar.word().or_else(|| below(keys, name).map(|(block, _)| block)),
                    );
                    block.strange |= matches!(entry.node.value, Value::Mapping(_));
                    unknown_ones = true;
                    push(out, || unknown(entry, keys, similar));
                }
            }
        }
        block.broken.extend(outdented);
        block.strange |= unknown_ones && block.entries.is_empty();
        block
    }

    /// Whether only keys that it does not know are in it.
    pub(crate) fn is_strange(&self) -> bool {
        self.strange
    }

    /// The entry of a known key.
    pub(crate) fn take(&self, key: &'static str) -> Given<Entry<'a>> {
        match self.entries.iter().find(|entry| entry.key.value == key) {
            Some(entry) => Given::Written(At { place: entry.key.place, value: *entry }),
            None if self.broken.contains(&key) => Given::Broken,
            None => Given::Absent,
        }
    }

    /// Reports a key that is not there.
    pub(crate) fn miss(&self, keys: &Keys, key: &'static str, at: Place, out: &mut Vec<Mistake>) {
        let is_own = key == "url" || key == "name" && keys.block.is_empty();
        if self.strange && !is_own || !matches!(self.take(key), Given::Absent) {
            return;
        }
        let of = if keys.block.is_empty() { "the watcher" } else { keys.of.as_str() };
        let message = format!("{of} has no `{key}`");
        let (code, help) = match (key, example(keys.block, key), setting(keys.block, key)) {
            ("name", ..) if keys.block.is_empty() => {
                ("missing-name", "names are how watchers are found: `name: flags`".to_owned())
            }
            ("url", _, Some(setting)) => {
                ("missing-url", format!("say what is polled: `url: {}`", setting.example))
            }
            (_, Some(example), _) => ("missing-setting", format!("write {example}")),
            (_, None, Some(setting)) => ("missing-setting", format!("`{key}`: {}", setting.doc)),
            (_, None, None) => ("missing-setting", format!("write `{key}`")),
        };
        out.push(Mistake::new(at, code, message).help(help));
    }

    /// The one key that is given of several, where exactly one has to be. `what` they are is said in
    /// the messages, and `at` is where the missing one is missed.
    pub(crate) fn choice(
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

    /// Where its value stands.
    pub(crate) fn place(self) -> Place {
        self.node.place
    }

    pub(crate) fn is_scalar(self) -> bool {
        matches!(self.node.value, Value::Scalar(_))
    }

    /// A scalar, as it was written.
    pub(crate) fn text(self, out: &mut Vec<Mistake>) -> Option<At<&'a str>> {
        match &self.node.value {
            Value::Scalar(text) => Some(At { place: self.node.place, value: text }),
            _ => refuse(self, "a value", out),
        }
    }

    /// A scalar that is not empty.
    pub(crate) fn filled_text(self, out: &mut Vec<Mistake>) -> Option<At<&'a str>> {
        let text = self.text(out)?;
        if text.value.is_empty() {
            push(out, || empty(self, "a value"));
            return None;
        }
        Some(text)
    }

    pub(crate) fn is_mapping(self) -> bool {
        matches!(self.node.value, Value::Mapping(_))
    }

    /// Whether it has nothing under it: no value, or an empty mapping.
    pub(crate) fn is_bare(self) -> bool {
        match &self.node.value {
            Value::Null => true,
            Value::Mapping(entries) => entries.is_empty(),
            Value::Scalar(_) | Value::Sequence(_) => false,
        }
    }

    /// A list.
    pub(crate) fn list(self, out: &mut Vec<Mistake>) -> Option<&'a [Node]> {
        match &self.node.value {
            Value::Sequence(items) => Some(items),
            _ => refuse(self, "a list", out),
        }
    }

    /// A mapping of any keys, which stand in `block`.
    pub(crate) fn entries(
        self,
        block: &'static str,
        out: &mut Vec<Mistake>,
    ) -> Option<Vec<Entry<'a>>> {
        match &self.node.value {
            Value::Mapping(entries) => Some(unique(entries, block, out)),
            _ => refuse(self, "a mapping", out),
        }
    }

    /// A mapping of any keys to scalars, which stand in `block`.
    pub(crate) fn map(
        self,
        block: &str,
        out: &mut Vec<Mistake>,
    ) -> Option<Vec<(At<&'a str>, At<&'a str>)>> {
        let block = if block == QUERY { QUERY } else { "http.header" };
        let entries = self.entries(block, out)?.into_iter();
        Some(entries.filter_map(|entry| Some((entry.key, entry.text(out)?))).collect())
    }

    /// A list of scalars.
    pub(crate) fn texts(self, out: &mut Vec<Mistake>) -> Option<Vec<settings::Entry>> {
        let text = |node: &'a Node| {
            let key = At { place: node.place, ..self.key };
            Entry { key, node, ..self }
        };
        let items = self.list(out)?.iter();
        let texts = items.filter_map(|node| text(node).text(out));
        Some(texts.map(|at| settings::Entry::new(at.place, at.value.to_owned())).collect())
    }
}

/// The empty blocks whose keys stand beside them.
fn outdented(entries: &[Entry<'_>], keys: &Keys) -> Vec<&'static str> {
    let empty = |block: &str| {
        let mut entries = entries.iter();
        entries.any(|it| it.key.value == block && matches!(it.node.value, Value::Null))
    };
    let beside = |below: &[&str]| {
        let mut names = entries.iter().map(|it| it.key.value);
        names.any(|name| below.contains(&name) && !keys.known.contains(&name))
    };
    let outdented = keys.below.iter().filter(|(block, keys)| empty(block) && beside(keys));
    outdented.map(|(block, _)| *block).collect()
}

/// Whether a key would stand in a block if it were indented: nothing is between them.
fn follows(names: &[&str], n: usize, block: &str, keys: &Keys) -> bool {
    let before = names.get(..n).unwrap_or_default();
    before.iter().rev().find(|name| keys.below(name) != Some(block)) == Some(&block)
}

/// How a value is called that is of the wrong kind.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Scalar(_) => "a value",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "a mapping",
    }
}
