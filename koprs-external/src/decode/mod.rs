//! From bytes to `T`: one format a file.
//!
//! The format is chosen first ([`choice`]). An error says in the words of this crate what was expected, what was found
//! and where ([`refused`], [`found`]).
//!
//! # Depth
//!
//! No input overflows the stack: walks do not recurse, and what recurses has a bound on its depth.
//!
//! | input | the deepest nesting |
//! |---|---|
//! | a JSON pointer: `items.at`, `items.key`, `ignore`, a cursor | 128 segments |
//! | a JSON value or item, decoded | 127 arrays and objects, as serde_json has it |
//! | JSON that is searched, cut into items, or that no type asks for | any, without recursion |
//! | YAML, with its aliases followed | 128 sequences and mappings |
//! | NDJSON | each line as a JSON item; CSV has no depth |
//! | a file of watchers, with its aliases followed; a declaration in any other format | 32 levels |
//! | a declared JSON body | any, without recursion |
//! | the answer of a token endpoint, a refusal of a store in JSON | 127, and any where nothing is asked for |
//! | the XML of a store | 32 elements below the root |
//! | the braces of a glob | 16 |
//!
//! The tests are in `depth`, and beside the parsers of `http` and `store`.
//!
//! # Content
//!
//! A body without content is an error whatever the type: an object that is being written, or an answer that
//! was cut, must not look like an empty value. Only text and bytes may be empty, and so may NDJSON, in which
//! no line is how an empty list is written.

mod choice;
mod found;
mod ignored;
mod items;
mod json;
mod plain;
mod refused;
mod wants;
#[cfg(feature = "yaml")]
mod yaml;

use serde::de::DeserializeOwned;

use self::choice::Choice;
#[cfg(feature = "object-store")]
pub(crate) use self::choice::page_in_place;
pub(crate) use self::choice::{BodyFormat, Encoding, begins_with_tag, is_page, page_instead};
pub(crate) use self::ignored::PointerTree;
pub(crate) use self::items::{Cutter, Item, Text};
use self::refused::Cause;
pub(crate) use self::refused::Refused;
#[cfg(feature = "yaml")]
pub(crate) use self::yaml::yaml_words;
use crate::memory::{Admit, json_size};

/// A byte of YAML takes as much work as so many of JSON: its tokens become a tree first.
const YAML_WEIGHT: usize = 16;

/// So many bytes of a page that is refused take as much work as one of JSON: they are looked through.
const LOOKED_THROUGH: usize = 8;

/// A longer body of YAML is not searched for aliases.
const SEARCHED: usize = 64 * 1024;

/// An item takes as much work as so many bytes of JSON, at least where it is a bad one.
const ITEM: usize = 32;

/// Decodes a body.
pub(crate) fn decode<T: DeserializeOwned>(
    format: BodyFormat,
    content_type: Option<&str>,
    body: &[u8],
    admit: Admit<'_>,
) -> Result<T, Refused> {
    let choice = Choice::new(format.encoding, content_type, body)?;
    let mut admit = |size| admit(size).map_err(|full| Refused::whole(full.to_string()));
    let decoded = match choice.encoding {
        Encoding::Text => {
            let text = utf8(without_bom(body))?;
            admit(text.len() as u64)?;
            plain::text(text, &choice)
        }
        Encoding::Bytes => {
            admit(body.len() as u64)?;
            plain::bytes(body, &choice)
        }
        Encoding::Json => {
            let text = content(body)?;
            admit(json_size(text))?;
            json::decode(text).map_err(|refused| choice.explained(refused, text))
        }
        Encoding::Yaml => decode_yaml(content(body)?, format, &mut admit),
        Encoding::Ndjson | Encoding::Csv => Err(Refused::whole(
            "the body is a list of lines: declare its `items`, with a `key` that tells them apart",
        )),
    };
    decoded.map_err(|mut refused| {
        if let (Cause::List(at), true) = (&refused.cause, format.has_items) {
            refused.message += &match at.as_str() {
                "" => "; if it is a list, add `items`".to_owned(),
                at => format!("; if the array at `{at}` is the list, add `items`"),
            };
        }
        refused
    })
}

