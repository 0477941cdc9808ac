//! The spellings in which a secret comes back.
//!
//! A text is looked at in several views: as it is, and with its escapes undone, up to three times: percent (RFC 3986),
//! XML entities, escapes of JSON and of Rust's `Debug`. In each view case does not count, and neither do white space,
//! control characters, characters that are not seen, `+` and `-`; `_` is `/`. So a form's `+` is a space, a wrapped
//! line is whole, and the two alphabets of base64 are one. The patterns of a secret are its own views, and its base64
//! at each of the three alignments, without the characters that depend on its neighbours.

use std::ops::Range;

use base64::prelude::{BASE64_STANDARD_NO_PAD, Engine};
use secrecy::zeroize::Zeroizing;
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::index::Pattern;
use crate::secret::Secret;
use crate::secret::likely::{is_likely_secret, is_secret_segment};

/// How often escapes are undone.
const LEVELS: usize = 3;
/// The longest secret of which the base64 is known.
const LONGEST_ENCODED: usize = 16 * 1024;
/// The shortest base64 that is searched for.
const SHORTEST_ENCODED: usize = 8;
/// Values that may stand in the place of a secret, and are words of any message.
const SAY_NOTHING: [&str; 5] = ["", "true", "false", "null", "none"];
/// JSON in JSON is looked into so often.
const DEPTH: usize = 8;

/// A text in which each byte knows where it stands in the original.
pub(super) struct View {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// Where a byte begins and ends.
    spans: Vec<(u32, u32)>,
}

impl View {
    fn of(text: &[u8]) -> Self {
        let offsets = 0..u32::try_from(text.len()).unwrap_or(u32::MAX);
        let spans = offsets.map(|at| (at, at.saturating_add(1))).collect();
        Self { bytes: Zeroizing::new(text.to_vec()), spans }
    }

    fn with_capacity(capacity: usize) -> Self {
        let bytes = Zeroizing::new(Vec::with_capacity(capacity));
        Self { bytes, spans: Vec::with_capacity(capacity) }
    }

    /// Where a stretch of it stands in the original.
    pub(super) fn range(&self, stretch: Range<usize>) -> Option<Range<usize>> {
        let spans = self.spans.get(stretch)?;
        let ((start, _), (_, end)) = (spans.first()?, spans.last()?);
        Some(usize::try_from(*start).ok()?..usize::try_from(*end).ok()?)
    }

    /// With its escapes undone, if it has any.
    fn unescaped(&self) -> Option<Self> {
        let mut view = Self::with_capacity(self.bytes.len());
        let (mut place, mut has_any) = (0, false);
        while let (Some(rest), Some(span)) = (self.bytes.get(place..), self.spans.get(place)) {
            let Some(first) = rest.first() else { break };
            match escape(rest) {
                Some((length, Unescaped { bytes, count })) => {
                    let end = self.spans.get(place + length - 1).map_or(span.1, |last| last.1);
                    let bytes = bytes.get(..count).unwrap_or_default();
                    view.bytes.extend_from_slice(bytes);
                    view.spans.extend(bytes.iter().map(|_| (span.0, end)));
                    (place, has_any) = (place + length, true);
                }
                None => {
                    view.bytes.push(*first);
                    view.spans.push(*span);
                    place += 1;
                }
            }
        }
        has_any.then_some(view)
    }

    /// With what does not count taken out.
    fn folded(&self) -> Self {
        let mut view = Self::with_capacity(self.bytes.len());
        let mut place = 0;
        while let (Some(rest), Some(span)) = (self.bytes.get(place..), self.spans.get(place)) {
            let Some(first) = rest.first() else { break };
            if is_unseen(rest) {
                place += 3;
                continue;
            }
            place += 1;
            if *first > b' ' && !b"\x7f+-".contains(first) {
                view.bytes.push(if *first == b'_' { b'/' } else { first.to_ascii_lowercase() });
                view.spans.push(*span);
            }
        }
        view
    }
}

/// The views of a text.
pub(super) fn views(text: &str) -> Vec<View> {
    views_of(text.as_bytes())
}

fn views_of(text: &[u8]) -> Vec<View> {
    let mut levels = vec![View::of(text)];
    for _ in 0..LEVELS {
        let Some(next) = levels.last().and_then(View::unescaped) else { break };
        levels.push(next);
    }
    levels.iter().map(View::folded).collect()
}

/// A character of no width, or one that turns the direction of a text.
fn is_unseen(rest: &[u8]) -> bool {
    matches!(
        rest,
        [0xe2, 0x80, 0x8b..=0x8f | 0xaa..=0xae, ..]
            | [0xe2, 0x81, 0xa0 | 0xa6..=0xa9, ..]
            | [0xef, 0xbb, 0xbf, ..]
    )
}

struct Unescaped {
    bytes: [u8; 4],
    count: usize,
}

impl From<u8> for Unescaped {
    fn from(byte: u8) -> Self {
        Self { bytes: [byte, 0, 0, 0], count: 1 }
    }
}

impl Unescaped {
    fn code(code: u32) -> Option<Self> {
        let (char, mut bytes) = (char::from_u32(code)?, [0; 4]);
        let count = char.encode_utf8(&mut bytes).len();
        Some(Self { bytes, count })
    }
}

