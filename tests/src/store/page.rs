//! How a listing is cut into pages.

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::Stored;

/// How a listing is cut into pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    /// The most entries of a page, whatever the client asks for.
    pub page_size: usize,
    /// In which order entries come.
    pub order: Order,
    /// Where a page says that the next one begins.
    pub tokens: Tokens,
    /// Pages without entries.
    pub empty: Empty,
}

/// In which order entries come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// In that of their keys.
    #[default]
    ByKey,
    /// In an order of their own, which this is the seed of.
    Shuffled(u64),
    /// Each page from its end to its beginning.
    Reversed,
}

/// Where a page says that the next one begins, and what a token is taken for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tokens {
    /// Behind its last entry.
    #[default]
    Right,
    /// With its last entry. A page has to hold two.
    RepeatsLast,
    /// Each page comes twice, with another token each time.
    PageTwice,
    /// From the second page on the token is the one that was asked for.
    Stuck,
    /// The last page leads back to the second.
    Cycles,
    /// A token that the client sends means nothing: each page is the first.
    Ignored,
    /// A request with a token is answered with this status.
    Refused(u16),
    /// Only so many bytes of a token are read.
    Cut(usize),
}

/// Pages without entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Empty {
    /// None.
    #[default]
    Never,
    /// One after each page that is not the last.
    Between,
    /// One at the end, to which the page before it leads.
    AtEnd,
    /// One after the other, each with a token of its own.
    ForEver,
}

/// How much of a page arrives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// All of it.
    #[default]
    Whole,
    /// It ends within a tag, with a length that says so.
    CutInTag,
    /// It ends between two tags, with a length that says so.
    CutBetweenTags,
    /// It ends before its length says so.
    CutShort,
    /// It ends between two tags, and with it the connection, without a length.
    CutWithoutLength,
}

impl Default for Paging {
    fn default() -> Self {
        Self { page_size: 1000, order: Order::ByKey, tokens: Tokens::Right, empty: Empty::Never }
    }
}

/// An entry is a name, and an object unless it is a group of them.
pub(crate) type Entry<'a> = (&'a str, Option<&'a Stored>);

/// A page: its entries, and the token of the next one.
pub(crate) struct Page<'a> {
    pub(crate) entries: Vec<Entry<'a>>,
    pub(crate) next: Option<String>,
}

/// What a token does not hold as it is, so that it survives each spelling of XML.
const IN_TOKEN: &AsciiSet = &CONTROLS.add(b'%');
/// Begins the token of an empty page behind the end.
pub(crate) const BEHIND: &str = "~behind~";
/// Begins the token of an empty page, with the token of the next one.
const EMPTY: &str = "~empty~";
/// Begins the token of a page that comes again.
const AGAIN: &str = "~again~";

impl Paging {
    /// Whether a token that is cut may stand behind keys which were not listed yet: where these are in another order
    /// than that of their names, or where there are empty pages, whose tokens are names of another kind.
    pub(crate) fn skips(&self) -> bool {
        let is_plain = self.order == Order::ByKey || self.order == Order::Reversed;
        matches!(self.tokens, Tokens::Cut(_)) && !(is_plain && self.empty == Empty::Never)
    }

    /// Cuts the page that a token asks for. A token is the name of the last entry before the page.
    pub(crate) fn page<'a>(
        &self,
        entries: Vec<Entry<'a>>,
        token: Option<&str>,
        most: Option<usize>,
    ) -> Page<'a> {
        let token = percent_decode_str(self.read(token)).decode_utf8_lossy();
        let Page { entries, next } = self.cut(entries, &token, most);
        let next = next.map(|next| utf8_percent_encode(&next, IN_TOKEN).to_string());
        Page { entries, next }
    }

    fn cut<'a>(&self, mut entries: Vec<Entry<'a>>, token: &str, most: Option<usize>) -> Page<'a> {
        if let Some(n) = token.strip_prefix(BEHIND) {
            let n: usize = n.parse().unwrap_or_default();
            let next = (self.empty == Empty::ForEver).then(|| format!("{BEHIND}{}", n + 1));
            return Page { entries: Vec::new(), next };
        }
        if let Some(next) = token.strip_prefix(EMPTY) {
            return Page { entries: Vec::new(), next: Some(next.to_owned()) };
        }
        entries.sort_by_key(|(name, _)| self.rank(name));
        entries.dedup_by_key(|(name, _)| *name);
        let size = most.unwrap_or(usize::MAX).min(self.page_size);
        let first = entries.get(size - 1).map(|(name, _)| *name);
        let (is_again, after) = match token.strip_prefix(AGAIN) {
            Some(after) => (true, after),
            None => (false, token),
        };
        entries.retain(|(name, _)| self.is_behind(name, after));
        let more = entries.len() > size;
        entries.truncate(size);
        let next = entries.last().filter(|_| more).map(|(name, _)| (*name).to_owned());
        let next = match self.tokens {
            Tokens::PageTwice if !is_again && !entries.is_empty() => {
                Some(format!("{AGAIN}{after}"))
            }
            Tokens::Stuck if !token.is_empty() && more => Some(token.to_owned()),
            Tokens::Cycles if !token.is_empty() && !more => first.map(str::to_owned),
            _ => next,
        };
        if self.order == Order::Reversed {
            entries.reverse();
        }
        let next = match self.empty {
            Empty::Between => next.map(|next| format!("{EMPTY}{next}")),
            Empty::AtEnd | Empty::ForEver => next.or_else(|| Some(format!("{BEHIND}0"))),
            Empty::Never => next,
        };
        Page { entries, next }
    }

    fn read<'a>(&self, token: Option<&'a str>) -> &'a str {
        let token = token.unwrap_or_default();
        match self.tokens {
            Tokens::Ignored => "",
            Tokens::Cut(most) => {
                let end = (0..=most.min(token.len())).rev().find(|it| token.is_char_boundary(*it));
                &token[..end.unwrap_or_default()]
            }
            _ => token,
        }
    }

    fn is_behind(&self, name: &str, after: &str) -> bool {
        after.is_empty()
            || match self.tokens {
                Tokens::RepeatsLast => self.rank(name) >= self.rank(after),
                _ => self.rank(name) > self.rank(after),
            }
    }

    fn rank<'a>(&self, name: &'a str) -> (u64, &'a str) {
        match self.order {
            Order::Shuffled(seed) => (xxh3_64_with_seed(name.as_bytes(), seed), name),
            Order::ByKey | Order::Reversed => (0, name),
        }
    }
}
