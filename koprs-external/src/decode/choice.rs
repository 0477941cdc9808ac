//! The format of a body: the declared one, else that of its content type, else JSON.
//!
//! A page for people (HTML) in the place of data is how a proxy asks for a login and how a server reports that it is
//! down, both with the status 200. It is refused before anything is parsed, unless the declaration says otherwise and
//! the body does not look like a page. Declared text and bytes may be a page: what counts then is which kind of content
//! was followed first ([`is_page`]).

use super::refused::{Cause, Refused};
use crate::printable::printable;

/// How much of a body is looked at to guess its format.
const GUESSED_FROM: usize = 4096;

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
    #[cfg_attr(not(feature = "yaml"), allow(dead_code, reason = "bounds trees of YAML"))]
    pub(crate) body_limit: u64,
    /// The most bytes that a poll may hold.
    #[cfg_attr(not(feature = "yaml"), allow(dead_code, reason = "bounds trees of YAML"))]
    pub(crate) walk_limit: u64,
    /// Whether items can be declared where a value is.
    pub(crate) has_items: bool,
}

/// The encoding of a body, and why it was chosen.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) encoding: Encoding,
    reason: Reason,
}

#[derive(Debug, PartialEq, Eq)]
enum Reason {
    Declared,
    ContentType(String),
    /// No content type says what it is; this one was given, if any.
    Default(Option<String>),
}

impl Choice {
    pub(super) fn new(
        declared: Option<Encoding>,
        content_type: Option<&str>,
        body: &[u8],
    ) -> Result<Self, Refused> {
        let essence = content_type.map(essence);
        let is_plain = matches!(declared, Some(Encoding::Text | Encoding::Bytes));
        if let Some(page) = essence.as_deref().filter(|essence| is_html(essence) && !is_plain)
            && (declared.is_none() || may_be_page(body))
        {
            return Err(page_refused(page, body));
        }
        let (encoding, reason) = match (declared, essence) {
            (Some(encoding), _) => (encoding, Reason::Declared),
            (None, None) => (Encoding::Json, Reason::Default(None)),
            (None, Some(essence)) => match by_content_type(&essence) {
                Some(encoding) => (encoding, Reason::ContentType(essence)),
                None => (Encoding::Json, Reason::Default(Some(essence))),
            },
        };
        Ok(Self { encoding, reason })
    }

    /// The encoding of a body that is not looked at; none where the content type alone says that it is refused.
    pub(super) fn of_type(
        declared: Option<Encoding>,
        content_type: Option<&str>,
    ) -> Option<Encoding> {
        let essence = content_type.map(essence);
        match (declared, essence.as_deref()) {
            (Some(encoding), _) => Some(encoding),
            (None, Some(essence)) if is_html(essence) => None,
            (None, essence) => Some(essence.and_then(by_content_type).unwrap_or(Encoding::Json)),
        }
    }

    /// An error of a body that was read in this encoding, with what else the body may be.
    pub(super) fn explained(&self, mut refused: Refused, text: &str) -> Refused {
        if let (Cause::Syntax, Reason::Default(given)) = (&refused.cause, &self.reason) {
            let why = match given {
                Some(given) => {
                    format!("the content type `{}` does not say what it is", printable(given))
                }
                None => "it has no content type".to_owned(),
            };
            let format = guess(text.as_bytes());
            refused.message += &format!(
                "; it was read as JSON, since {why}: declare its format, for example `decode: {format}`"
            );
        }
        refused
    }

    /// A text, or bytes, where a type wants something else.
    pub(super) fn not_a_text(&self, expected: &str) -> Refused {
        Refused::whole(format!(
            "{}, and the type expects {expected}; declare another format, for example `decode: json`",
            self.plainly()
        ))
    }

    /// A text, or bytes, where a list is declared.
    pub(super) fn no_items(&self) -> Refused {
        let formats = "`json`, `yaml`, `ndjson` or `csv`";
        Refused::whole(format!(
            "{}, which has no items; declare `decode` as {formats}",
            self.plainly()
        ))
    }

