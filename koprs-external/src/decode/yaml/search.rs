//! A tree searched by place, without being decoded.

use std::iter::Enumerate;
use std::rc::Rc;
use std::slice;

use super::scalar::Kind;
use super::{Node, Scalar, Value};
use crate::decode::found::{Found, Members, Reached};
use crate::decode::ignored::{Branch, Name, Step};
use crate::decode::items::{Cutter, Item, Path, is_place, place};
use crate::decode::refused::Refused;

/// The node at a place, if there is one.
pub(in crate::decode) fn find<'n>(
    node: &'n Node<'n>,
    at: &Path,
) -> Result<Option<&'n Node<'n>>, Refused> {
    let mut found = node;
    for name in at {
        let next = match &found.value {
            Value::Mapping(_) => member(found, name),
            Value::Sequence(_) if is_place(name) => member(found, name),
            // Some servers write an empty map so.
            Value::Sequence(items) if items.is_empty() => None,
            Value::Scalar(Scalar { kind: Kind::Null, .. }) => None,
            Value::Scalar(_) | Value::Sequence(_) => return Err(reach(node, at).no_way()),
        };
        match next {
            Some(next) => found = next,
            None => return Ok(None),
        }
    }
    Ok(Some(found))
}

/// A value of a mapping, or an item of a list.
fn member<'n>(node: &'n Node<'n>, name: &str) -> Option<&'n Node<'n>> {
    match &node.value {
        Value::Mapping(entries) => {
            entries.iter().find(|(key, _)| key.text == *name).map(|(_, value)| &**value)
        }
        Value::Sequence(items) => items.get(place(name)?).map(|item| &**item),
        Value::Scalar(_) => None,
    }
}

/// Goes as far as there is something on the way to a place.
pub(in crate::decode) fn reach<'p>(node: &Node<'_>, at: &'p Path) -> Reached<'p> {
    let mut here = node;
    for (depth, name) in at.iter().enumerate() {
        match member(here, name) {
            Some(below) => here = below,
            None => return Reached { at, depth, found: found(here) },
        }
    }
    Reached { at, depth: at.len(), found: found(here) }
}

fn found(node: &Node<'_>) -> Found {
    match &node.value {
        Value::Scalar(Scalar { kind, .. }) => match kind {
            Kind::Null => Found::Null,
            Kind::Bool(_) => Found::Boolean,
            Kind::Integer | Kind::Float => Found::Number,
            Kind::Text => Found::Text,
        },
        Value::Sequence(items) => Found::Array(items.len()),
        Value::Mapping(entries) => {
            let mut object = Members::default();
            for (key, value) in entries {
                object.add(&key.text, matches!(value.value, Value::Sequence(_)));
            }
            Found::Object(object)
        }
    }
}

/// Hands over the members of the list or mapping at a place.
pub(in crate::decode) fn items(
    node: &Node<'_>,
    at: &Path,
    cutter: &mut dyn Cutter,
) -> Result<(), Refused> {
    let Some(list) = find(node, at)? else {
        return Err(reach(node, at).no_items());
    };
    match &list.value {
        Value::Sequence(items) => {
            cutter.begins(false).map_err(|why| Refused::at(at, why))?;
            items.iter().all(|node| cutter.item(Item::Yaml { name: None, node }));
        }
        Value::Mapping(entries) => {
            cutter.begins(true).map_err(|why| Refused::at(at, why))?;
            entries
                .iter()
                .all(|(key, node)| cutter.item(Item::Yaml { name: Some(&key.text), node }));
        }
        Value::Scalar(_) => return Err(reach(node, at).not_items()),
    }
    Ok(())
}

/// The text of a scalar at a place; `None` where there is nothing, or `null`.
pub(in crate::decode) fn scalar(node: &Node<'_>, at: &Path) -> Result<Option<String>, Refused> {
    match find(node, at)?.map(|node| &node.value) {
        None | Some(Value::Scalar(Scalar { kind: Kind::Null, .. })) => Ok(None),
        Some(Value::Scalar(scalar)) => Ok(Some(scalar.text.clone().into_owned())),
        Some(_) => Err(reach(node, at).not_scalar()),
    }
}

/// The parts of a node, but for what is ignored of it, whether there is something or not.
pub(in crate::decode) fn parts<'n>(
    node: &'n Node<'n>,
    ignored: Option<Branch<'_>>,
    part: &mut dyn FnMut(&[u8]),
) {
    let mut open: Vec<(Rest<'_>, Option<Branch<'_>>)> = Vec::new();
    let (mut node, mut below) = (node, ignored);
    loop {
        match &node.value {
            Value::Scalar(Scalar { text, kind }) => {
                part(if *kind == Kind::Text { b"t" } else { b"p" });
                part(text.as_bytes());
            }
            Value::Sequence(items) => {
                part(b"[");
                open.push((Rest::Items(items.iter().enumerate()), below));
            }
            Value::Mapping(entries) => {
                part(b"{");
                open.push((Rest::Entries(entries.iter()), below));
            }
        }
        // On to the next one that counts.
        loop {
            let Some((members, branch)) = open.last_mut() else { return };
            let Some((name, next)) = members.next() else {
                part(members.close());
                open.pop();
                continue;
            };
            below = match branch.map_or(Step::Counts, |branch| branch.step(name)) {
                Step::Ignored => continue,
                Step::Into(branch) => Some(branch),
                Step::Counts => None,
            };
            name.part(part);
            node = next;
            break;
        }
    }
}

/// What is left of a collection.
enum Rest<'n> {
    Items(Enumerate<slice::Iter<'n, Rc<Node<'n>>>>),
    Entries(slice::Iter<'n, (Scalar<'n>, Rc<Node<'n>>)>),
}

impl<'n> Rest<'n> {
    fn next(&mut self) -> Option<(Name<'n>, &'n Node<'n>)> {
        match self {
            Self::Items(items) => items.next().map(|(place, item)| (Name::Place(place), &**item)),
            Self::Entries(entries) => {
                entries.next().map(|(key, value)| (Name::Key(&key.text), &**value))
            }
        }
    }

    fn close(&self) -> &'static [u8] {
        match self {
            Self::Items(_) => b"]",
            Self::Entries(_) => b"}",
        }
    }
}
