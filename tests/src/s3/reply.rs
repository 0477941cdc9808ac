//! What a bucket answers.

use std::time::SystemTime;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::asked::{Get, List};
use super::listing::{Encoding, Entries, Flags, KeyCount, Listing, Starts, Version};
use crate::reply::Reply;
use crate::request::Recorded;
use crate::store::{BEHIND, Element, Format, Objects, Op, Page, Stored};

/// An error as S3 words it.
pub fn error(status: u16, code: &str) -> Reply {
    let error = Element::new("Error")
        .child(Element::with_text("Code", code))
        .child(Element::with_text("Message", "scripted"));
    error.reply(Format::default()).status_code(status)
}

/// A listing that says that nothing is there.
pub fn nothing() -> Reply {
    let page = Page { entries: Vec::new(), next: None };
    document(&page, &List::default(), &Listing::default())
}

pub(crate) fn answer(objects: &Objects, listing: &Listing, request: &Recorded) -> (Op, Reply) {
    match Get::of(request) {
        Some(asked) => (Op::Get, get(objects, &asked)),
        None => match List::read(request, listing) {
            Ok(asked) => (Op::List, list(objects, listing, &asked)),
            Err(status) => (Op::List, error(status, "NotImplemented")),
        },
    }
}

fn get(objects: &Objects, asked: &Get) -> Reply {
    let Some(stored) = objects.get(&asked.key) else {
        return error(404, "NoSuchKey");
    };
    if asked.if_match.as_ref().is_some_and(|etag| *etag != stored.etag) {
        return error(412, "PreconditionFailed");
    }
    let reply = Reply::bytes("application/octet-stream", stored.content.clone());
    reply.etag(&stored.etag).last_modified(&httpdate::fmt_http_date(stored.modified))
}

fn list(objects: &Objects, listing: &Listing, asked: &List) -> Reply {
    let start = asked.start_after.as_deref();
    let is_listed = |key: &str| {
        key.starts_with(&asked.prefix)
            && start.is_none_or(|start| match listing.starts {
                Starts::After => key > start,
                Starts::At => key >= start,
                Starts::Empty => false,
            })
    };
    let entries = objects.iter().filter(|(key, _)| is_listed(key)).map(|(key, stored)| {
        let rest = &key[asked.prefix.len()..];
        let group = asked.delimiter.as_deref().and_then(|it| Some(rest.find(it)? + it.len()));
        match group {
            Some(end) => (&key[..asked.prefix.len() + end], None),
            None => (key.as_str(), Some(stored)),
        }
    });
    let page = listing.paging.page(entries.collect(), asked.token.as_deref(), asked.max_keys);
    document(&page, asked, listing)
}

fn document(page: &Page<'_>, asked: &List, listing: &Listing) -> Reply {
    let encoded = |text: &str| match listing.encoding {
        Encoding::None => text.to_owned(),
        Encoding::Url => utf8_percent_encode(text, NON_ALPHANUMERIC).to_string(),
    };
    let mut root = Element::new("ListBucketResult")
        .child(Element::with_text("Name", "bucket"))
        .child(Element::with_text("Prefix", encoded(&asked.prefix)))
        .child(Element::with_text("MaxKeys", listing.paging.page_size.to_string()));
    if listing.encoding == Encoding::Url {
        root = root.child(Element::with_text("EncodingType", "url"));
    }
    if listing.version == Version::One {
        root = root.child(Element::new("Marker"));
    } else if let Some(count) = key_count(page.entries.len(), listing.key_count) {
        root = root.child(Element::with_text("KeyCount", count));
    }
    let entries = match listing.entries {
        Entries::All => &page.entries[..],
        Entries::FirstMissing => page.entries.get(1..).unwrap_or_default(),
        Entries::LastMissing => page.entries.split_last().map_or(&[][..], |(_, rest)| rest),
    };
    let entries = entries.iter().map(|(name, stored)| match stored {
        None => {
            let prefix = Element::with_text("Prefix", encoded(name));
            Element::new("CommonPrefixes").child(prefix)
        }
        Some(stored) => contents(encoded(name), stored),
    });
    root.children(flags(page, listing)).children(entries).reply(listing.format)
}

fn contents(key: String, stored: &Stored) -> Element {
    Element::new("Contents")
        .child(Element::with_text("Key", key))
        .child(Element::with_text("LastModified", modified(stored.modified)))
        .child(Element::with_text("ETag", &stored.etag))
        .child(Element::with_text("Size", stored.content.len().to_string()))
}

fn key_count(entries: usize, how: KeyCount) -> Option<String> {
    match how {
        KeyCount::Right => Some(entries.to_string()),
        KeyCount::Missing => None,
        KeyCount::TooLarge => Some((entries + 1).to_string()),
        KeyCount::TooSmall => Some(entries.saturating_sub(1).to_string()),
        KeyCount::Unreadable => Some("many".to_owned()),
    }
}

/// `IsTruncated`, and the token or the marker.
fn flags(page: &Page<'_>, listing: &Listing) -> Vec<Element> {
    let more = page.next.is_some();
    let behind = format!("{BEHIND}0");
    let (flag, token) = match (listing.flags, page.next.as_deref()) {
        (Flags::NotFlagged, next) => ("", next),
        (Flags::Silent, _) => ("", None),
        (Flags::Padded, next) => (if more { "\n true " } else { " false\n" }, next),
        (Flags::Capitalised, next) => (if more { "True" } else { "False" }, next),
        (Flags::Unreadable, next) => ("maybe", next),
        (Flags::FalseWithToken, next) => ("false", next),
        (Flags::NoToken, Some(_)) => ("true", None),
        (Flags::EmptyToken, Some(_)) => ("true", Some("")),
        (Flags::BlankToken, Some(_)) => ("true", Some(" \n ")),
        (Flags::EmptyTokenAtEnd, None) => ("false", Some("")),
        (Flags::TokenAtEnd, None) if !page.entries.is_empty() => ("false", Some(behind.as_str())),
        (Flags::TrueAtEnd, None) => ("true", None),
        (_, next) => (if more { "true" } else { "false" }, next),
    };
    let mut flags = Vec::new();
    if !flag.is_empty() {
        flags.push(Element::with_text("IsTruncated", flag));
    }
    if listing.flags == Flags::Twice {
        let wrong = if more { "false" } else { "true" };
        flags.push(Element::with_text("IsTruncated", wrong));
    }
    let name = match listing.version {
        Version::One => "NextMarker",
        Version::Two => "NextContinuationToken",
    };
    flags.extend(token.map(|token| Element::with_text(name, token)));
    flags
}

/// S3 lists seconds.
fn modified(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}
