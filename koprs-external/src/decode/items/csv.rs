//! CSV (RFC 4180): a line of names, and a record a line.

mod record;

use std::borrow::Cow;
use std::collections::HashSet;

use csv::{ErrorKind, ReaderBuilder, StringRecord};
use serde::de::DeserializeOwned;

use self::record::AnyField;
use super::{Cutter, Item, Path};
use crate::decode::found::{Found, Members, Reached};
use crate::decode::ignored::{Name, PointerTree, Step};
use crate::decode::refused::{Refused, of_type};
use crate::memory::Estimate;

/// A record, and the names of its fields.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    /// Where it begins in the body.
    line: u64,
    names: &'a StringRecord,
    fields: &'a StringRecord,
    any: AnyField,
}

/// A field that no body has: it is not text.
const LAST: &str = "\0";

/// Hands over the records. One that has not as many fields as there are names breaks the body: where the
/// next one begins cannot be trusted.
pub(super) fn records(
    text: &str,
    key: Option<&Path>,
    cutter: &mut dyn Cutter,
) -> Result<(), Refused> {
    let mut names = StringRecord::new();
    ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes())
        .read_record(&mut names)
        .map_err(|error| broken(&error))?;
    let mut seen = HashSet::new();
    if let Some(name) = names.iter().find(|name| !name.is_empty() && !seen.insert(*name)) {
        return Err(Refused::whole(format!("the column `{name}` is there twice")));
    }
    if let Some([key]) = key
        && !names.iter().any(|name| name == key)
    {
        // Some other text, which would be a list without a record.
        let columns = Members::of(names.iter());
        let message = format!("there is no column `{key}` for the key; the columns are {columns}");
        return Err(Refused::whole(message));
    }
    cutter.begins(false).map_err(Refused::whole)?;
    // A quote that is never closed would make all the records behind it a part of one field. So a last record is
    // put behind them, which then is not found.
    let quoted = text.contains('"');
    let text = match quoted {
        true => Cow::Owned(format!("{text}\n{}", vec![LAST; names.len()].join(","))),
        false => Cow::Borrowed(text),
    };
    let mut reader = ReaderBuilder::new().from_reader(text.as_bytes());
    let mut fields = StringRecord::new();
    let mut line = 1;
    loop {
        match reader.read_record(&mut fields).map_err(|error| broken(&error))? {
            true if fields.get(0) == Some(LAST) => return Ok(()),
            true if cutter.item(Item::Csv(Record::new(&names, &fields))) => {
                line = fields.position().map_or(line, csv::Position::line);
            }
            false if quoted => {
                let why = format!("not CSV: a quote in the record at line {line} is never closed");
                return Err(Refused::whole(why));
            }
            _ => return Ok(()),
        }
    }
}

/// A body that is not CSV, in words that do not depend on the parser.
fn broken(error: &csv::Error) -> Refused {
    Refused::syntax(match error.kind() {
        ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let at = pos.as_ref().map_or(String::new(), |pos| format!(" at line {}", pos.line()));
            format!(
                "not CSV: the record{at} has {len} fields, and there are {expected_len} columns"
            )
        }
        _ => format!("not CSV: {error}"),
    })
    .short()
}

impl<'a> Record<'a> {
    fn new(names: &'a StringRecord, fields: &'a StringRecord) -> Self {
        let line = fields.position().map_or(0, csv::Position::line);
        Self { line, names, fields, any: AnyField::Text }
    }

    /// Where it begins in the body.
    pub(super) fn line(&self) -> usize {
        usize::try_from(self.line).unwrap_or(usize::MAX)
    }

    /// The estimated size of what it decodes to, which has names of its own.
    pub(super) fn size(&self) -> u64 {
        let texts =
            |size: Estimate, (name, field): (&str, &str)| size.text(name.len()).text(field.len());
        self.pairs().fold(Estimate::default(), texts).object(self.names.len()).bytes()
    }

    fn found(&self) -> Found {
        Found::Object(Members::of(self.names.iter()))
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.names.iter().zip(self.fields)
    }

    pub(super) fn parts(&self, mut part: impl FnMut(&[u8])) {
        for (name, field) in self.pairs() {
            part(name.as_bytes());
            part(field.as_bytes());
        }
    }

    pub(super) fn without(&self, ignored: &PointerTree, mut part: impl FnMut(&[u8])) {
        let root = ignored.root();
        let counts =
            |name| !root.is_some_and(|root| matches!(root.step(Name::Key(name)), Step::Ignored));
        for (name, field) in self.pairs().filter(|(name, _)| counts(name)) {
            part(name.as_bytes());
            part(field.as_bytes());
        }
    }

    /// The field of a name.
    pub(super) fn field(&self, at: &Path) -> Option<&str> {
        let [name] = at else { return None };
        self.pairs().find(|(known, _)| known == name).map(|(_, field)| field)
    }

    /// Goes to a field, which is a text, if there is one.
    pub(super) fn reach<'p>(&self, at: &'p Path) -> Reached<'p> {
        match self.field(at) {
            Some(_) => Reached { at, depth: 1, found: Found::Text },
            None => Reached { at, depth: 0, found: self.found() },
        }
    }

    pub(super) fn decode<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        serde_path_to_error::deserialize(*self).or_else(|error| {
            T::deserialize(Self { any: AnyField::Plain, ..*self }).map_err(|_| {
                of_type::<T>(error.path(), &error.inner().to_string(), |at| self.reach(at))
            })
        })
    }
}
