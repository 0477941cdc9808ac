//! A watcher out of any format of serde: any value to the tree of a file, and on as from a file.
//!
//! The nodes of such a tree have no places in a text. Each is counted instead, and the number stands where a line
//! would, so that a mistake finds the path of its node.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::mistake::{Mistake, Place};
use super::node::{DEEPEST, Node, Value};
use super::quote::{Content, is_visible};
use super::reader::{self, key_may_be_shown};
use super::{WatcherSpec, bounds, list_mistakes, size};
use crate::printable::{self, one_line_of, printable};
use crate::secret::Hidden;

/// A watcher as it stands in the `watchers` of a file, from any format: JSON of the API server, YAML, TOML.
///
/// It is read as a [file](crate::config) is: with the same checks, numbers and booleans as the texts that they
/// are written as, and the same bounds. `defaults` there are none. Relative paths begin in the folder that the
/// process runs in.
///
/// Who wrote it is not known: before a source is made of it, that has to be said
/// ([`under`](WatcherSpec::under)).
///
/// # Errors
///
/// Those of the format, and every mistake of the watcher at once, each with its path in the value. No value is
/// shown that may be a secret.
///
/// What the text itself is refused for is told by the crate that reads it, in the words of its own API. A file that
/// people write had better be read as a [`WatcherSet`](crate::set::WatcherSet), which tells that, too, with the line
/// and a way out.
///
/// ```
/// use koprs_external::spec::WatcherSpec;
///
/// let text = r#"{ "name": "flags", "interval": "30", "http": { "url": "https://h/x", "retry": 1 } }"#;
/// let refused = serde_json::from_str::<WatcherSpec>(text).unwrap_err().to_string();
/// assert!(refused.starts_with(
///     "watcher `flags`; interval: `30` is not a duration (a duration needs a unit: `30s`); \
///      http.retry: `http` has no `retry` (it is called `retries`"
/// ));
/// ```
impl<'de> Deserialize<'de> for WatcherSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let budget = Budget::default();
        let node = Seed { budget: &budget, depth: 0, number: 0 }.deserialize(deserializer)?;
        read(&node).map_err(|mistakes| D::Error::custom(told(&node, mistakes)))
    }
}

fn read(node: &Node) -> Result<WatcherSpec, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let read = reader::watcher(node, None, Path::new(""), &mut mistakes);
    let settings = read.and_then(|(_, settings)| settings);
    match settings.and_then(|it| WatcherSpec::from_settings(it, Hidden::default())) {
        Some(spec) if mistakes.is_empty() => Ok(spec),
        _ => Err(mistakes),
    }
}

/// That a watcher is larger than one may be.
pub(crate) fn too_large() -> String {
    let (most, nodes) = (size::show(bounds::DECLARATION as u64), bounds::NODES);
    format!("a watcher has at most `{most}` and {nodes} keys and values")
}

/// The mistakes, in the order of the value.
fn told(root: &Node, mut mistakes: Vec<Mistake>) -> String {
    mistakes.sort_by_key(|mistake| mistake.place.line());
    let mut told = name(root);
    let _ = list_mistakes(&mut told, mistakes.iter().map(|mistake| told_one(root, mistake)));
    one_line_of(told.trim_start_matches("; "))
}

fn told_one(root: &Node, mistake: &Mistake) -> String {
    let Mistake { place, code, message, help, first: _ } = mistake;
    let path = path(root, place.line());
    // What is missing beside the name is missing in the watcher.
    let at = if path.is_empty() || (path == "name" && code.starts_with("missing-")) {
        String::new()
    } else {
        format!("{}: ", printable(&path))
    };
    let help = help.as_ref().map(|help| format!(" ({})", printable::message(help)));
    format!("{at}{}{}", printable::message(message), help.unwrap_or_default())
}

/// Which watcher it is, if it says so by what may be shown.
fn name(root: &Node) -> String {
    let Value::Mapping(entries) = &root.value else { return String::new() };
    let name = entries.iter().find_map(|(key, node)| match (&key.value, &node.value) {
        (Value::Scalar(key), Value::Scalar(name)) if key == "name" => Some(name),
        _ => None,
    });
    let name = name.filter(|name| is_visible(Content::Name, name));
    name.map(|name| format!("watcher `{name}`")).unwrap_or_default()
}

