//! The mark of an object: what a listing says of it, packed to be remembered.
//!
//! All of it is kept, not a digest, so that a removal can tell the last known object, and so that what one
//! listing says can be compared with another that says less.

use chrono::{DateTime, Utc};

use super::StoredObject;
use crate::change::entity_tag::weakly_equal;

/// What is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Facts<'a> {
    pub(super) etag: Option<&'a str>,
    pub(super) version: Option<&'a str>,
    pub(super) size: u64,
    pub(super) last_modified: DateTime<Utc>,
}

impl<'a> Facts<'a> {
    pub(super) fn of(object: &'a StoredObject) -> Self {
        let StoredObject { path: _, etag, size, last_modified, version } = object;
        let (etag, version) = (etag.as_deref(), version.as_deref());
        Self { etag, version, size: *size, last_modified: *last_modified }
    }
}

/// The ETag is packed by its form, since most stores have one of a few. The head says which.
mod form {
    pub(super) const NONE: u8 = 0;
    pub(super) const TEXT: u8 = 1;
    pub(super) const QUOTED: u8 = 2;
    /// 32 hexadecimal digits, as MD5 has, in quotes.
    pub(super) const DIGEST: u8 = 3;
    /// The same, a dash and a number: an upload in parts.
    pub(super) const PARTS: u8 = 4;
    /// A number in quotes.
    pub(super) const NUMBER: u8 = 5;
    pub(super) const MASK: u8 = 7;
}
const VERSION: u8 = 8;
const SECONDS: u8 = 0;
const MILLIS: u8 = 16;
const NANOS: u8 = 32;
const UNIT: u8 = 48;
/// The seconds do not fit into 32 bits.
const LONG: u8 = 64;

/// It comes from a predecessor.
const INHERITED: u8 = 128;

/// What a predecessor has listed: any other mark of the object is a change.
pub(super) fn inherited(mark: &[u8]) -> Vec<u8> {
    let mut mark = mark.to_vec();
    if let Some(head) = mark.first_mut() {
        *head |= INHERITED;
    }
    mark
}

/// An object of which nothing is known but that it was there: any mark is a change.
pub(super) fn unknown() -> Vec<u8> {
    let last_modified = DateTime::<Utc>::UNIX_EPOCH;
    let mut mark = Vec::new();
    // No object has this size.
    pack(Facts { etag: None, version: None, size: u64::MAX, last_modified }, &mut mark);
    mark
}

/// Packs into a buffer, which is cleared.
pub(super) fn pack(facts: Facts<'_>, out: &mut Vec<u8>) {
    out.clear();
    out.push(0);
    number(facts.size, out);
    let unit = time(facts.last_modified, out);
    let etag = facts.etag.map_or(form::NONE, |etag| tag(etag, out));
    let version = facts.version.map_or(0, |version| {
        text(version, out);
        VERSION
    });
    if let Some(head) = out.first_mut() {
        *head = unit | etag | version;
    }
}

