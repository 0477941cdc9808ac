//! A body cut into the items of a list, none of them decoded.
//!
//! JSON is cut where it stands: an item is a slice of the body. An item of YAML is a node of its tree. A line of
//! NDJSON is an item, and so is a record of CSV, with the names above it.

#[cfg(feature = "csv")]
mod csv;
mod json;

#[cfg(feature = "yaml")]
use std::rc::Rc;

use serde::de::DeserializeOwned;

#[cfg(feature = "yaml")]
use super::yaml;
use super::{BodyFormat, Encoding, Refused, choose, content, utf8, without_bom};

/// The names that lead to a place in a value, as a JSON pointer has them.
pub(crate) type Path = [String];

/// Whether a name may be a place in an array (RFC 6901 §4).
pub(in crate::decode) fn is_place(name: &str) -> bool {
    let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    is_number && (name == "0" || !name.starts_with('0'))
}

/// An item, not decoded.
#[derive(Clone, Copy)]
pub(crate) enum Item<'a> {
    /// A JSON text, and its name where it is a member of an object.
    Json { name: Option<&'a str>, text: &'a str },
    /// A node, and its name where it is a member of a mapping.
    #[cfg(feature = "yaml")]
    Yaml { name: Option<&'a str>, node: &'a yaml::Node<'a> },
    #[cfg(feature = "csv")]
    Csv(csv::Record<'a>),
}

/// Takes the items of a list.
pub(crate) trait Cutter {
    /// Learns whether the items are `named`: members of an object, not of an array, lines or records. It is
    /// called before the first item, also where there is none; an error ends the reading of the body.
    fn begins(&mut self, named: bool) -> Result<(), String>;

    /// The length of the JSON text that is likely to come next.
    fn expects(&self) -> Option<usize>;

    /// Whether this text of that length is what was expected, which then is taken.
    fn is_expected(&mut self, item: Item<'_>) -> bool;

    /// Takes an item. Returns whether to go on.
    fn item(&mut self, item: Item<'_>) -> bool;
}

/// A body whose encoding is known, ready to be cut or searched.
pub(crate) enum Text<'a> {
    Json(&'a str),
    Ndjson(&'a str),
    Csv(&'a str),
    #[cfg(feature = "yaml")]
    Yaml(Rc<yaml::Node<'a>>),
}

impl<'a> Text<'a> {
    /// Reads the text of a body.
    pub(crate) fn new(
        format: BodyFormat,
        content_type: Option<&str>,
        body: &'a [u8],
    ) -> Result<Self, Refused> {
        match choose(format.encoding, content_type)? {
            Encoding::Json => content(body).map(Self::Json),
            Encoding::Ndjson => utf8(without_bom(body)).map(Self::Ndjson),
            Encoding::Csv => content(body).map(Self::Csv),
            #[cfg(feature = "yaml")]
            Encoding::Yaml => {
                let limit = usize::try_from(format.body_limit).unwrap_or(usize::MAX);
                yaml::load(content(body)?, limit).map(Self::Yaml).map_err(Refused::short)
            }
            #[cfg(not(feature = "yaml"))]
            Encoding::Yaml => Err(super::no_yaml()),
            Encoding::Text | Encoding::Bytes => Err(Refused::whole(
                "the body is text, and has no items; declare `decode`, as `json`",
            )),
        }
    }

    /// Hands over each item of the list that is at a place, until it is told to stop. `key` is where in an
    /// item its key is to be.
    pub(crate) fn items(
        &self,
        at: &Path,
        key: Option<&Path>,
        cutter: &mut dyn Cutter,
    ) -> Result<(), Refused> {
        match self {
            Self::Json(text) => json::items(text, at, cutter),
            Self::Ndjson(text) => {
                cutter.begins(false).map_err(Refused::whole)?;
                json::lines(text, cutter);
                Ok(())
            }
            #[cfg(feature = "csv")]
            Self::Csv(text) => csv::records(text, key, cutter),
            #[cfg(not(feature = "csv"))]
            Self::Csv(_) => {
                let _ = key;
                Err(Refused::whole("the body is CSV: enable the feature `csv` of koprs-external"))
            }
            #[cfg(feature = "yaml")]
            Self::Yaml(node) => yaml::items(node, at, cutter),
        }
    }

    /// The text, number or boolean at a place; `None` when there is none. Two of them are an error.
    pub(crate) fn scalar(&self, at: &Path) -> Result<Option<String>, Refused> {
        match self {
            Self::Json(text) => json::only_scalar(text, at),
            #[cfg(feature = "yaml")]
            Self::Yaml(node) => yaml::scalar(node, at),
            Self::Ndjson(_) | Self::Csv(_) => {
                Err(Refused::whole("the body is a list of lines, in which there is no such place"))
            }
        }
    }

    /// The parts of the body, but for those at these places.
    pub(crate) fn without(
        &self,
        ignored: &[Box<Path>],
        part: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Refused> {
        match self {
            Self::Json(text) | Self::Ndjson(text) | Self::Csv(text) => {
                json::without(text, ignored, part)
            }
            #[cfg(feature = "yaml")]
            Self::Yaml(node) => {
                let paths: Vec<_> = ignored.iter().map(|path| &**path).collect();
                yaml::parts(node, &paths, part);
                Ok(())
            }
        }
    }
}

impl Item<'_> {
    /// Its name, where it is a member of an object.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Json { name, .. } => *name,
            #[cfg(feature = "yaml")]
            Self::Yaml { name, .. } => *name,
            #[cfg(feature = "csv")]
            Self::Csv(_) => None,
        }
    }

    /// The length of its text, by which it may be recognised; 0 for no text.
    pub(crate) fn length(&self) -> usize {
        match self {
            Self::Json { text, .. } => text.len(),
            #[cfg(any(feature = "csv", feature = "yaml"))]
            _ => 0,
        }
    }

    /// Its parts: of items with the same parts, all is the same.
    pub(crate) fn parts(&self, mut part: impl FnMut(&[u8])) {
        match self {
            Self::Json { name, text } => {
                part(name.unwrap_or_default().as_bytes());
                part(text.as_bytes());
            }
            #[cfg(feature = "yaml")]
            Self::Yaml { name, node } => {
                part(name.unwrap_or_default().as_bytes());
                yaml::parts(node, &[], &mut part);
            }
            #[cfg(feature = "csv")]
            Self::Csv(record) => record.parts(part),
        }
    }

    /// Its parts, but for what is at these places.
    pub(crate) fn without(
        &self,
        ignored: &[Box<Path>],
        part: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Refused> {
        match self {
            Self::Json { text, .. } => json::without(text, ignored, part),
            #[cfg(feature = "yaml")]
            Self::Yaml { node, .. } => {
                let paths: Vec<_> = ignored.iter().map(|path| &**path).collect();
                yaml::parts(node, &paths, part);
                Ok(())
            }
            #[cfg(feature = "csv")]
            Self::Csv(record) => {
                record.without(ignored, part);
                Ok(())
            }
        }
    }

    /// What tells it from the others: what is at a place in it, else its name.
    pub(crate) fn key(&self, at: Option<&Path>) -> Result<String, Refused> {
        let none = |why: &str| Refused::whole(why);
        let key = match (self, at) {
            (Self::Json { text, .. }, Some(at)) => json::scalar(text, at)?,
            #[cfg(feature = "yaml")]
            (Self::Yaml { node, .. }, Some(at)) => yaml::scalar(node, at)?,
            (_, None) => self.name().map(str::to_owned),
            #[cfg(feature = "csv")]
            (Self::Csv(record), Some(at)) => record.field(at).map(str::to_owned),
        };
        match (key, at) {
            (Some(key), _) if !key.is_empty() => Ok(key),
            (Some(_), _) => Err(none("its key is empty")),
            (None, Some(at)) => Err(none(&format!("it has no key at `/{}`", at.join("/")))),
            (None, None) => Err(none("items of an array need a `key`")),
        }
    }

    /// Decodes it.
    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        let decoded = match self {
            Self::Json { text, .. } => super::json::decode(text),
            #[cfg(feature = "yaml")]
            Self::Yaml { node, .. } => yaml::decode(node),
            #[cfg(feature = "csv")]
            Self::Csv(record) => record.decode(),
        };
        decoded.map_err(Refused::short)
    }
}

#[cfg(test)]
mod tests;