/// The path of a node, by its number; empty for one that has none.
fn path(root: &Node, number: usize) -> String {
    let (mut path, mut node) = (Vec::new(), root);
    while node.place.line() != number {
        let Some((name, below)) = toward(node, number) else { return String::new() };
        path.push(name);
        node = below;
    }
    path.join(".")
}

/// The step to the node with a number. Numbers grow in the order of the value, and a value has that of its key. A
/// key is shown when it is one.
fn toward(node: &Node, number: usize) -> Option<(String, &Node)> {
    match &node.value {
        Value::Null | Value::Scalar(_) => None,
        Value::Sequence(items) => {
            let at = items.partition_point(|item| item.place.line() <= number).checked_sub(1)?;
            Some((at.to_string(), items.get(at)?))
        }
        Value::Mapping(entries) => {
            let at =
                entries.partition_point(|(key, _)| key.place.line() <= number).checked_sub(1)?;
            let (key, node) = entries.get(at)?;
            let name = match &key.value {
                Value::Scalar(name) if key_may_be_shown(name, node) => name,
                _ => "…",
            };
            Some((name.to_owned(), node))
        }
    }
}

/// What is left of the bounds of a watcher.
struct Budget {
    nodes: Cell<usize>,
    bytes: Cell<usize>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { nodes: Cell::new(0), bytes: Cell::new(bounds::DECLARATION) }
    }
}

impl Budget {
    /// The number of one more node.
    fn node<E: Error>(&self) -> Result<usize, E> {
        let number = self.nodes.get() + 1;
        self.nodes.set(number);
        if number > bounds::NODES {
            return Err(E::custom(too_large()));
        }
        Ok(number)
    }

    fn text<E: Error>(&self, text: &str) -> Result<Value, E> {
        match self.bytes.get().checked_sub(text.len()) {
            Some(left) => self.bytes.set(left),
            None => return Err(E::custom(too_large())),
        }
        Ok(Value::Scalar(text.to_owned()))
    }
}

/// Reads a node, which has a number.
#[derive(Clone, Copy)]
struct Seed<'a> {
    budget: &'a Budget,
    depth: usize,
    number: usize,
}

impl<'a> Seed<'a> {
    fn below<E: Error>(self) -> Result<Seed<'a>, E> {
        if self.depth >= DEEPEST {
            return Err(E::custom(format_args!("a watcher has at most {DEEPEST} levels")));
        }
        Ok(Seed { depth: self.depth + 1, number: self.budget.node()?, ..self })
    }

    fn node(self, value: Value) -> Node {
        Node::new(Place::new(self.number, 1, 1), 0..0, value)
    }

    /// A scalar as it is written.
    fn scalar<E: Error>(self, written: impl fmt::Display) -> Result<Node, E> {
        self.budget.text(&written.to_string()).map(|value| self.node(value))
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a watcher, as it stands in the `watchers` of a file")
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(self.node(Value::Null))
    }

    fn visit_none<E: Error>(self) -> Result<Node, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, on: bool) -> Result<Node, E> {
        self.scalar(on)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Node, E> {
        self.scalar(number)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Node, E> {
        self.scalar(number)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Node, E> {
        self.scalar(number)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        self.scalar(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut sequence = Vec::new();
        while let Some(item) = items.next_element_seed(self.below()?)? {
            sequence.push(item);
        }
        Ok(self.node(Value::Sequence(sequence)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let (mut mapping, mut seen) = (Vec::new(), HashSet::new());
        while let Some(key) = entries.next_key_seed(self.below()?)? {
            let value =
                entries.next_value_seed(Seed { number: key.place.line(), ..self.below()? })?;
            if let Value::Scalar(name) = &key.value
                && !seen.insert(name.clone())
            {
                return Err(A::Error::custom(format_args!(
                    "{} is given twice",
                    shown(name, &value)
                )));
            }
            mapping.push((key, value));
        }
        Ok(self.node(Value::Mapping(mapping)))
    }
}

/// A key as it may be shown.
fn shown(key: &str, value: &Node) -> String {
    match key_may_be_shown(key, value) {
        true => format!("`{}`", printable(key)),
        false => "a key".to_owned(),
    }
}

#[cfg(test)]
mod tests;
