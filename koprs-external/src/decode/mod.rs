//! From bytes to `T`: one format a file.
//!
//! The format is the declared one, else that of the content type, else JSON. A content type that says
//! plainly that this is something else (an HTML maintenance page where JSON is due) is an error before
//! anything is parsed.
//!
//! A body without content is an error whatever the type: an object that is being written, or an answer that
//! was cut, must not look like an empty value. Only text and bytes may be empty, and so may NDJSON, in which
//! no line is how an empty list is written.

mod items;
mod json;
mod plain;
#[cfg(feature = "yaml")]
mod yaml;

use serde::de::DeserializeOwned;

pub(crate) use self::items::{Cutter, Item, Text};

/// Of a text that is too long to be read, twice so many characters of its beginning, and so many of its
/// end, stay.
const KEPT: usize = 100;

/// What a body is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Json,
    Yaml,
    Text,
    Bytes,
    Ndjson,
    Csv,
}

/// How the bodies of a source are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyFormat {
    /// The declared encoding.
    pub(crate) encoding: Option<Encoding>,
    /// The most bytes of a body, also with what it stands for written out.
    pub(crate) body_limit: u64,
}

/// Why bytes did not become a `T`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Where in the value, as `limits.cpu[2]`; empty for no place in particular.
    pub(crate) path: String,
    /// What is wrong there.
    pub(crate) message: String,
}

impl Refused {
    fn whole(message: impl Into<String>) -> Self {
        Self { path: String::new(), message: message.into() }
    }

    fn at(path: &[String], message: String) -> Self {
        Self { path: path.join("."), message }
    }

    /// Without the middle of what is long: it holds parts of the body.
    pub(crate) fn short(self) -> Self {
        Self { path: shortened(self.path), message: shortened(self.message) }
    }
}

fn shortened(text: String) -> String {
    let length = text.chars().count();
    if length <= 3 * KEPT {
        return text;
    }
    let (head, tail) = (text.chars().take(2 * KEPT), text.chars().skip(length - KEPT));
    head.chain(['…']).chain(tail).collect()
}

/// Decodes a body.
pub(crate) fn decode<T: DeserializeOwned>(
    format: BodyFormat,
    content_type: Option<&str>,
    body: &[u8],
) -> Result<T, Refused> {
    let encoding = choose(format.encoding, content_type)?;
    match encoding {
        Encoding::Text => plain::text(utf8(without_bom(body))?),
        Encoding::Bytes => plain::bytes(body),
        Encoding::Json => json::decode(content(body)?),
        Encoding::Yaml => decode_yaml(content(body)?, format.body_limit),
        Encoding::Ndjson | Encoding::Csv => Err(Refused::whole(
            "the body is a list: say what tells its items apart (`items`, `key`)",
        )),
    }
    .map_err(Refused::short)
}

#[cfg(feature = "yaml")]
fn decode_yaml<T: DeserializeOwned>(text: &str, limit: u64) -> Result<T, Refused> {
    yaml::decode(&*yaml::load(text, usize::try_from(limit).unwrap_or(usize::MAX))?)
}

#[cfg(not(feature = "yaml"))]
fn decode_yaml<T>(_: &str, _: u64) -> Result<T, Refused> {
    Err(no_yaml())
}

#[cfg(not(feature = "yaml"))]
fn no_yaml() -> Refused {
    Refused::whole("the body is YAML: enable the feature `yaml` of koprs-external")
}

/// The text of a body that has content.
fn content(body: &[u8]) -> Result<&str, Refused> {
    let text = utf8(without_bom(body))?;
    if text.trim_ascii().is_empty() { Err(Refused::whole("the body is empty")) } else { Ok(text) }
}

