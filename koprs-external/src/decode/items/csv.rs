//! CSV (RFC 4180): a line of names, and a record a line.

mod record;

use csv::{ReaderBuilder, StringRecord};
use serde::de::DeserializeOwned;

use self::record::Whole;
use super::{Cutter, Item, Path};
use crate::decode::Refused;

/// A record, and the names of its fields.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    names: &'a StringRecord,
    fields: &'a StringRecord,
}

/// Hands over the records. One that has not as many fields as there are names breaks the body: where the
/// next one begins cannot be trusted.
pub(super) fn records(
    text: &str,
    key: Option<&Path>,
    cutter: &mut dyn Cutter,
) -> Result<(), Refused> {
    let broken = |error: csv::Error| Refused::whole(format!("not CSV: {error}"));
    let mut reader = ReaderBuilder::new().from_reader(text.as_bytes());
    let names = reader.headers().map_err(broken)?.clone();
    if let Some([key]) = key
        && !names.iter().any(|name| name == key)
    {
        // Some other text, which would be a list without a record.
        return Err(Refused::whole(format!("there is no column `{key}` for the key")));
    }
    cutter.begins(false).map_err(Refused::whole)?;
    let mut fields = StringRecord::new();
    while reader.read_record(&mut fields).map_err(broken)? {
        if !cutter.item(Item::Csv(Record { names: &names, fields: &fields })) {
            break;
        }
    }
    Ok(())
}

impl Record<'_> {
    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.names.iter().zip(self.fields)
    }

    pub(super) fn parts(&self, mut part: impl FnMut(&[u8])) {
        for (name, field) in self.pairs() {
            part(name.as_bytes());
            part(field.as_bytes());
        }
    }

    pub(super) fn without(&self, ignored: &[Box<Path>], mut part: impl FnMut(&[u8])) {
        let counts =
            |name: &str| !ignored.iter().any(|path| matches!(&**path, [one] if one == name));
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

    pub(super) fn decode<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        let read = self.fields.deserialize(Some(self.names)).map(|Whole(read)| read);
        read.map_err(|error| match error.kind() {
            csv::ErrorKind::Deserialize { err, .. } => {
                let name = err.field().and_then(|at| self.names.get(usize::try_from(at).ok()?));
                Refused {
                    path: name.unwrap_or_default().to_owned(),
                    message: err.kind().to_string(),
                }
            }
            _ => Refused::whole(error.to_string()),
        })
    }
}
