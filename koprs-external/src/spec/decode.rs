//! `decode`: the format of the content. Default: by content type, else JSON.

use super::word;

/// The format of a body.
///
/// A proxy's login page and a maintenance page come as HTML with the status 200, in the place of data. Without a declared
/// format, `text/html` is a failed poll. A declared one wins over that content type, unless the body is empty or begins
/// with `<`. Declared [`Text`](Self::Text) and [`Bytes`](Self::Bytes) may be a page; what decides is the first content:
/// a page that comes after something else is a failed poll. An object of a store may be a page at any time, where its ETag
/// or its size is the listed one; any other page in its place is a bad item, and is read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// JSON (RFC 8259).
    Json,
    /// YAML 1.2 with its core schema; needs the feature `yaml`.
    ///
    /// `NO`, `on`, `1_000` and `0b11` are texts, and `0123` is the number 123. A `String` gets any scalar as it is
    /// written, except for `null`. Where no type says what is expected (`serde_json::Value`, `untagged`, `flatten`),
    /// numbers beyond 64 bits, `.inf` and `.nan` stay texts.
    ///
    /// Merge keys (`<<`) are followed. A repeated key, a second document and a tag outside the core schema
    /// (`!vault`, `!!binary`) are errors, and so is a body without content; `null` is content.
    Yaml,
    /// UTF-8 text, into a `String` or a newtype over one.
    Text,
    /// The bytes as they are, into `bytes::Bytes`, `Vec<u8>` or a newtype over one.
    Bytes,
    /// JSON values, one a line (JSON Lines): a list. An empty body is an empty list, and
    /// since it may have been cut off, its removals are held until three polls in a row agree.
    Ndjson,
    /// Comma-separated values (RFC 4180) under a line of names: a list. Needs the feature `csv`.
    ///
    /// A field is text unless the type asks for a number or a boolean. An empty field is `None` for an `Option`.
    /// Where no type says what is expected (`serde_json::Value`), every field is text. In a record that does not fit as
    /// text, as with a number inside `untagged` or `flatten`, fields such as `7`, `0.5` and `true` are numbers and
    /// booleans there; `007` and `1e5` never are. A line of names alone is an empty list; an empty body is an error.
    Csv,
}

impl Format {
    /// Each format with the word that declares it.
    const WORDS: [(&'static str, Format); 6] = [
        ("json", Format::Json),
        ("yaml", Format::Yaml),
        ("text", Format::Text),
        ("bytes", Format::Bytes),
        ("ndjson", Format::Ndjson),
        ("csv", Format::Csv),
    ];

    /// The words of all.
    pub(super) fn words() -> Vec<&'static str> {
        word::all(&Self::WORDS)
    }

    /// The format of a word.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        word::value(word, &Self::WORDS)
    }

    pub(super) fn word(self) -> &'static str {
        word::of(&self, &Self::WORDS)
    }

    /// Whether it is a list by nature.
    pub(crate) fn is_list(self) -> bool {
        matches!(self, Self::Ndjson | Self::Csv)
    }

    /// Whether it is one value without parts.
    pub(super) fn is_plain(self) -> bool {
        matches!(self, Self::Text | Self::Bytes)
    }
}