/// The encoding of a body; the content type decides where nothing is declared.
fn choose(declared: Option<Encoding>, content_type: Option<&str>) -> Result<Encoding, Refused> {
    let essence = content_type.map(essence).unwrap_or_default();
    let plain = matches!(declared, Some(Encoding::Text | Encoding::Bytes));
    if !plain && matches!(essence.as_str(), "text/html" | "application/xhtml+xml") {
        return Err(Refused::whole(format!(
            "the body is `{essence}`, as of an error or maintenance page; declare `decode` as `text` if this is the value"
        )));
    }
    Ok(declared.unwrap_or_else(|| by_content_type(&essence)))
}

fn by_content_type(essence: &str) -> Encoding {
    match essence {
        "application/yaml" | "application/x-yaml" | "text/yaml" | "text/x-yaml"
        | "text/vnd.yaml" => Encoding::Yaml,
        "text/plain" => Encoding::Text,
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Encoding::Ndjson,
        "text/csv" => Encoding::Csv,
        other if other.ends_with("+yaml") => Encoding::Yaml,
        _ => Encoding::Json,
    }
}

/// `type/subtype` of a content type, in lower case, without parameters (RFC 9110 §8.3.1).
fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The text of a body. RFC 8259 §8.1 and YAML agree on UTF-8.
fn utf8(body: &[u8]) -> Result<&str, Refused> {
    std::str::from_utf8(body).ok().filter(|text| !text.contains('\0')).ok_or_else(|| {
        let wide = body.starts_with(b"\xFF\xFE") || body.starts_with(b"\xFE\xFF");
        let wide = wide || body.iter().take(2).any(|byte| *byte == 0);
        Refused::whole(match wide {
            true => "the body is UTF-16, and only UTF-8 is read",
            false => "the body is not UTF-8 text",
        })
    })
}

fn without_bom(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(encoding: Option<Encoding>) -> BodyFormat {
        BodyFormat { encoding, body_limit: 1024 }
    }

    #[test]
    fn the_encoding_is_the_declared_one_else_by_content_type_else_json() {
        use Encoding::{Bytes, Json, Text, Yaml};
        let cases = [
            (None, None, Json),
            (None, Some("application/json; charset=utf-8"), Json),
            (None, Some("application/vnd.api+json"), Json),
            (None, Some("application/octet-stream"), Json),
            (None, Some("Application/YAML"), Yaml),
            (None, Some("application/vnd.x+yaml"), Yaml),
            (None, Some("text/plain"), Text),
            (Some(Json), Some("text/plain"), Json),
            (Some(Text), Some("text/html"), Text),
            (Some(Bytes), Some("application/json"), Bytes),
        ];
        for (declared, content_type, encoding) in cases {
            assert_eq!(
                choose(declared, content_type),
                Ok(encoding),
                "{declared:?} {content_type:?}"
            );
        }
    }

    #[test]
    fn a_page_for_people_is_never_a_value() {
        for declared in [None, Some(Encoding::Json), Some(Encoding::Yaml)] {
            let refused = decode::<serde_json::Value>(
                format(declared),
                Some("text/html; charset=utf-8"),
                b"{}",
            );
            assert!(refused.unwrap_err().message.contains("text/html"), "{declared:?}");
        }
    }

    #[test]
    fn utf_16_is_called_by_its_name() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        for body in [wide("\u{feff}{}"), wide("{}"), vec![0, b'7']] {
            let refused = decode::<serde_json::Value>(format(None), None, &body).unwrap_err();
            assert_eq!(refused.message, "the body is UTF-16, and only UTF-8 is read");
        }
        let refused = decode::<String>(format(None), None, b"\"caf\xe9\"").unwrap_err();
        assert_eq!(refused.message, "the body is not UTF-8 text");
    }

    #[test]
    fn a_byte_order_mark_is_no_content() {
        assert_eq!(decode::<u8>(format(None), None, b"\xEF\xBB\xBF7"), Ok(7));
        assert_eq!(
            decode::<String>(format(Some(Encoding::Text)), None, b"\xEF\xBB\xBFx"),
            Ok("x".into())
        );
    }
}
