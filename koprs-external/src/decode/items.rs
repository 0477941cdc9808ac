//! A body cut into the items of a list, none of them decoded.
//!
//! JSON is cut where it stands: an item is a slice of the body. An item of YAML is a node of its tree. A line of
//! NDJSON is an item, and so is a record of CSV, with the names above it.

#[cfg(feature = "csv")]
mod csv;
mod json;

use std::num::NonZeroUsize;
#[cfg(feature = "yaml")]
use std::rc::Rc;

use serde::de::DeserializeOwned;

use super::choice::{BodyFormat, Choice, Encoding};
use super::found::{Found, Reached};
use super::ignored::PointerTree;
use super::refused::Refused;
#[cfg(feature = "yaml")]
use super::yaml;
use super::{content, utf8, without_bom};
use crate::memory::json_size;

pub(in crate::decode) use self::json::reach;

/// The names that lead to a place in a value, as a JSON pointer has them.
pub(crate) type Path = [String];

/// Whether a name may be a place in an array (RFC 6901 §4).
pub(in crate::decode) fn is_place(name: &str) -> bool {
    let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    is_number && (name == "0" || !name.starts_with('0'))
}

/// The place in an array that a name is.
pub(in crate::decode) fn place(name: &str) -> Option<usize> {
    if is_place(name) { name.parse().ok() } else { None }
}

/// An item, not decoded.
#[derive(Clone, Copy)]
pub(crate) enum Item<'a> {
    /// A JSON text, its name where it is a member of an object, and its line where it is one of NDJSON.
    Json { name: Option<&'a str>, text: &'a str, line: Option<NonZeroUsize> },
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
pub(crate) struct Text<'a> {
    parsed: Parsed<'a>,
    choice: Choice,
}

