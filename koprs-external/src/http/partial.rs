//! Whether the server itself says that a list has more items than it sent, without IO.
//!
//! An item that is absent from a part of a list may be in the rest of it. Where no `pages` are declared, a
//! header that cannot be read says so, too; where they are, they ended by their own rule, and only a clear
//! statement goes against it.

use std::fmt;

use http::HeaderMap;
use http::header::{CONTENT_RANGE, LINK};

use super::link;
use super::pages::PageContext;
use crate::printable::printable_bytes;

/// How a server says that there is more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum More {
    /// A `Link` to the next page.
    Link,
    /// A `Content-Range` that does not end where the list ends.
    Range(String),
}

impl fmt::Display for More {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link => f.write_str("`Link: <…>; rel=\"next\"`"),
            Self::Range(range) => write!(f, "`Content-Range: {range}`"),
        }
    }
}

/// Whether these headers say anything of that.
pub(super) fn is_mentioned(headers: &HeaderMap) -> bool {
    headers.contains_key(LINK) || headers.contains_key(CONTENT_RANGE)
}

/// Whether there is more behind the last page. `is_paged`: the pages before were found as `pages` declares.
pub(super) fn more(last: &PageContext<'_>, is_paged: bool) -> Option<More> {
    if link::next(last.headers, last.from).map_or(!is_paged, |next| next.is_some()) {
        return Some(More::Link);
    }
    let mut ranges = last.headers.get_all(CONTENT_RANGE).iter();
    let range = ranges.find(|range| {
        let range = std::str::from_utf8(range.as_bytes()).ok().and_then(Range::parse);
        range.and_then(|range| range.ends_early(last)).unwrap_or(!is_paged)
    });
    range.map(|range| More::Range(printable_bytes(range.as_bytes()).to_string()))
}

/// `Content-Range`, as RFC 9110 §14.4 and those who count items in it write it: `items 0-24/100`, `0-24/*`.
struct Range {
    in_bytes: bool,
    /// The first and the last one.
    sent: Option<(u64, u64)>,
    total: Option<u64>,
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        let (range, total) = text.split_once('/')?;
        let range = range.trim();
        let at = range.rfind([' ', '=']).map_or(0, |at| at + 1);
        let (unit, sent) = range.split_at_checked(at)?;
        let bounds = sent.split_once('-');
        let sent = bounds.and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
        let total = match total.trim() {
            "*" => None,
            total => Some(total.parse().ok()?),
        };
        let in_bytes = unit.trim_end_matches([' ', '=']).eq_ignore_ascii_case("bytes");
        Some(Self { in_bytes, sent, total })
    }

    /// Whether it ends before the list does; `None` where it does not say.
    fn ends_early(&self, last: &PageContext<'_>) -> Option<bool> {
        let total = self.total?;
        let items = last.so_far as u64;
        let covered = match self.sent {
            // A list in one page, counted from 0 or from 1.
            Some((first, end)) if last.before == 0 => end.saturating_sub(first).saturating_add(1),
            Some((_, end)) => end.saturating_add(1),
            None if self.in_bytes => return None,
            None => items,
        };
        Some(covered < total && (self.in_bytes || items < total))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use url::Url;

    use super::*;

    fn says(headers: &[(&'static str, &[u8])], so_far: usize, before: usize) -> [bool; 2] {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_bytes(value).unwrap());
        }
        let from = &Url::parse("https://h/list").unwrap();
        let last = PageContext { from, headers: &map, cursor: None, items: so_far, so_far, before };
        [more(&last, false), more(&last, true)].map(|more| more.is_some())
    }

    #[test]
    fn a_content_range_says_whether_the_list_goes_on() {
        const UNCLEAR: [bool; 2] = [true, false];
        let cases: [(&[u8], usize, usize, [bool; 2]); 25] = [
            (b"items 0-24/100", 25, 0, [true; 2]),
            (b"items 0-99/100", 100, 0, [false; 2]),
            // Counted from 1, or with items that are left out.
            (b"items 1-100/100", 98, 0, [false; 2]),
            (b"items 1-25/100", 25, 0, [true; 2]),
            (b"ITEMS=0-24/100", 25, 0, [true; 2]),
            (b" 0-24/100 ", 25, 0, [true; 2]),
            (b"items 25-49/50", 25, 0, [true; 2]),
            (b"items 0-24/50", 50, 0, [false; 2]),
            (b"items 0-0/0", 0, 0, [false; 2]),
            (b"items */0", 0, 0, [false; 2]),
            (b"items */100", 25, 0, [true; 2]),
            (b"items */100", 100, 0, [false; 2]),
            (b"items 5/100", 25, 0, [true; 2]),
            (b"bytes 0-99/100", 25, 0, [false; 2]),
            (b"bytes 0-99/200", 250, 0, [true; 2]),
            // At the end of several pages.
            (b"items 75-99/100", 99, 3, [false; 2]),
            (b"items 76-100/100", 99, 3, [false; 2]),
            (b"items 50-74/100", 75, 2, [true; 2]),
            (b"items */100", 75, 3, [true; 2]),
            // Unknown, or not understood.
            (b"items 0-24/*", 25, 0, UNCLEAR),
            (b"bytes */100", 25, 0, UNCLEAR),
            (b"items 0-24", 25, 0, UNCLEAR),
            (b"items 0-24/many", 25, 0, UNCLEAR),
            (b"", 25, 0, UNCLEAR),
            (b"items 0-24/1\xff", 25, 0, UNCLEAR),
        ];
        for (range, so_far, before, expected) in cases {
            let found = says(&[("content-range", range)], so_far, before);
            assert_eq!(found, expected, "{} {so_far}", String::from_utf8_lossy(range));
        }
        let two: [(&str, &[u8]); 2] =
            [("content-range", b"items 0-99/100"), ("content-range", b"items 0-24/100")];
        assert_eq!(says(&two, 25, 0), [true; 2]);
        assert_eq!(says(&[], 25, 0), [false; 2]);
    }

    #[test]
    fn a_link_says_whether_the_list_goes_on() {
        for (link, expected) in [
            (b"</list?page=2>; rel=next".as_slice(), [true; 2]),
            (b"</list?page=2>; rel=\"next", [true; 2]),
            (b"</list?page=2>; re\xff=next", [true, false]),
            (b"</list?page=1>; rel=prev", [false; 2]),
        ] {
            assert_eq!(
                says(&[("link", link)], 2, 0),
                expected,
                "{}",
                String::from_utf8_lossy(link)
            );
        }
    }
}
