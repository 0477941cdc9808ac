//! The next page in `Link` headers (RFC 8288 §3), without IO.
//!
//! The header is read as bytes, since a title may hold any of them, and liberally: servers forget `<>`, `;` and
//! quotes. Where the word `next` stands in something that has no clear meaning, the header is an error. Taken
//! for "there is no next page", it would remove the items of all further pages.

mod parse;

use std::borrow::Cow;

use http::HeaderMap;
use http::header::LINK;
use url::Url;

use self::parse::{Link, Relation, contains_next, links};

/// Finds the link to the page after `page`.
pub(super) fn next(headers: &HeaderMap, page: &Url) -> Result<Option<Url>, String> {
    let mut next = None;
    let mut unclear = None;
    for value in headers.get_all(LINK) {
        let value = value.as_bytes();
        if !contains_next(value) {
            continue;
        }
        for link in links(value) {
            match target(&link, page) {
                Ok(None) => {}
                Ok(Some(url)) if next.as_ref().is_none_or(|known| *known == url) => {
                    next = Some(url)
                }
                Ok(Some(_)) => return Err(unreadable("it names two next pages", value)),
                Err(why) => unclear = unclear.or(Some((why, value))),
            }
        }
    }
    match (next, unclear) {
        (None, Some((why, value))) => Err(unreadable(why, value)),
        (next, _) => Ok(next),
    }
}

/// Where a link leads, if it leads to the page after `page`.
fn target(link: &Link<'_>, page: &Url) -> Result<Option<Url>, &'static str> {
    match link.relation {
        Relation::Other => return Ok(None),
        Relation::Unclear => return Err("the word `next` is in a part that has no clear meaning"),
        Relation::Next => {}
    }
    if let Some(anchor) = link.anchor {
        let anchor = page.join(&text(anchor)).map_err(|_| "its `anchor` is not a URL")?;
        if (anchor.origin(), anchor.path()) != (page.origin(), page.path()) {
            return Ok(None);
        }
    }
    match link.target {
        None => Err("the target of the next link has no clear end"),
        Some([]) => Err("the target of the next link is empty"),
        Some(target) => {
            let mut url = page.join(&text(target)).map_err(|_| "the next link is not a URL")?;
            url.set_fragment(None);
            Ok(Some(url))
        }
    }
}

/// A URL as text. Bytes that are not UTF-8 are the bytes that the server wants back.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => percent_encoded(bytes).into(),
    }
}

fn percent_encoded(bytes: &[u8]) -> String {
    let encoded = |byte: &u8| match byte.is_ascii() {
        true => char::from(*byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    bytes.iter().map(encoded).collect()
}

fn unreadable(why: &str, value: &[u8]) -> String {
    format!(
        "the `Link` header cannot be read: {why}, in `{}`; if the server cannot be mended, declare `pages` \
         by `cursor`, `number` or `offset`",
        masked(value)
    )
}

/// The form of a header: of its words only those that cannot be a secret.
fn masked(value: &[u8]) -> String {
    const KNOWN: [&str; 9] =
        ["rel", "rev", "next", "prev", "previous", "first", "last", "title", "anchor"];
    const MOST: usize = 80;
    let mut shown = String::new();
    let is_mark = |byte: &u8| b"<>;,=\"' ".contains(byte);
    for part in value.chunk_by(|one, other| !is_mark(one) && !is_mark(other)) {
        match std::str::from_utf8(part) {
            Ok(mark) if part.iter().all(is_mark) => shown.push_str(mark),
            Ok(word) if KNOWN.iter().any(|known| known.eq_ignore_ascii_case(word)) => {
                shown.push_str(word);
            }
            _ => shown.push('…'),
        }
    }
    match shown.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", shown.get(..end).unwrap_or_default()),
        None => shown,
    }
}

#[cfg(test)]
mod tests;