/// The work that it takes to decode a body, in bytes of JSON. Little of the body is read to know it.
pub(crate) fn cost(format: BodyFormat, content_type: Option<&str>, body: &[u8]) -> usize {
    match Choice::of_type(format.encoding, content_type) {
        // Its aliases can make as much of it as a body may have.
        Some(Encoding::Yaml) if body.len() > SEARCHED || body.contains(&b'*') => usize::MAX,
        Some(Encoding::Yaml) => body.len().saturating_mul(YAML_WEIGHT),
        Some(_) => body.len(),
        // It is refused.
        None => body.len() / LOOKED_THROUGH,
    }
}

/// What its items take beside: each that is looked at by itself takes work, however short it is.
pub(crate) fn cost_of_items(body: &[u8]) -> usize {
    let count = |end| body.iter().filter(|byte| **byte == end).count();
    count(b',').max(count(b'\n')).saturating_mul(ITEM)
}

#[cfg(feature = "yaml")]
fn decode_yaml<T: DeserializeOwned>(
    text: &str,
    format: BodyFormat,
    admit: &mut dyn FnMut(u64) -> Result<(), Refused>,
) -> Result<T, Refused> {
    let node = yaml::load(text, format)?;
    admit(node.decoded_size())?;
    yaml::decode(&node)
}

