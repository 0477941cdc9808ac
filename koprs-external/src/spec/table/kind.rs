//! What a setting holds, and what holds without it.

use std::time::Duration;

use crate::spec::quote::Content;
use crate::spec::settings::Value;
use crate::spec::{bounds, duration, name, percentage, size};

/// What a setting holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// A DNS-1123 label.
    Label,
    /// `30s`; the most in a text.
    Duration { most: Duration },
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
    /// A text, which may be empty; its most bytes.
    Text { most: usize },
    /// A text that is not empty; its most bytes.
    Filled { most: usize },
    /// An absolute URL of one of these schemes.
    Url(&'static [&'static str]),
    /// A JSON pointer.
    Pointer,
    /// JSON as a text; its most bytes.
    Json { most: usize },
    /// The name of a header.
    HeaderName,
    /// The name of an environment variable.
    Variable,
    /// The path of a file.
    Path,
    /// A list; its most entries, and their most bytes together.
    List { of: &'static Kind, most: usize, bytes: Option<usize> },
    /// Values by their names; the most entries, and their most bytes together.
    Map { of: &'static Kind, most: usize, bytes: Option<usize> },
    /// Texts by their names; each may come from elsewhere, as a secret does. The most entries.
    Options { most: usize },
    /// Settings of its own.
    Block,
}

impl Kind {
    /// The most bytes of a text, or of each text of a list.
    pub(crate) const fn most_bytes(self) -> Option<usize> {
        match self {
            Self::Label => Some(name::LONGEST),
            Self::Text { most } | Self::Filled { most } | Self::Json { most } => Some(most),
            Self::Url(_) => Some(bounds::URL),
            Self::Pointer | Self::Path => Some(bounds::PATH),
            Self::HeaderName | Self::Variable => Some(bounds::NAME),
            Self::List { of, .. } | Self::Map { of, .. } => of.most_bytes(),
            Self::Options { .. } => Some(bounds::SECRET),
            Self::Duration { .. }
            | Self::Size
            | Self::Percentage { .. }
            | Self::Whole { .. }
            | Self::Flag
            | Self::Word(_)
            | Self::Block => None,
        }
    }

    /// What a value of it reads as when it may be shown.
    pub(super) fn content(self) -> Option<Content> {
        match self {
            Self::Duration { .. } | Self::Size | Self::Percentage { .. } | Self::Whole { .. } => {
                Some(Content::Quantity)
            }
            Self::Flag | Self::Word(_) => Some(Content::Word),
            Self::Label | Self::HeaderName => Some(Content::Name),
            Self::Pointer => Some(Content::Pointer),
            Self::Path => Some(Content::Path),
            Self::Url(_) => Some(Content::Url),
            Self::Text { .. }
            | Self::Filled { .. }
            | Self::Json { .. }
            | Self::Variable
            | Self::List { .. }
            | Self::Map { .. }
            | Self::Options { .. }
            | Self::Block => None,
        }
    }

    /// The most entries of a list.
    pub(crate) const fn most_entries(self) -> Option<usize> {
        match self {
            Self::List { most, .. } | Self::Map { most, .. } | Self::Options { most } => Some(most),
            _ => None,
        }
    }

    /// The most bytes of all entries of a list together.
    pub(crate) const fn most_bytes_in_all(self) -> Option<usize> {
        match self {
            Self::List { bytes, .. } | Self::Map { bytes, .. } => bytes,
            _ => None,
        }
    }
}

/// What the value of a setting is checked for beside its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// Nothing more.
    Kind,
    /// One of its words; the code of another one, and what the words are.
    Words { code: &'static str, what: &'static str },
    /// More than nothing.
    NotZero,
    /// A JSON pointer to a part.
    Part,
    /// A username, which ends at a `:`.
    Username,
    /// What stands in a header before a secret.
    Prefix,
    /// The name of a header that is sent.
    SentHeader,
    /// A secret that a header can carry, or the file of one.
    Secret,
    /// The URL of a token endpoint.
    TokenUrl,
    /// A URL of a scheme, a host and a port.
    Origin,
    /// The URL of an object store.
    StoreUrl,
    /// A scope of OAuth 2.0.
    Scope,
    /// A glob.
    Glob,
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
    /// As a number: of items, of bytes, or of nanoseconds.
    pub(crate) fn amount(self) -> Option<u128> {
        match self {
            Self::Duration(it) => Some(it.as_nanos()),
            Self::Size(number) | Self::Whole(number) => Some(number.into()),
            _ => None,
        }
    }

    /// As a value; nothing where it is none.
    pub(crate) fn value(self) -> Option<Value> {
        Some(match self {
            Self::None | Self::Words(_) => return None,
            Self::Duration(it) => Value::Duration(it),
            Self::Size(bytes) => Value::Bytes(bytes),
            Self::Ratio(ratio) => Value::Ratio(ratio),
            Self::Whole(number) => Value::Whole(number),
            Self::Flag(on) => Value::Flag(on),
            Self::Word(word) => Value::Word(word),
        })
    }

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
