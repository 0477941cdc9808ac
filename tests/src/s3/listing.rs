//! How a bucket lists, and what it says of that.

use crate::store::{Delivery, Empty, Format, Order, Paging, Parameter, Syntax, Text, Tokens};

/// How a bucket lists. Each field is a misbehaviour of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// How it is cut into pages.
    pub paging: Paging,
    /// How `start-after` is read.
    pub start_after: Parameter,
    /// What answers a `start-after` that is honoured.
    pub starts: Starts,
    /// How `max-keys` is read.
    pub max_keys: Parameter,
    /// How `prefix` is read. The answer repeats what was read.
    pub prefix: Parameter,
    /// Which version of the protocol the server knows.
    pub version: Version,
    /// `IsTruncated` and `NextContinuationToken`.
    pub flags: Flags,
    /// `KeyCount`.
    pub key_count: KeyCount,
    /// Entries that the server counts and does not send.
    pub entries: Entries,
    /// `EncodingType`, which nobody asked for.
    pub encoding: Encoding,
    /// How the document is written.
    pub format: Format,
}

/// What answers a `start-after`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Starts {
    /// The keys after it.
    #[default]
    After,
    /// The key itself and those after it.
    At,
    /// A page without keys.
    Empty,
}

/// The version of the protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// The second.
    #[default]
    Two,
    /// The first, which knows markers and no tokens, and no `list-type`.
    One,
}

/// `IsTruncated` and `NextContinuationToken`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flags {
    /// They say what is so.
    #[default]
    Right,
    /// With spaces around `IsTruncated`.
    Padded,
    /// `IsTruncated` is missing.
    NotFlagged,
    /// Both are missing.
    Silent,
    /// `True` and `False`.
    Capitalised,
    /// Neither `true` nor `false`.
    Unreadable,
    /// `false`, and a token.
    FalseWithToken,
    /// `true` where there is more, and no token.
    NoToken,
    /// `true` where there is more, and an empty token.
    EmptyToken,
    /// `true` where there is more, and a token of spaces.
    BlankToken,
    /// `false` on the last page, and an empty token.
    EmptyTokenAtEnd,
    /// `false` on the last page, and a token that leads to an empty one.
    TokenAtEnd,
    /// `true` on the last page, and no token.
    TrueAtEnd,
    /// Once right, and once wrong.
    Twice,
}

/// `KeyCount`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyCount {
    /// It counts the entries that the page should have.
    #[default]
    Right,
    /// There is none.
    Missing,
    /// One more.
    TooLarge,
    /// One less.
    TooSmall,
    /// No number.
    Unreadable,
}

/// Entries that are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Entries {
    /// None.
    #[default]
    All,
    /// The first of each page.
    FirstMissing,
    /// The last of each page.
    LastMissing,
}

/// `EncodingType`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// There is none.
    #[default]
    None,
    /// Keys are percent-encoded, and the answer says so.
    Url,
}

impl Listing {
    /// Pages of so many entries, and no misbehaviour.
    #[must_use]
    pub const fn pages_of(page_size: usize) -> Self {
        Self {
            paging: Paging {
                page_size,
                order: Order::ByKey,
                tokens: Tokens::Right,
                empty: Empty::Never,
            },
            start_after: Parameter::Honoured,
            starts: Starts::After,
            max_keys: Parameter::Honoured,
            prefix: Parameter::Honoured,
            version: Version::Two,
            flags: Flags::Right,
            key_count: KeyCount::Right,
            entries: Entries::All,
            encoding: Encoding::None,
            format: Format { syntax: Syntax::Plain, text: Text::Named, delivery: Delivery::Whole },
        }
    }

    /// The same, in this order.
    #[must_use]
    pub const fn in_order(mut self, order: Order) -> Self {
        self.paging.order = order;
        self
    }

    /// The same, with these tokens.
    #[must_use]
    pub const fn with_tokens(mut self, tokens: Tokens) -> Self {
        self.paging.tokens = tokens;
        self
    }

    /// Whether the server says consistently that a page is complete which is not. Nothing in its answers tells that
    /// from a smaller bucket:
    ///
    /// - entries are left out, and no `KeyCount` counts them;
    /// - a page is not the last one, `IsTruncated` is `false`, and there is no token;
    /// - two pages in a row say that they are the last one, and the second of them has no entries;
    /// - a [token is cut](Tokens::Cut) to one that stands behind keys which were not listed yet.
    #[must_use]
    pub fn is_consistent_lie(&self) -> bool {
        let is_first = self.version == Version::One;
        let counts =
            matches!(self.key_count, KeyCount::Right | KeyCount::TooLarge | KeyCount::Unreadable);
        let leaves_out = self.entries != Entries::All && (is_first || !counts);
        let says_false = self.flags == Flags::FalseWithToken;
        let says_twice = says_false && self.paging.empty == Empty::Between;
        leaves_out || (is_first && says_false) || says_twice || self.paging.skips()
    }
}
