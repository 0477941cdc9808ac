//! The value of a header field as text.

use std::borrow::Cow;

use http::HeaderValue;

/// Reads a value as UTF-8, or else as ISO 8859-1 (RFC 9110 §5.5). Bytes beyond ASCII are no reason to take a
/// field for absent.
pub(crate) fn text(value: &HeaderValue) -> Cow<'_, str> {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => text.into(),
        Err(_) => value.as_bytes().iter().copied().map(char::from).collect::<String>().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_are_a_text() {
        for (bytes, expected) in [
            (b"\"v1\"".as_slice(), "\"v1\""),
            ("\"ü\"".as_bytes(), "\"ü\""),
            (b"\"\xfc\"", "\"ü\""),
        ] {
            assert_eq!(text(&HeaderValue::from_bytes(bytes).unwrap()), expected);
        }
    }
}