    fn plainly(&self) -> String {
        let what = if self.encoding == Encoding::Bytes { "bytes" } else { "text" };
        match &self.reason {
            Reason::ContentType(given) | Reason::Default(Some(given)) => {
                format!(
                    "the body is read as {what} because its content type is `{}`",
                    printable(given)
                )
            }
            Reason::Declared | Reason::Default(None) => {
                format!("the body is read as {what} (`decode`)")
            }
        }
    }
}

/// Whether a content that is read as text or bytes is a page for people.
pub(crate) fn is_page(format: BodyFormat, content_type: Option<&str>, body: &[u8]) -> bool {
    let is_plain = matches!(format.encoding, Some(Encoding::Text | Encoding::Bytes));
    is_plain && content_type.map_or_else(|| begins_as_page(body), |given| is_html(&essence(given)))
}

/// Whether a body begins as a page does, whatever its content type.
pub(crate) fn begins_with_tag(body: &[u8]) -> bool {
    begin(body).starts_with(b"<")
}

/// Why a page is refused after something else was followed.
pub(crate) fn page_instead() -> Refused {
    Refused::whole(
        "the body is an HTML page, and it was something else before: a login or maintenance page? The last value is \
         kept; if the page is the value now, restart the process",
    )
}

/// Why a page is refused that a store did not list.
#[cfg(feature = "object-store")]
pub(crate) fn page_in_place() -> Refused {
    Refused::whole(
        "the body is an HTML page, and neither its ETag nor its size is that of the object: a login or maintenance \
         page? The object is read again",
    )
}

fn page_refused(essence: &str, body: &[u8]) -> Refused {
    let essence = printable(essence);
    let what =
        format!("the body is an HTML page (`{essence}`), such as a login or maintenance page");
    Refused::whole(match may_be_page(body) {
        true => format!("{what}; declare `decode: text` if the page is the value"),
        false => format!(
            "the content type is that of an HTML page (`{essence}`), such as a login or maintenance page; declare the \
             format if the body is none, for example `decode: {}`",
            guess(body)
        ),
    })
}

fn is_html(essence: &str) -> bool {
    matches!(essence, "text/html" | "application/xhtml+xml")
}

/// Whether a body under the content type of a page may be one. An empty body is no sign of data either.
fn may_be_page(body: &[u8]) -> bool {
    matches!(begin(body).first(), None | Some(b'<'))
}

fn begins_as_page(body: &[u8]) -> bool {
    let begin = begin(body);
    ["<!doctype html", "<html"].iter().any(|tag| {
        begin.get(..tag.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(tag.as_bytes()))
    })
}

fn begin(body: &[u8]) -> &[u8] {
    super::without_bom(body).trim_ascii_start()
}

fn by_content_type(essence: &str) -> Option<Encoding> {
    match essence {
        "application/json" | "text/json" => Some(Encoding::Json),
        "application/yaml" | "application/x-yaml" | "text/yaml" | "text/x-yaml"
        | "text/vnd.yaml" => Some(Encoding::Yaml),
        "text/plain" => Some(Encoding::Text),
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => {
            Some(Encoding::Ndjson)
        }
        "text/csv" => Some(Encoding::Csv),
        other if other.ends_with("+yaml") => Some(Encoding::Yaml),
        other if other.ends_with("+json") => Some(Encoding::Json),
        _ => None,
    }
}

