//! A body cut into the items of a list, none of them decoded.
//!
//! JSON is cut where it stands: an item is a slice of the body. YAML is written as JSON first. A line of
//! NDJSON is an item, and so is a record of CSV, with the names above it.

#[cfg(feature = "csv")]
mod csv;
mod json;

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use super::{Encoding, Refused, choose, without_bom};

/// The names that lead to a place in a value, as a JSON pointer has them.
pub(crate) type Path = [String];

/// An item, not decoded.
#[derive(Clone, Copy)]
pub(crate) enum Item<'a> {
    /// A JSON text, and its name where it is a member of an object.
    Json { name: Option<&'a str>, text: &'a str },
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
    encoding: Encoding,
    text: Cow<'a, str>,
}

impl<'a> Text<'a> {
    /// Reads the text of a body.
    pub(crate) fn new(
        declared: Option<Encoding>,
        content_type: Option<&str>,
        body: &'a [u8],
    ) -> Result<Self, Refused> {
        let encoding = choose(declared, content_type)?;
        let body = without_bom(body);
        if encoding != Encoding::Ndjson && body.trim_ascii().is_empty() {
            return Err(Refused::whole("the body is empty"));
        }
        let text = super::utf8(body)?;
        match encoding {
            Encoding::Json | Encoding::Ndjson | Encoding::Csv => {
                Ok(Self { encoding, text: Cow::Borrowed(text) })
            }
            Encoding::Yaml => {
                let value: serde_json::Value = super::decode(Some(encoding), None, body)?;
                let text = serde_json::to_string(&value);
                let text = text.map_err(|error| Refused::whole(error.to_string()))?;
                Ok(Self { encoding: Encoding::Json, text: Cow::Owned(text) })
            }
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
        match self.encoding {
            Encoding::Ndjson => {
                cutter.begins(false).map_err(Refused::whole)?;
                json::lines(&self.text, cutter);
                Ok(())
            }
            #[cfg(feature = "csv")]
            Encoding::Csv => csv::records(&self.text, key, cutter),
            #[cfg(not(feature = "csv"))]
            Encoding::Csv => {
                let _ = key;
                Err(Refused::whole("the body is CSV: enable the feature `csv` of koprs-external"))
            }
            _ => json::items(&self.text, at, cutter),
        }
    }

    /// The text, number or boolean at a place; `None` when there is none.
    pub(crate) fn scalar(&self, at: &Path) -> Result<Option<String>, Refused> {
        match self.encoding {
            Encoding::Json => json::scalar(&self.text, at),
            _ => {
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
        json::without(&self.text, ignored, part)
    }
}

impl Item<'_> {
    /// Its parts: of items with the same parts, all is the same.
    pub(crate) fn parts(&self, mut part: impl FnMut(&[u8])) {
        match self {
            Self::Json { name, text } => {
                part(name.unwrap_or_default().as_bytes());
                part(text.as_bytes());
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
            (Self::Json { name, .. }, None) => name.map(str::to_owned),
            #[cfg(feature = "csv")]
            (Self::Csv(record), at) => at.and_then(|at| record.field(at)).map(str::to_owned),
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
            Self::Json { text, .. } => super::json::decode(text.as_bytes()),
            #[cfg(feature = "csv")]
            Self::Csv(record) => record.decode(),
        };
        decoded.map_err(Refused::short)
    }
}

#[cfg(test)]
mod tests;
