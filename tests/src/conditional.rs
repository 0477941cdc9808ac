//! Conditional requests (RFC 9110, section 13): whether what the client has is what it would get.
//!
//! `If-None-Match` is compared weakly, may be a list or `*`, and goes before `If-Modified-Since`, which
//! matches by equal text: a client sends back the date that it was given.

use http::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use http::{HeaderMap, Method};

use crate::answer::Answer;
use crate::request::Recorded;

/// Whether this request is answered with 304.
pub(crate) fn not_modified(answer: &Answer, request: &Recorded) -> bool {
    answer.conditional
        && answer.status.is_success()
        && matches!(request.method, Method::GET | Method::HEAD)
        && matches(&answer.headers, &request.headers)
}

fn matches(ours: &HeaderMap, theirs: &HeaderMap) -> bool {
    if theirs.contains_key(IF_NONE_MATCH) {
        let mut lists = theirs.get_all(IF_NONE_MATCH).iter();
        return ours
            .get(ETAG)
            .is_some_and(|etag| lists.any(|list| names(list.as_bytes(), etag.as_bytes())));
    }
    let date = ours.get(LAST_MODIFIED);
    date.is_some() && date == theirs.get(IF_MODIFIED_SINCE)
}

/// Whether a list of entity tags names `etag`, weakly compared.
fn names(mut list: &[u8], etag: &[u8]) -> bool {
    let wanted = opaque(etag);
    loop {
        list = opaque(list.trim_ascii_start());
        if list.is_empty() {
            return false;
        }
        let (tag, rest) = list.split_at(end_of_tag(list));
        if tag == b"*" || tag == wanted {
            return true;
        }
        list = rest.trim_ascii_start();
        list = list.strip_prefix(b",").unwrap_or(list);
    }
}

fn opaque(tag: &[u8]) -> &[u8] {
    tag.strip_prefix(b"W/").unwrap_or(tag)
}

/// Commas may stand inside the quotes of a tag. A tag without quotes, which some servers send, ends
/// at the comma.
fn end_of_tag(list: &[u8]) -> usize {
    let find = |mark: u8, from: usize| list[from..].iter().position(|byte| *byte == mark);
    let end = match list.first() {
        Some(b'"') => find(b'"', 1).map(|at| at + 2),
        _ => find(b',', 0),
    };
    end.unwrap_or(list.len())
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_list_names_a_tag_by_weak_comparison() {
        for (list, etag, expected) in [
            (r#""a""#, r#""a""#, true),
            (r#"W/"a""#, r#""a""#, true),
            (r#""a""#, r#"W/"a""#, true),
            (r#""b", W/"a""#, r#""a""#, true),
            (r#""b" , , "c""#, r#""a""#, false),
            (r#""x,"a"#, r#""a""#, false),
            (r#""x,y","a""#, r#""x,y""#, true),
            ("*", r#""a""#, true),
            ("b,a", "a", true),
            ("", r#""a""#, false),
        ] {
            assert_eq!(names(list.as_bytes(), etag.as_bytes()), expected, "{list} names {etag}");
        }
    }
}