/// `type/subtype` of a content type, in lower case, without parameters (RFC 9110 §8.3.1).
fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The format that a body looks like at its beginning. It is only ever advised, as an example.
fn guess(body: &[u8]) -> &'static str {
    let text = String::from_utf8_lossy(body.get(..GUESSED_FROM).unwrap_or(body));
    // A character that is cut in two is left out.
    let text = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
    let mut lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let mut lines =
        lines.by_ref().filter(|line| !line.is_empty() && !line.starts_with('#')).take(3);
    let (first, second) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let is_key = |line: &str| line.contains(": ") || line.ends_with(':');
    match first {
        _ if first.starts_with('{') && second.starts_with('{') => "ndjson",
        _ if first.starts_with(['{', '[']) => "json",
        _ if first.starts_with("---") || first.starts_with("- ") || is_key(first) => "yaml",
        _ if first.contains(',') && second.contains(',') => "csv",
        _ => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(
        declared: Option<Encoding>,
        content_type: Option<&str>,
        body: &str,
    ) -> Result<Encoding, String> {
        let choice = Choice::new(declared, content_type, body.as_bytes());
        choice.map(|choice| choice.encoding).map_err(|refused| refused.message)
    }

    #[test]
    fn the_encoding_is_the_declared_one_else_by_content_type_else_json() {
        use Encoding::{Bytes, Csv, Json, Ndjson, Text, Yaml};
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
            (Some(Json), Some("text/html"), Json),
            (Some(Yaml), Some("text/html; charset=utf-8"), Yaml),
            (Some(Ndjson), Some("application/xhtml+xml"), Ndjson),
            (Some(Csv), Some("text/html"), Csv),
        ];
        for (declared, content_type, encoding) in cases {
            assert_eq!(
                choose(declared, content_type, "{}"),
                Ok(encoding),
                "{declared:?} {content_type:?}"
            );
        }
    }

    #[test]
    fn a_page_for_people_is_never_data() {
        use Encoding::{Csv, Json, Ndjson, Yaml};
        let declared = [None, Some(Json), Some(Yaml), Some(Ndjson), Some(Csv)];
        for body in ["<html>", "\u{feff} \n<!DOCTYPE html>", "<?xml ?>", "", " \n"] {
            for declared in declared {
                let refused = choose(declared, Some("text/html; charset=utf-8"), body).unwrap_err();
                assert!(
                    refused.contains("text/html") && refused.contains("`decode: text`"),
                    "{refused}"
                );
            }
        }
        for (body, format) in
            [("{}", "json"), ("a: 1", "yaml"), ("a,b\n1,2", "csv"), ("{}\n{}", "ndjson")]
        {
            let refused = choose(None, Some("text/html"), body).unwrap_err();
            assert!(refused.contains(&format!("`decode: {format}`")), "{refused}");
        }
    }

    #[test]
    fn the_format_is_guessed_from_the_beginning_of_a_body() {
        assert_eq!(guess(("\n".repeat(GUESSED_FROM - 1) + "{").as_bytes()), "json");
        assert_eq!(guess(("\n".repeat(GUESSED_FROM) + "{").as_bytes()), "text");
        // The cut is in the middle of a character.
        assert_eq!(guess(("k: ".to_owned() + &"ü".repeat(GUESSED_FROM)).as_bytes()), "yaml");
        let refused = choose(None, Some("text/html"), &("{}".to_owned() + &"\n".repeat(1 << 20)));
        assert!(refused.unwrap_err().contains("`decode: json`"));
    }

    #[test]
    fn the_encoding_by_type_is_that_of_a_body_that_is_no_page() {
        let types = [None, Some("text/html"), Some("text/csv"), Some("a/b"), Some("a/b+yaml")];
        for declared in [None, Some(Encoding::Json), Some(Encoding::Text)] {
            for content_type in types {
                let encoding = Choice::of_type(declared, content_type);
                assert_eq!(encoding, choose(declared, content_type, "{}").ok());
            }
        }
    }

    #[test]
    fn a_text_is_a_page_by_its_content_type_else_by_how_it_begins() {
        let page = |encoding, content_type, body: &str| {
            let format =
                BodyFormat { encoding, body_limit: 9, walk_limit: 1 << 20, has_items: true };
            is_page(format, content_type, body.as_bytes())
        };
        for encoding in [Some(Encoding::Text), Some(Encoding::Bytes)] {
            assert!(page(encoding, Some("text/html"), "x"));
            assert!(page(encoding, None, "\n<!DOCTYPE HTML><p>"));
            assert!(page(encoding, None, "<html lang=en>"));
            assert!(!page(encoding, None, "<p>"));
            assert!(!page(encoding, Some("text/plain"), "<html>"));
        }
        assert!(!page(Some(Encoding::Json), Some("text/html"), "{}"));
        assert!(!page(None, None, "<html>"));
    }
}
