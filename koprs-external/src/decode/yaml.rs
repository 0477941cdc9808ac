//! YAML bodies, by YAML 1.2 and its core schema (§10.3).
//!
//! A body is read into a [`Node`] tree first: scalars keep the text that stands in the body, and their
//! [`Kind`] by the core schema. A type that asks for a text gets that text; one that takes anything gets what
//! the core schema makes of it. Nothing is guessed, and nothing is dropped: a tag that is not of the core
//! schema, a key that stands twice and a second document are errors.
//!
//! Merge keys (`<<`) are not part of YAML 1.2, but of what people write. They are followed.

mod de;
mod load;
mod scalar;
mod search;
mod words;

use std::borrow::Cow;
use std::rc::Rc;

use serde::de::DeserializeOwned;

pub(super) use self::load::load;
use self::scalar::Kind;
pub(super) use self::search::{items, parts, reach, scalar};
pub(crate) use self::words::yaml_words;
use super::refused::{Refused, of_type};
use crate::memory::Estimate;

/// The deepest nesting, as of serde_json.
const MOST_DEPTH: usize = 128;

/// A value of a body. What an alias stands for is shared.
#[derive(Debug)]
pub(crate) struct Node<'a> {
    value: Value<'a>,
    /// The bytes of its texts and one for each node, with aliases followed.
    size: usize,
    /// The levels below it, with aliases followed.
    depth: usize,
    /// What it takes once it is decoded.
    decoded: Estimate,
}

#[derive(Debug)]
enum Value<'a> {
    Scalar(Scalar<'a>),
    Sequence(Vec<Rc<Node<'a>>>),
    Mapping(Vec<(Scalar<'a>, Rc<Node<'a>>)>),
}

/// A scalar, or a key.
#[derive(Clone, Debug)]
struct Scalar<'a> {
    text: Cow<'a, str>,
    kind: Kind,
}

impl<'a> Node<'a> {
    fn new(value: Value<'a>) -> Self {
        let (mut size, mut depth, mut decoded) = (1, 0, Estimate::default());
        let mut below = |node: &Node<'_>| {
            decoded = decoded.with(node.decoded);
            size = node.size.saturating_add(size);
            depth = depth.max(node.depth + 1);
        };
        let texts = match &value {
            Value::Scalar(scalar) => scalar.text.len(),
            Value::Sequence(items) => {
                items.iter().for_each(|item| below(item));
                0
            }
            Value::Mapping(entries) => {
                entries.iter().for_each(|(_, value)| below(value));
                entries.iter().map(|(key, _)| key.text.len() + 1).sum()
            }
        };
        let decoded = match &value {
            Value::Scalar(scalar) => decoded.text(scalar.text.len()),
            Value::Sequence(items) => decoded.array(items.len()),
            Value::Mapping(entries) => {
                let key = |size: Estimate, (key, _): &(Scalar<'_>, _)| size.text(key.text.len());
                entries.iter().fold(decoded, key).object(entries.len())
            }
        };
        Self { value, size: texts.saturating_add(size), depth, decoded }
    }

    /// The estimated size of what it decodes to.
    pub(super) fn decoded_size(&self) -> u64 {
        self.decoded.bytes()
    }
}

/// Decodes a value.
pub(super) fn decode<T: DeserializeOwned>(node: &Node<'_>) -> Result<T, Refused> {
    serde_path_to_error::deserialize(de::Value(node)).map_err(|error| {
        of_type::<T>(error.path(), &error.inner().to_string(), |at| reach(node, at))
    })
}

#[cfg(test)]
mod tests;
