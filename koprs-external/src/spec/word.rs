//! Words of a fixed list, as `json` or `true`.

use super::quote::{Content, quoted};
use super::{Invalid, meant};

/// Reads `true` or `false`.
pub(crate) fn flag(text: &str) -> Result<bool, Invalid> {
    parse(text, &["true", "false"], "bad-word", "`true` or `false`").map(|word| word == "true")
}

/// Reads one of several words; `what` they are is said of another one.
pub(crate) fn parse(
    text: &str,
    words: &[&'static str],
    code: &'static str,
    what: &str,
) -> Result<&'static str, Invalid> {
    words.iter().find(|word| **word == text).copied().ok_or_else(|| {
        let help = match meant::word(text, words.iter().copied()) {
            Some(meant) => format!("write `{meant}`"),
            None => {
                let known: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
                format!("one of {}", known.join(", "))
            }
        };
        Invalid::new("", code, format!("{} is not {what}", quoted(Content::Word, text))).help(help)
    })
}

/// All words.
pub(super) fn all<T>(words: &[(&'static str, T)]) -> Vec<&'static str> {
    words.iter().map(|(word, _)| *word).collect()
}

/// The word that declares a value.
pub(super) fn of<T: PartialEq>(value: &T, words: &[(&'static str, T)]) -> &'static str {
    words.iter().find(|(_, meant)| meant == value).map_or("", |(word, _)| word)
}

/// The value that a word declares.
pub(super) fn value<T: Copy>(word: &str, words: &[(&'static str, T)]) -> Option<T> {
    words.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
}
