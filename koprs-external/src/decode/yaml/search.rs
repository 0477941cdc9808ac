//! A tree searched by place, without being decoded.

use super::scalar::Kind;
use super::{Node, Scalar, Value};
use crate::decode::found::{Found, Members, Reached};
use crate::decode::items::{Cutter, Item, Path, is_place};
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
        Value::Sequence(items) if is_place(name) => {
            let place: usize = name.parse().ok()?;
            items.get(place).map(|item| &**item)
        }
        Value::Sequence(_) | Value::Scalar(_) => None,
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

/// The parts of a node, but for what is at these places, whether there is something or not.
pub(in crate::decode) fn parts(node: &Node<'_>, ignored: &[&Path], part: &mut dyn FnMut(&[u8])) {
    let below = |name: &str, node: &Node<'_>, part: &mut dyn FnMut(&[u8])| {
        let below = ignored.iter().filter_map(|path| path.split_first());
        let below: Vec<_> = below.filter(|(first, _)| *first == name).map(|it| it.1).collect();
        if !below.iter().any(|path| path.is_empty()) {
            part(name.as_bytes());
            parts(node, &below, part);
        }
    };
    match &node.value {
        Value::Scalar(Scalar { text, kind }) => {
            part(if *kind == Kind::Text { b"t" } else { b"p" });
            part(text.as_bytes());
        }
        Value::Sequence(items) => {
            part(b"[");
            for (place, node) in items.iter().enumerate() {
                below(&place.to_string(), node, part);
            }
            part(b"]");
        }
        Value::Mapping(entries) => {
            part(b"{");
            entries.iter().for_each(|(key, node)| below(&key.text, node, part));
            part(b"}");
        }
    }
}
