//! Words of a fixed list, as `json` or `true`.

#[cfg(feature = "yaml")]
use super::quote::{Content, quoted};
#[cfg(feature = "yaml")]
use super::{Invalid, meant};

/// What a flag may be.
#[cfg(feature = "yaml")]
pub(crate) fn flag(setting: &str, text: &str) -> Result<bool, Invalid> {
    const WORDS: [(&str, bool); 2] = [("true", true), ("false", false)];
    parse(setting, text, &WORDS, ("bad-word", "`true` or `false`"))
}

/// Reads a word; `refusal` is the code of the mistake and what the words are.
#[cfg(feature = "yaml")]
pub(super) fn parse<T: Copy>(
    setting: &str,
    text: &str,
    words: &[(&str, T)],
    refusal: (&'static str, &str),
) -> Result<T, Invalid> {
    let (code, what) = refusal;
    let found = words.iter().find(|(word, _)| *word == text);
    found.map(|(_, meant)| *meant).ok_or_else(|| {
        let known: Vec<_> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        let help = match meant::word(text, words.iter().map(|(word, _)| *word)) {
            Some(meant) => format!("write `{meant}`"),
            None => format!("one of {}", known.join(", ")),
        };
        Invalid::new(setting, code, format!("{} is not {what}", quoted(Content::Word, text)))
            .help(help)
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
