//! What a setting holds, and what holds without it.

use std::time::Duration;

use crate::spec::{duration, percentage, size};

/// What a setting holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// A DNS-1123 label.
    Label,
    /// `30s`.
    Duration,
    /// `8MiB`.
    Size,
    /// `50%`; the most as a ratio.
    Percentage { most: f64 },
    /// A whole number.
    Whole { least: u64, most: Option<u64> },
    /// `true` or `false`.
    Flag,
    /// One of some words.
    Word(fn() -> Vec<&'static str>),
    /// A text, which may be empty.
    Text,
    /// A text that is not empty.
    Filled,
    /// An absolute URL of one of these schemes.
    Url(&'static [&'static str]),
    /// A JSON pointer.
    Pointer,
    /// JSON as a text.
    Json,
    /// The name of a header.
    HeaderName,
    /// The name of an environment variable.
    Variable,
    /// The path of a file.
    Path,
    /// A list.
    List(&'static Kind),
    /// Values by their names.
    Map(&'static Kind),
    /// Texts by their names; each may come from elsewhere, as a secret does.
    Options,
    /// Settings of its own.
    Block,
}

/// What holds where a setting is left out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Default {
    /// Nothing.
    None,
    /// What depends on something else, in words.
    Words(&'static str),
    Duration(Duration),
    Size(u64),
    Ratio(f64),
    Whole(u64),
    Flag(bool),
    Word(&'static str),
}

impl Default {
    /// As it would be written, or in words; nothing where there is none.
    pub(crate) fn shown(self) -> Option<String> {
        match self {
            Self::Words(words) => Some(words.to_owned()),
            other => other.written(),
        }
    }

    /// As it would be written; nothing where it is none that can be written.
    pub(crate) fn written(self) -> Option<String> {
        Some(match self {
            Self::None | Self::Words(_) => return None,
            Self::Duration(it) => duration::show(it),
            Self::Size(bytes) => size::show(bytes),
            Self::Ratio(ratio) => percentage::show(ratio),
            Self::Whole(number) => number.to_string(),
            Self::Flag(on) => on.to_string(),
            Self::Word(word) => word.to_owned(),
        })
    }
}
