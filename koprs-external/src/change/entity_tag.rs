//! Entity tags (RFC 9110 §8.8.3), compared weakly.

/// Whether two tags name the same content: the weak comparison of RFC 9110 §8.8.3.2, in which `W/"x"` equals `"x"`.
///
/// Quotes are ignored. Some object stores list a tag without them and answer a request for the object with them.
pub(crate) fn weakly_equal(one: &[u8], other: &[u8]) -> bool {
    unquoted(opaque(one)) == unquoted(opaque(other))
}

/// Whether a tag is weak. A weak tag never matches in `If-Match` (RFC 9110 §13.1.1).
#[cfg(feature = "object-store")]
pub(crate) fn is_weak(tag: &[u8]) -> bool {
    opaque(tag).len() < tag.len()
}

/// Returns a tag without the `W/` of a weak one, which some servers write in lower case.
pub(crate) fn opaque(tag: &[u8]) -> &[u8] {
    tag.strip_prefix(b"W/").or_else(|| tag.strip_prefix(b"w/")).unwrap_or(tag)
}

fn unquoted(tag: &[u8]) -> &[u8] {
    tag.strip_prefix(b"\"").and_then(|tag| tag.strip_suffix(b"\"")).unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_without_their_weakness_and_quotes() {
        let cases = [
            (r#""x""#, r#""x""#, true),
            (r#"W/"x""#, r#""x""#, true),
            (r#"w/"x""#, r#"W/"x""#, true),
            (r#"W/"x""#, "x", true),
            (r#""x""#, r#""y""#, false),
            (r#""x""#, r#""X""#, false),
            (r#""x-gzip""#, r#""x""#, false),
            (r#""""#, "", true),
            (r#"""#, "", false),
        ];
        for (one, other, equal) in cases {
            assert_eq!(weakly_equal(one.as_bytes(), other.as_bytes()), equal, "{one} {other}");
            assert_eq!(weakly_equal(other.as_bytes(), one.as_bytes()), equal, "{other} {one}");
        }
    }

    #[test]
    #[cfg(feature = "object-store")]
    fn a_weak_tag_is_known_by_its_prefix() {
        for (tag, weak) in
            [(r#"W/"x""#, true), (r#"w/"x""#, true), (r#""W/x""#, false), ("", false)]
        {
            assert_eq!(is_weak(tag.as_bytes()), weak, "{tag}");
        }
    }
}
