//! The block `pages` as it is written: one way to the next page.

use crate::config::block::{Block, Entry, Keys};
use crate::config::place::{At, Given, Mistake};

/// The ways, of which one is given.
const WAYS: &[&str] = &["linkHeader", "cursor", "number", "offset"];
pub(super) const PAGES: Keys = Keys {
    block: "http.pages",
    of: "`pages`",
    known: &["linkHeader", "cursor", "number", "offset", "limit", "origins"],
    below: &[("cursor", CURSOR.known), ("number", NUMBER.known)],
};
const LINK_HEADER: Keys =
    Keys { block: "http.pages.link_header", of: "`linkHeader`", known: &[], below: &[] };
pub(super) const CURSOR: Keys = Keys {
    block: "http.pages.cursor",
    of: "`cursor`",
    known: &["at", "header", "param"],
    below: &[],
};
pub(super) const NUMBER: Keys =
    Keys { block: "http.pages.number", of: "`number`", known: &["param", "first"], below: &[] };
pub(super) const OFFSET: Keys =
    Keys { block: "http.pages.offset", of: "`offset`", known: &["param"], below: &[] };

/// The block `pages`.
pub(in crate::config) struct RawPages {
    /// `None`: it was reported.
    pub(in crate::config) way: Option<RawWay>,
    pub(in crate::config) limit: Given<String>,
    pub(in crate::config) origins: Given<Vec<At<String>>>,
}

/// What leads from a page to the next.
pub(in crate::config) enum RawWay {
    Link,
    Cursor { from: RawFrom, param: Given<String> },
    Number { param: Given<String>, first: Given<String> },
    Offset { param: Given<String> },
}

/// Where a page names the cursor.
pub(in crate::config) enum RawFrom {
    At(Given<String>),
    Header(Given<String>),
}

impl RawPages {
    pub(super) fn read(entry: Entry<'_>, out: &mut Vec<Mistake>) -> Option<Self> {
        let block = Block::open(entry, PAGES, out)?;
        let way = block.choice(WAYS, "the way to the next page", entry.key.place, out);
        Some(Self {
            way: way.and_then(|way| RawWay::read(way, out)),
            limit: block.text("limit", out),
            origins: block.texts("origins", out),
        })
    }
}

impl RawWay {
    fn read(way: Entry<'_>, out: &mut Vec<Mistake>) -> Option<Self> {
        let at = way.key.place;
        Some(match way.key.value {
            "cursor" => {
                let block = Block::open(way, CURSOR, out)?;
                let from = block.choice(&["at", "header"], "where the cursor stands", at, out);
                let from = match from.map(|from| from.key.value) {
                    Some("header") => RawFrom::Header(block.text("header", out)),
                    Some(_) => RawFrom::At(block.text("at", out)),
                    None => RawFrom::At(Given::Broken),
                };
                Self::Cursor { from, param: block.text("param", out) }
            }
            "number" => {
                let block = Block::open(way, NUMBER, out)?;
                let param = block.required(NUMBER, "param", at, out);
                Self::Number { param, first: block.text("first", out) }
            }
            "offset" => {
                let block = Block::open(way, OFFSET, out)?;
                Self::Offset { param: block.required(OFFSET, "param", at, out) }
            }
            _ if way.is_bare() => Self::Link,
            _ => {
                Block::open(way, LINK_HEADER, out);
                Self::Link
            }
        })
    }
}