fn number(mut value: u64, out: &mut Vec<u8>) {
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

fn text(text: &str, out: &mut Vec<u8>) {
    number(text.len() as u64, out);
    out.extend_from_slice(text.as_bytes());
}

/// In the largest unit that loses nothing.
fn time(time: DateTime<Utc>, out: &mut Vec<u8>) -> u8 {
    let (seconds, nanos) = (time.timestamp(), time.timestamp_subsec_nanos());
    let long = match u32::try_from(seconds) {
        Ok(seconds) => {
            out.extend_from_slice(&seconds.to_le_bytes());
            0
        }
        Err(_) => {
            out.extend_from_slice(&seconds.to_le_bytes());
            LONG
        }
    };
    if nanos == 0 {
        return SECONDS | long;
    }
    match u16::try_from(nanos / 1_000_000) {
        Ok(millis) if nanos % 1_000_000 == 0 => {
            out.extend_from_slice(&millis.to_le_bytes());
            MILLIS | long
        }
        _ => {
            out.extend_from_slice(&nanos.to_le_bytes());
            NANOS | long
        }
    }
}

fn tag(etag: &str, out: &mut Vec<u8>) -> u8 {
    let Some(inner) = etag.strip_prefix('"').and_then(|etag| etag.strip_suffix('"')) else {
        text(etag, out);
        return form::TEXT;
    };
    if let Some(value) = canonical(inner) {
        number(value, out);
        return form::NUMBER;
    }
    if let Some((digest, rest)) = inner.split_at_checked(32)
        && let Some(digest) = digest_of(digest)
    {
        if rest.is_empty() {
            out.extend_from_slice(&digest);
            return form::DIGEST;
        }
        if let Some(parts) = rest.strip_prefix('-').and_then(canonical) {
            out.extend_from_slice(&digest);
            number(parts, out);
            return form::PARTS;
        }
    }
    text(inner, out);
    form::QUOTED
}

/// A number that is written as it would be written.
fn canonical(text: &str) -> Option<u64> {
    let digits = text.as_bytes();
    if digits.is_empty() || digits.len() > 19 || (digits.len() > 1 && digits.first() == Some(&b'0'))
    {
        return None;
    }
    digits.iter().try_fold(0_u64, |sum, digit| {
        let digit = digit.wrapping_sub(b'0');
        (digit < 10).then(|| sum * 10 + u64::from(digit))
    })
}

fn digest_of(text: &str) -> Option<[u8; 16]> {
    let mut digest = [0; 16];
    for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Some(digest)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// The object that was packed; nothing for what was not.
pub(super) fn unpack(path: &str, mark: &[u8]) -> Option<StoredObject> {
    let mut from = Reader(mark);
    let head = from.byte()?;
    let size = from.number()?;
    let last_modified = from.time(head)?;
    let etag = from.tag(head & form::MASK)?;
    let version = if head & VERSION == 0 { None } else { Some(from.text()?.to_owned()) };
    Some(StoredObject { path: path.to_owned(), etag, size, last_modified, version })
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn number(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.number()?).ok()?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn time(&mut self, head: u8) -> Option<DateTime<Utc>> {
        let seconds = match head & LONG {
            0 => u32::from_le_bytes(self.array()?).into(),
            _ => i64::from_le_bytes(self.array()?),
        };
        let nanos = match head & UNIT {
            SECONDS => 0,
            MILLIS => u32::from(u16::from_le_bytes(self.array()?)).checked_mul(1_000_000)?,
            _ => u32::from_le_bytes(self.array()?),
        };
        DateTime::from_timestamp(seconds, nanos)
    }

    fn digest(&mut self) -> Option<String> {
        let hex = |byte: &u8| {
            [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0'))
        };
        Some(self.take(16)?.iter().flat_map(hex).collect())
    }

    /// The outer one says whether it could be read, the inner one whether there is any.
    fn tag(&mut self, form: u8) -> Option<Option<String>> {
        Some(match form {
            form::NONE => None,
            form::TEXT => Some(self.text()?.to_owned()),
            form::QUOTED => Some(format!("\"{}\"", self.text()?)),
            form::DIGEST => Some(format!("\"{}\"", self.digest()?)),
            form::PARTS => {
                let digest = self.digest()?;
                Some(format!("\"{digest}-{}\"", self.number()?))
            }
            _ => Some(format!("\"{}\"", self.number()?)),
        })
    }
}

/// Whether an object has changed, by the strongest validator that both listings have: the ETag, compared weakly as HTTP
/// sources compare it, else the version, else the time of its last modification. Another size is always a change.
///
/// The mark of a predecessor may be of another store, so nothing but the spelling of the ETag may differ from it.
pub(super) fn differs(old: &[u8], new: &[u8]) -> bool {
    let is_inherited = old.first().is_some_and(|head| head & INHERITED != 0);
    let (Some(old), Some(new)) = (unpack("", old), unpack("", new)) else { return true };
    if old.size != new.size {
        return true;
    }
    let is_another_etag = match (&old.etag, &new.etag) {
        (Some(old), Some(new)) => Some(!weakly_equal(old.as_bytes(), new.as_bytes())),
        _ => None,
    };
    if is_inherited {
        let is_another_etag = is_another_etag.unwrap_or(old.etag != new.etag);
        return is_another_etag
            || old.version != new.version
            || old.last_modified != new.last_modified;
    }
    is_another_etag.unwrap_or_else(|| match (old.version, new.version) {
        (Some(old), Some(new)) => old != new,
        _ => old.last_modified != new.last_modified,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packed(object: &StoredObject) -> Vec<u8> {
        let mut mark = Vec::new();
        pack(Facts::of(object), &mut mark);
        mark
    }

    fn etags() -> impl Strategy<Value = Option<String>> {
        prop_oneof![
            Just(None),
            any::<String>().prop_map(Some),
            any::<String>().prop_map(|text| Some(format!("\"{text}\""))),
            "\"[0-9a-f]{32}\"".prop_map(Some),
            "\"[0-9a-fA-F]{31,33}-[0-9]{1,21}\"".prop_map(Some),
            "\"[0-9]{1,22}\"".prop_map(Some),
            "[0-9a-f]{32}".prop_map(Some),
            "W/\"[0-9a-f]{8}\"".prop_map(Some),
        ]
    }

    prop_compose! {
        fn objects()(
            etag in etags(),
            size in any::<u64>(),
            seconds in -62_000_000_000_i64..250_000_000_000,
            nanos in prop_oneof![Just(0), (0..1_000_u32).prop_map(|ms| ms * 1_000_000), 0..1_000_000_000_u32],
            version in proptest::option::of(any::<String>()),
        ) -> StoredObject {
            let last_modified = DateTime::from_timestamp(seconds, nanos).unwrap();
            StoredObject { path: "a/b".to_owned(), etag, size, last_modified, version }
        }
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_out_again(object in objects()) {
            prop_assert_eq!(unpack("a/b", &packed(&object)), Some(object));
        }

        #[test]
        fn what_is_no_mark_is_none(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = unpack("a/b", &bytes);
        }
    }

    fn object(etag: Option<&str>, version: Option<&str>, size: u64, seconds: i64) -> Vec<u8> {
        packed(&StoredObject {
            path: String::new(),
            etag: etag.map(str::to_owned),
            size,
            last_modified: DateTime::from_timestamp(seconds, 0).unwrap(),
            version: version.map(str::to_owned),
        })
    }

    #[test]
    fn a_change_is_decided_by_etag_else_by_version_else_by_size_and_time() {
        let cases = [
            ("another ETag", object(Some("a"), None, 1, 1), object(Some("b"), None, 1, 1), true),
            (
                "the same ETag",
                object(Some("a"), Some("1"), 1, 1),
                object(Some("a"), Some("2"), 1, 2),
                false,
            ),
            (
                "a weak ETag that became strong",
                object(Some(r#"W/"a""#), None, 1, 1),
                object(Some(r#""a""#), None, 1, 2),
                false,
            ),
            (
                "a strong ETag that became weak, in lower case and without quotes",
                object(Some(r#""a""#), None, 1, 1),
                object(Some("w/a"), None, 1, 2),
                false,
            ),
            (
                "another weak ETag",
                object(Some(r#"W/"a""#), None, 1, 1),
                object(Some(r#"W/"b""#), None, 1, 1),
                true,
            ),
            (
                "a weak ETag of another size",
                object(Some(r#"W/"a""#), None, 1, 1),
                object(Some(r#""a""#), None, 2, 1),
                true,
            ),
            ("another version", object(None, Some("1"), 1, 1), object(None, Some("2"), 1, 1), true),
            (
                "the same version",
                object(None, Some("1"), 1, 1),
                object(None, Some("1"), 1, 2),
                false,
            ),
            ("another time", object(None, None, 1, 1), object(None, None, 1, 2), true),
            ("another size", object(Some("a"), None, 1, 1), object(Some("a"), None, 2, 1), true),
            ("an ETag that came", object(None, None, 1, 1), object(Some("a"), None, 1, 1), false),
            ("an ETag that went", object(Some("a"), None, 1, 1), object(None, None, 1, 2), true),
        ];
        for (what, old, new, is_change) in cases {
            assert_eq!(differs(&old, &new), is_change, "{what}");
        }
    }

    #[test]
    fn what_was_inherited_is_compared_as_a_whole() {
        let (old, new) = (object(Some("a"), None, 1, 1), object(Some("a"), None, 1, 2));
        assert!(!differs(&old, &new));
        assert!(differs(&inherited(&old), &new));
        assert!(!differs(&inherited(&old), &old));
        let weak = |size| object(Some("W/\"a\""), Some("1"), size, 1);
        let strong = |version| object(Some("\"a\""), Some(version), 1, 1);
        assert!(!differs(&inherited(&weak(1)), &strong("1")));
        assert!(differs(&inherited(&weak(1)), &strong("2")));
        assert!(differs(&inherited(&weak(2)), &strong("1")));
        assert!(differs(&inherited(&object(None, Some("1"), 1, 1)), &strong("1")));
        assert_eq!(unpack("", &inherited(&old)), unpack("", &old));
        assert_eq!(inherited(&inherited(&old)), inherited(&old));
        assert!(differs(&unknown(), &old) && unpack("", &unknown()).is_some());
    }

    #[test]
    fn a_mark_of_an_s3_object_has_30_bytes_at_most() {
        let etag = "\"9e107d9d372bb6826bd81d3542a419d6\"";
        let mark = object(Some(etag), None, 50 << 30, 1_795_000_000);
        assert!(mark.len() <= 30, "{}", mark.len());
    }
}
