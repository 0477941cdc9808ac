//! How a container lists, and what it says of that.

#[cfg(doc)]
use crate::store::Tokens;
use crate::store::{Format, Paging, Parameter};

/// How a container lists. Each field is a misbehaviour of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// How it is cut into pages.
    pub paging: Paging,
    /// How `startFrom` is read.
    pub start_from: Parameter,
    /// How `maxresults` is read.
    pub max_results: Parameter,
    /// How `prefix` is read. The answer repeats what was read.
    pub prefix: Parameter,
    /// `NextMarker`.
    pub markers: Markers,
    /// How names are written.
    pub names: Names,
    /// How the document is written.
    pub format: Format,
}

/// `NextMarker`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Markers {
    /// It is empty on the last page.
    #[default]
    Right,
    /// There is none on the last page.
    MissingAtEnd,
    /// It consists of spaces on the last page.
    BlankAtEnd,
    /// Twice, and once it is empty.
    Twice,
    /// It stands before the names.
    First,
}

/// How names are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Names {
    /// As they are.
    #[default]
    Plain,
    /// Percent-encoded, with an attribute that says so, where XML cannot hold them.
    Encoded,
    /// Percent-encoded, with an attribute that says so.
    AllEncoded,
}

impl Listing {
    /// Whether the server says consistently that a page is complete which is not: a [token is cut](Tokens::Cut) to one
    /// that stands behind keys which were not listed yet.
    #[must_use]
    pub fn is_consistent_lie(&self) -> bool {
        self.paging.skips()
    }
}
