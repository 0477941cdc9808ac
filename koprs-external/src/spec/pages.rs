//! `http.pages`: a list that comes in pages.

use url::Url;

use super::Pointer;

/// The most pages of a list.
pub(crate) const LIMIT: usize = 1_000;

/// How the next page of a list is found.
#[derive(Clone, Debug, PartialEq)]
pub struct Pages {
    /// What leads from a page to the next.
    pub(crate) next: NextPage,
    /// The most pages.
    pub(crate) limit: usize,
    /// Origins beside that of the first page to which a next link may lead. Credentials do not go there.
    pub(crate) origins: Vec<Url>,
}

/// What leads from a page to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NextPage {
    /// `Link: <…>; rel="next"` (RFC 8288).
    Link,
    /// A cursor that the page names, into a query parameter; without one it is the URL of the next page.
    Cursor { from: CursorFrom, param: Option<String> },
    /// A number that counts up, until a page is empty.
    Number { param: String, first: u64 },
    /// The number of items so far, until a page is empty.
    Offset { param: String },
}

/// Where a page names the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CursorFrom {
    /// In its body.
    Body(Pointer),
    /// In a response header.
    Header(http::HeaderName),
}