/// An escape at the beginning of a text: how long it is, and what it stands for.
fn escape(rest: &[u8]) -> Option<(usize, Unescaped)> {
    match rest {
        [b'%', high, low, ..] => Some((3, (hex(*high)? * 16 + hex(*low)?).into())),
        [b'&', name @ ..] => entity(name),
        [b'\\', b'x', high, low, ..] => Some((4, (hex(*high)? * 16 + hex(*low)?).into())),
        [b'\\', b'u', b'{', digits @ ..] => {
            let length = digits.iter().take(7).position(|byte| *byte == b'}')?;
            Some((length + 4, Unescaped::code(number(digits.get(..length)?, 16)?)?))
        }
        [b'\\', b'u', digits @ ..] => Some((6, Unescaped::code(number(digits.get(..4)?, 16)?)?)),
        [b'\\', b'n' | b'r' | b't' | b'b' | b'f' | b'0', ..] => Some((2, b' '.into())),
        [b'\\', byte @ (b'"' | b'\'' | b'\\' | b'/'), ..] => Some((2, (*byte).into())),
        _ => None,
    }
}

/// An entity of XML or HTML, behind its `&`.
fn entity(name: &[u8]) -> Option<(usize, Unescaped)> {
    let length = name.iter().take(9).position(|byte| *byte == b';')?;
    let unescaped = match name.get(..length)? {
        b"amp" => b'&'.into(),
        b"lt" => b'<'.into(),
        b"gt" => b'>'.into(),
        b"quot" => b'"'.into(),
        b"apos" => b'\''.into(),
        [b'#', b'x' | b'X', digits @ ..] => Unescaped::code(number(digits, 16)?)?,
        [b'#', digits @ ..] => Unescaped::code(number(digits, 10)?)?,
        _ => return None,
    };
    Some((length + 2, unescaped))
}

fn hex(digit: u8) -> Option<u8> {
    u8::try_from(char::from(digit).to_digit(16)?).ok()
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}

/// A secret in all its spellings.
pub(super) fn patterns(secret: &Secret) -> Vec<Pattern> {
    let text = secret.expose().trim();
    let mut patterns: Vec<Pattern> = Vec::new();
    let mut push = |text: Zeroizing<Vec<u8>>, is_base64| {
        if !patterns.iter().any(|known| known.text == text) {
            patterns.push(Pattern { text, is_base64 });
        }
    };
    views_of(text.as_bytes()).into_iter().for_each(|view| push(view.bytes, false));
    if text.len() <= LONGEST_ENCODED {
        let form =
            Zeroizing::new(form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>());
        for text in [text, form.as_str()] {
            (0..3).filter_map(|before| encoded(text, before)).for_each(|it| push(it, true));
        }
    }
    patterns
}

/// What of the base64 of a text is the same whatever stands around it, with so many bytes before it.
fn encoded(text: &str, before: usize) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; before]);
    bytes.extend_from_slice(text.as_bytes());
    let encoded = Zeroizing::new(BASE64_STANDARD_NO_PAD.encode(&*bytes));
    let start = [0, 2, 3].get(before).copied()?;
    let end = encoded.len() - usize::from(!bytes.len().is_multiple_of(3));
    let folded = View::of(encoded.as_bytes().get(start..end)?).folded();
    (folded.bytes.len() >= SHORTEST_ENCODED).then_some(folded.bytes)
}

/// What is secret of a value: of a JSON document its secret members, of a PEM file what is between its lines, of a URL
/// its userinfo and the secrets of its path and query.
pub(super) fn parts(value: &str) -> Vec<Secret> {
    let mut parts = Vec::new();
    collect(value, DEPTH, &mut parts);
    if parts.is_empty() {
        parts.push(Secret::new(value.trim()));
    }
    parts.retain(|part| !SAY_NOTHING.contains(&part.expose()));
    parts
}

fn collect(value: &str, depth: usize, parts: &mut Vec<Secret>) {
    let value = value.trim();
    if depth > 0
        && value.starts_with(['{', '[', '"'])
        && let Ok(json) = serde_json::from_str::<Value>(value)
    {
        members("", &json, depth - 1, parts);
    } else if value.contains("-----BEGIN") {
        // Some write the ends of its lines as escapes.
        let value = Zeroizing::new(value.replace("\\n", "\n"));
        let lines = value.split(['\n', '\r']).filter(|line| !line.starts_with("-----"));
        parts.push(Secret::new(lines.collect::<String>()));
    } else if let Some(url) = Url::parse(value).ok().filter(Url::has_host) {
        let userinfo = [url.username(), url.password().unwrap_or_default()];
        parts.extend(userinfo.into_iter().filter(|it| !it.is_empty()).map(Secret::new));
        let segments = url.path_segments().into_iter().flatten();
        parts.extend(segments.filter(|it| is_secret_segment(it)).map(Secret::new));
        let query = url.query_pairs().filter(|(name, value)| is_likely_secret(name, value));
        parts.extend(query.map(|(_, value)| Secret::new(value)));
    }
}

fn members(name: &str, value: &Value, depth: usize, parts: &mut Vec<Secret>) {
    match value {
        Value::String(text) if is_likely_secret(name, text) => {
            let before = parts.len();
            collect(text, depth, parts);
            if parts.len() == before {
                parts.push(Secret::new(text.as_str()));
            }
        }
        Value::String(text) => collect(text, depth, parts),
        Value::Array(items) if depth > 0 => {
            items.iter().for_each(|item| members(name, item, depth - 1, parts));
        }
        Value::Object(fields) if depth > 0 => {
            fields.iter().for_each(|(name, value)| members(name, value, depth - 1, parts));
        }
        _ => {}
    }
}
