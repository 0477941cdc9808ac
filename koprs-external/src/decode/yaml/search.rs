//! A tree searched by place, without being decoded.

use super::scalar::Kind;
use super::{Node, Scalar, Value};
use crate::decode::Refused;
use crate::decode::items::{Cutter, Item, Path, is_place};

/// The node at a place, if there is one.
pub(in crate::decode) fn find<'n>(
    node: &'n Node<'n>,
    at: &Path,
) -> Result<Option<&'n Node<'n>>, Refused> {
    let mut found = node;
    for (n, name) in at.iter().enumerate() {
        let next = match &found.value {
            Value::Mapping(entries) => {
                entries.iter().find(|(key, _)| key.text == *name).map(|(_, value)| value)
            }
            Value::Sequence(items) if is_place(name) => {
                name.parse().ok().and_then(|place: usize| items.get(place))
            }
            // Some servers write an empty map so.
            Value::Sequence(items) if items.is_empty() => None,
            Value::Scalar(Scalar { kind: Kind::Null, .. }) => None,
            Value::Scalar(_) | Value::Sequence(_) => {
                let below = at.get(..n).unwrap_or_default();
                let message = format!("expected a mapping with `{name}`, found {}", shown(found));
                return Err(Refused::at(below, message));
            }
        };
        match next {
            Some(next) => found = next,
            None => return Ok(None),
        }
    }
    Ok(Some(found))
}

/// Hands over the members of the list or mapping at a place.
pub(in crate::decode) fn items(
    node: &Node<'_>,
    at: &Path,
    cutter: &mut dyn Cutter,
) -> Result<(), Refused> {
    let Some(node) = find(node, at)? else {
        return Err(Refused::at(at, "there is nothing, where the items should be".to_owned()));
    };
    match &node.value {
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
        Value::Scalar(_) => {
            let message = format!("expected a list or a mapping of items, found {}", shown(node));
            return Err(Refused::at(at, message));
        }
    }
    Ok(())
}

/// The text of a scalar at a place; `None` where there is nothing, or `null`.
pub(in crate::decode) fn scalar(node: &Node<'_>, at: &Path) -> Result<Option<String>, Refused> {
    match find(node, at)?.map(|node| &node.value) {
        None | Some(Value::Scalar(Scalar { kind: Kind::Null, .. })) => Ok(None),
        Some(Value::Scalar(scalar)) => Ok(Some(scalar.text.clone().into_owned())),
        Some(_) => {
            let message = "expected a text or a number, found more than that".to_owned();
            Err(Refused::at(at, message))
        }
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

/// A node, as an error calls it.
fn shown(node: &Node<'_>) -> String {
    match &node.value {
        Value::Scalar(Scalar { kind: Kind::Text, .. }) => "a text".to_owned(),
        Value::Scalar(Scalar { kind: Kind::Null, .. }) => "nothing".to_owned(),
        Value::Scalar(Scalar { text, .. }) => format!("`{text:.100}`"),
        Value::Sequence(_) => "a list".to_owned(),
        Value::Mapping(_) => "a mapping".to_owned(),
    }
}
