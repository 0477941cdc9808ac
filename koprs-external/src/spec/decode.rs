//! `decode`: the format of the content. Default: by content type, else JSON.

use super::Invalid;

/// The format of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// JSON (RFC 8259).
    Json,
    /// YAML 1.2; needs the feature `yaml`.
    Yaml,
    /// UTF-8 text, into a `String` or a newtype over one.
    Text,
    /// The bytes as they are, into `bytes::Bytes`, `Vec<u8>` or a newtype over one.
    Bytes,
    /// JSON values, one a line (JSON Lines): a list.
    Ndjson,
    /// Comma-separated values (RFC 4180) under a line of names: a list. Needs the feature `csv`.
    Csv,
}

#[cfg(feature = "yaml")]
impl Format {
    /// Each format with the word that declares it.
    pub(crate) const WORDS: [(&'static str, Format); 6] = [
        ("json", Format::Json),
        ("yaml", Format::Yaml),
        ("text", Format::Text),
        ("bytes", Format::Bytes),
        ("ndjson", Format::Ndjson),
        ("csv", Format::Csv),
    ];

    /// Reads the word of a format.
    pub(crate) fn parse(setting: &str, text: &str) -> Result<Self, Invalid> {
        let found = Self::WORDS.iter().find(|(word, _)| *word == text);
        found.map(|(_, format)| *format).ok_or_else(|| {
            Invalid::new(setting, "bad-format", format!("`{text}` is not a format"))
                .help("one of `json`, `yaml`, `text`, `bytes`, `ndjson`, `csv`")
        })
    }
}

pub(super) fn check(format: Option<Format>) -> Result<Option<Format>, Invalid> {
    match format {
        Some(Format::Yaml) if cfg!(not(feature = "yaml")) => {
            Err(Invalid::new("decode", "missing-feature", "`yaml` is not compiled in")
                .help("enable the feature `yaml` of koprs-external"))
        }
        other => Ok(other),
    }
}