#[cfg(not(feature = "yaml"))]
fn decode_yaml<T>(
    _: &str,
    _: BodyFormat,
    _: &mut dyn FnMut(u64) -> Result<(), Refused>,
) -> Result<T, Refused> {
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

/// The text of a body. RFC 8259 §8.1 and YAML agree on UTF-8.
fn utf8(body: &[u8]) -> Result<&str, Refused> {
    let is_wide = body.starts_with(b"\xFF\xFE") || body.starts_with(b"\xFE\xFF");
    let is_wide = is_wide || body.iter().take(2).any(|byte| *byte == 0);
    if is_wide {
        return Err(Refused::whole("the body is UTF-16, and only UTF-8 is read"));
    }
    let text = std::str::from_utf8(body).map_err(|error| {
        let place = place(body, error.valid_up_to());
        Refused::whole(format!("the body is not UTF-8 text: a byte that is none{place}"))
    })?;
    match text.find('\0') {
        Some(at) => {
            let place = place(body, at);
            Err(Refused::whole(format!("the body is not text: it has a zero byte{place}")))
        }
        None => Ok(text),
    }
}

/// Where a byte of a body is, whose text is valid before it.
fn place(body: &[u8], at: usize) -> String {
    let before = String::from_utf8_lossy(body.get(..at).unwrap_or_default());
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!(" at line {line} column {column}")
}

fn without_bom(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    fn decoded<T: DeserializeOwned>(
        format: BodyFormat,
        content_type: Option<&str>,
        body: &[u8],
    ) -> Result<T, Refused> {
        decode(format, content_type, body, &mut |_| Ok(()))
    }

    fn format(encoding: Option<Encoding>) -> BodyFormat {
        BodyFormat { encoding, body_limit: 1024, walk_limit: 1 << 20, has_items: true }
    }

    #[test]
    fn utf_16_is_called_by_its_name() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        for body in [wide("\u{feff}{}"), wide("{}"), vec![0, b'7']] {
            let refused = decoded::<serde_json::Value>(format(None), None, &body).unwrap_err();
            assert_eq!(refused.message, "the body is UTF-16, and only UTF-8 is read");
        }
    }

    #[test]
    fn a_body_that_is_not_text_says_where() {
        for encoding in [None, Some(Encoding::Yaml), Some(Encoding::Text), Some(Encoding::Ndjson)] {
            let refused = |body| match encoding {
                Some(Encoding::Ndjson) => Text::new(format(encoding), None, body).err().unwrap(),
                _ => decoded::<String>(format(encoding), None, body).unwrap_err(),
            };
            let latin = refused(b"\"\xc3\xa9\n caf\xe9\"");
            assert_eq!(
                latin.message,
                "the body is not UTF-8 text: a byte that is none at line 2 column 5"
            );
            let zero = refused(b"ab\0");
            assert_eq!(zero.message, "the body is not text: it has a zero byte at line 1 column 3");
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_content() {
        assert_eq!(decoded::<u8>(format(None), None, b"\xEF\xBB\xBF7"), Ok(7));
        assert_eq!(
            decoded::<String>(format(Some(Encoding::Text)), None, b"\xEF\xBB\xBFx"),
            Ok("x".into())
        );
    }

    #[test]
    #[cfg(feature = "yaml")]
    fn the_aliases_of_a_small_body_can_make_much_work() {
        let cost = |body: &[u8]| cost(format(Some(Encoding::Yaml)), None, body);
        assert_eq!(cost(b"a: 1"), 4 * YAML_WEIGHT);
        assert!(cost(b"- &a [x, x]\n- *a") > 1 << 20);
    }

    #[test]
    fn a_large_page_that_is_refused_is_much_work() {
        let cost = |encoding, body: &[u8]| cost(format(encoding), Some("text/html"), body);
        let large = vec![b' '; 8 << 20];
        for encoding in [None, Some(Encoding::Json), Some(Encoding::Yaml)] {
            assert!(cost(encoding, &large) > 64 * 1024, "{encoding:?}");
            assert!(cost(encoding, b"<html>") < 1024, "{encoding:?}");
        }
    }

    #[test]
    fn many_short_items_are_much_work() {
        assert_eq!(cost_of_items(b"[10]"), 0);
        assert_eq!(cost_of_items(b"[1,\n2]"), ITEM);
        assert_eq!(cost_of_items(&b"0,".repeat(1000)), 1000 * ITEM);
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only its type matters")]
    struct Tenant {
        id: String,
        plan: String,
    }

    fn refused(encoding: Option<Encoding>, content_type: Option<&str>, body: &str) -> String {
        let decoded = decoded::<Tenant>(format(encoding), content_type, body.as_bytes());
        let Refused { path, message, .. } = decoded.unwrap_err();
        if path.is_empty() { message } else { format!("{path}: {message}") }
    }

    #[test]
    fn a_list_in_the_place_of_a_value_is_told_with_the_way_out() {
        let list = "expected an object with `id`, `plan`, found an array of 2; if it is a list, add `items`";
        let within = "missing field `id`; found an object with `data`, `next`; if the array at `/data` is the list, add `items`";
        for encoding in [
            Encoding::Json,
            #[cfg(feature = "yaml")]
            Encoding::Yaml,
        ] {
            assert_eq!(refused(Some(encoding), None, r#"[{"id": "a"}, 7]"#), list);
            assert_eq!(refused(Some(encoding), None, r#"{"data": [1], "next": "x"}"#), within);
        }
        let format = BodyFormat { has_items: false, ..format(None) };
        let object = decoded::<Tenant>(format, None, b"[]").unwrap_err();
        assert_eq!(object.message, "expected an object with `id`, `plan`, found an empty array");
    }

    #[test]
    fn a_body_of_no_known_content_type_that_is_not_json_is_told_to_be_declared() {
        let unknown = "the content type `application/octet-stream` does not say what it is";
        let cases = [
            (Some("application/octet-stream"), "id: a\nplan: b\n", unknown, "yaml"),
            (
                Some("application/octet-stream"),
                "{\"id\":\"a\",\"plan\":\"b\"}\n{}\n",
                unknown,
                "ndjson",
            ),
            (None, "id,plan\na,b\n", "it has no content type", "csv"),
            (None, "hello", "it has no content type", "text"),
        ];
        for (content_type, body, why, format) in cases {
            let refused = refused(None, content_type, body);
            let advice = format!(
                "; it was read as JSON, since {why}: declare its format, for example `decode: {format}`"
            );
            assert!(refused.contains("not JSON") && refused.ends_with(&advice), "{refused}");
        }
        for (encoding, content_type) in
            [(Some(Encoding::Json), None), (None, Some("application/json"))]
        {
            let refused = refused(encoding, content_type, "id: a");
            assert!(refused.contains("not JSON") && !refused.contains("`decode"), "{refused}");
        }
    }
}