enum Parsed<'a> {
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
        let choice = Choice::new(format.encoding, content_type, body)?;
        let parsed = match choice.encoding {
            Encoding::Json => Parsed::Json(content(body)?),
            Encoding::Ndjson => Parsed::Ndjson(utf8(without_bom(body))?),
            Encoding::Csv => Parsed::Csv(content(body)?),
            #[cfg(feature = "yaml")]
            Encoding::Yaml => Parsed::Yaml(yaml::load(content(body)?, format)?),
            #[cfg(not(feature = "yaml"))]
            Encoding::Yaml => return Err(super::no_yaml()),
            Encoding::Text | Encoding::Bytes => return Err(choice.no_items()),
        };
        Ok(Self { parsed, choice })
    }

    /// An error of this body, with what may be wrong about its format.
    fn explained(&self, refused: Refused) -> Refused {
        match &self.parsed {
            Parsed::Json(text) => self.choice.explained(refused, text),
            _ => refused,
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
        match &self.parsed {
            Parsed::Json(text) => {
                json::items(text, at, cutter).map_err(|refused| self.explained(refused))
            }
            Parsed::Ndjson(text) => {
                cutter.begins(false).map_err(Refused::whole)?;
                json::lines(text, cutter);
                Ok(())
            }
            #[cfg(feature = "csv")]
            Parsed::Csv(text) => csv::records(text, key, cutter),
            #[cfg(not(feature = "csv"))]
            Parsed::Csv(_) => {
                let _ = key;
                Err(Refused::whole("the body is CSV: enable the feature `csv` of koprs-external"))
            }
            #[cfg(feature = "yaml")]
            Parsed::Yaml(node) => yaml::items(node, at, cutter),
        }
    }

    /// Returns the text, number or boolean at a place; `None` when there is none. Two of them are an error.
    pub(crate) fn scalar(&self, at: &Path) -> Result<Option<String>, Refused> {
        match &self.parsed {
            Parsed::Json(text) => {
                json::only_scalar(text, at).map_err(|refused| self.explained(refused))
            }
            #[cfg(feature = "yaml")]
            Parsed::Yaml(node) => yaml::scalar(node, at),
            Parsed::Ndjson(_) | Parsed::Csv(_) => Err(Refused::whole(format!(
                "there is no `{}` in the body: it consists of {}",
                super::found::pointer(at),
                if matches!(self.parsed, Parsed::Csv(_)) { "records" } else { "lines" }
            ))),
        }
    }

    /// The parts of the body, but for those at these places.
    pub(crate) fn without(
        &self,
        ignored: &PointerTree,
        part: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Refused> {
        match &self.parsed {
            Parsed::Json(text) | Parsed::Ndjson(text) | Parsed::Csv(text) => {
                json::without(text, ignored, part).map_err(|refused| self.explained(refused))
            }
            #[cfg(feature = "yaml")]
            Parsed::Yaml(node) => {
                yaml::parts(node, ignored.root(), part);
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
            Self::Json { name, text, line: _ } => {
                part(name.unwrap_or_default().as_bytes());
                part(text.as_bytes());
            }
            #[cfg(feature = "yaml")]
            Self::Yaml { name, node } => {
                part(name.unwrap_or_default().as_bytes());
                yaml::parts(node, None, &mut part);
            }
            #[cfg(feature = "csv")]
            Self::Csv(record) => record.parts(part),
        }
    }

    /// Its parts, but for what is at these places.
    pub(crate) fn without(
        &self,
        ignored: &PointerTree,
        part: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Refused> {
        match self {
            Self::Json { text, .. } => json::without(text, ignored, part),
            #[cfg(feature = "yaml")]
            Self::Yaml { node, .. } => {
                yaml::parts(node, ignored.root(), part);
                Ok(())
            }
            #[cfg(feature = "csv")]
            Self::Csv(record) => {
                record.without(ignored, part);
                Ok(())
            }
        }
    }

    /// Returns what tells it from the others: what is at a place in it, else its name.
    pub(crate) fn key(&self, at: Option<&Path>) -> Result<String, Refused> {
        self.find_key(at).map_err(|refused| self.on_line(refused))
    }

    fn find_key(&self, at: Option<&Path>) -> Result<String, Refused> {
        let Some(at) = at else {
            let name = self.name().filter(|name| !name.is_empty());
            return name.map(str::to_owned).ok_or_else(|| {
                Refused::whole(match self.name() {
                    Some(_) => "its key is empty",
                    None => "items of an array need a `key`",
                })
            });
        };
        let key = match self {
            Self::Json { text, .. } => json::scalar(text, at)?,
            #[cfg(feature = "yaml")]
            Self::Yaml { node, .. } => yaml::scalar(node, at)?,
            #[cfg(feature = "csv")]
            Self::Csv(record) => record.field(at).map(str::to_owned),
        };
        match key {
            Some(key) if key.is_empty() => Err(Refused::whole("its key is empty")),
            Some(key) => Ok(key),
            None => Err(self.reach(at).no_key()),
        }
    }

    fn reach<'p>(&self, at: &'p Path) -> Reached<'p> {
        match self {
            Self::Json { text, .. } => json::reach(text, at),
            #[cfg(feature = "yaml")]
            Self::Yaml { node, .. } => yaml::reach(node, at),
            #[cfg(feature = "csv")]
            Self::Csv(record) => record.reach(at),
        }
    }

    /// Whether it is an array, and so may be the list itself.
    pub(crate) fn is_array(&self) -> bool {
        matches!(self.reach(&[]).found, Found::Array(_))
    }

    /// The estimated size of what it decodes to.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::Json { text, .. } => json_size(text),
            #[cfg(feature = "yaml")]
            Self::Yaml { node, .. } => node.decoded_size(),
            #[cfg(feature = "csv")]
            Self::Csv(record) => record.size(),
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
        decoded.map_err(|refused| self.on_line(refused))
    }

    /// Says on which line of the body it is, where it is a line or a record.
    fn on_line(&self, refused: Refused) -> Refused {
        let line = match self {
            Self::Json { line, .. } => line.map(NonZeroUsize::get),
            #[cfg(feature = "yaml")]
            Self::Yaml { .. } => None,
            #[cfg(feature = "csv")]
            Self::Csv(record) => Some(record.line()),
        };
        match line {
            Some(line) => refused.on_line(line),
            None => refused,
        }
    }
}

#[cfg(test)]
mod tests;
