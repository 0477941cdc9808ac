//! The text of a setting as a value.

use std::path::Path;

use super::settings::Value;
use super::table::{Check, Default, Kind, Row};
use super::{Invalid, duration, number, percentage, size, word};
use crate::secret::Secret;

/// Reads the text of a setting that is one text. A relative path begins in `folder`.
pub(crate) fn parse(row: Row, text: &str, folder: &Path) -> Result<Value, Invalid> {
    Ok(match (row.kind, row.check) {
        (Kind::Duration { .. }, _) => Value::Duration(duration::parse("", text)?),
        (Kind::Size, _) => Value::Bytes(size::parse("", text)?),
        (Kind::Percentage { most }, _) => {
            let default = if let Default::Ratio(ratio) = row.default { ratio } else { most };
            Value::Ratio(percentage::parse("", text, most * 100.0, default * 100.0)?)
        }
        (Kind::Whole { .. }, _) => Value::Whole(number::parse("", text)?),
        (Kind::Flag, _) => Value::Flag(word::flag(text)?),
        (Kind::Word(words), Check::Words { code, what }) => {
            Value::Word(word::parse(text, &words(), code, what)?)
        }
        // That of nothing stays empty.
        (Kind::Path, _) if text.is_empty() => Value::Path(text.into()),
        (Kind::Path, _) => Value::Path(folder.join(text)),
        (_, Check::Secret) => Value::Secret(Secret::new(text).written()),
        _ => Value::Text(text.to_owned()),
    })
}
