//! `http.pages`: a list that comes in pages.

use url::Url;

use super::settings::{Entry, Settings, Value};
use super::table::{Row, row};
use super::{Invalid, Pointer, header, url as url_setting};

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

impl Pages {
    /// The most pages.
    pub fn limit(&self) -> usize {
        self.limit
    }
}

/// How the next page of a list is found, for [`WatcherBuilder::pages`](super::WatcherBuilder::pages).
///
/// A page that names no next one is the last. What is named and cannot be read fails the poll: taken for the end of
/// the list, it would remove the items of all further pages. Where the server says that there are more items than
/// these pages hold (`Link: …; rel="next"`, `Content-Range`), or than a list without `pages` holds, what is absent is
/// held, as [`HeldReason::PartialList`](crate::watcher::HeldReason::PartialList).
///
/// ```
/// use koprs_external::spec::Paging;
///
/// let by_link = Paging::link_header().limit(50);
/// let by_cursor = Paging::cursor_at("/meta/next").param("cursor");
/// ```
#[derive(Clone, Debug)]
#[must_use = "it does nothing until it is given to a declaration"]
pub struct Paging {
    way: Way,
    param: Option<String>,
    first: Option<u64>,
    limit: Option<usize>,
    origins: Vec<String>,
}

#[derive(Clone, Debug)]
enum Way {
    Link,
    CursorAt(String),
    CursorHeader(String),
    Number,
    Offset,
}

impl Paging {
    fn of(way: Way, param: Option<String>) -> Self {
        Self { way, param, first: None, limit: None, origins: Vec::new() }
    }

    /// By `Link: <…>; rel="next"` (RFC 8288), also in spellings that are wrong and in use: without `<>`, `;` or
    /// quotes, and with any bytes in a title.
    pub fn link_header() -> Self {
        Self::of(Way::Link, None)
    }

    /// By a cursor in the body, at a JSON pointer: a text or a number. It goes into [`param`](Self::param), or is the
    /// URL of the next page. The last page has none, or `null`, `false` or an empty text; anything else is an error.
    pub fn cursor_at(pointer: impl Into<String>) -> Self {
        Self::of(Way::CursorAt(pointer.into()), None)
    }

    /// By a cursor in a response header. It goes into [`param`](Self::param), or is the URL of the next page. The last
    /// page has none, or `false` or an empty one; one that is not UTF-8, or two that differ, are an error.
    pub fn cursor_header(name: impl Into<String>) -> Self {
        Self::of(Way::CursorHeader(name.into()), None)
    }

    /// By a number in this query parameter that counts up, until a page is empty.
    pub fn number(param: impl Into<String>) -> Self {
        Self::of(Way::Number, Some(param.into()))
    }

    /// By the number of items so far in this query parameter, until a page is empty.
    pub fn offset(param: impl Into<String>) -> Self {
        Self::of(Way::Offset, Some(param.into()))
    }

    /// The query parameter that takes the cursor.
    pub fn param(mut self, name: impl Into<String>) -> Self {
        self.param = Some(name.into());
        self
    }

    /// The number of the first page. Default: 1.
    pub fn first(mut self, number: u64) -> Self {
        self.first = Some(number);
        self
    }

    /// The most pages. Default: 1 000.
    pub fn limit(mut self, pages: usize) -> Self {
        self.limit = Some(pages);
        self
    }

    /// One more origin to which a link may lead, as `https://cdn.example.com`. Credentials do not go there.
    pub fn origin(mut self, url: impl Into<String>) -> Self {
        self.origins.push(url.into());
        self
    }

    /// Its settings, and what no setting can hold.
    pub(super) fn into_settings(self) -> (Vec<(Row, Value)>, Vec<Invalid>) {
        let Self { way, param, first, limit, origins } = self;
        let (block, of_block, param_row) = match way {
            Way::Link => (row!("http.pages.link_header"), None, None),
            Way::CursorAt(pointer) => (
                row!("http.pages.cursor"),
                Some((row!("http.pages.cursor.at"), pointer)),
                Some(row!("http.pages.cursor.param")),
            ),
            Way::CursorHeader(name) => (
                row!("http.pages.cursor"),
                Some((row!("http.pages.cursor.header"), name)),
                Some(row!("http.pages.cursor.param")),
            ),
            Way::Number => (row!("http.pages.number"), None, Some(row!("http.pages.number.param"))),
            Way::Offset => (row!("http.pages.offset"), None, Some(row!("http.pages.offset.param"))),
        };
        let mut settings = vec![(row!("http.pages"), Value::Block), (block, Value::Block)];
        let mut refused = Vec::new();
        settings.extend(of_block.map(|(row, text)| (row, Value::Text(text))));
        let unused = |name: &str| Invalid::no_use(&format!("{}.{name}", block.path()), block.name);
        match (param, param_row) {
            (Some(param), Some(row)) => settings.push((row, Value::Text(param))),
            (Some(_), None) => refused.push(unused("param").help("leave it out")),
            (None, _) => {}
        }
        match first {
            Some(first) if block == row!("http.pages.number") => {
                settings.push((row!("http.pages.number.first"), Value::Whole(first)));
            }
            Some(_) => refused.push(unused("first").help("it is of `number`")),
            None => {}
        }
        settings.extend(limit.map(|it| (row!("http.pages.limit"), Value::Whole(it as u64))));
        if !origins.is_empty() {
            let origins = origins.into_iter().map(Entry::nowhere).collect();
            settings.push((row!("http.pages.origins"), Value::List(origins)));
        }
        (settings, refused)
    }
}

impl Pages {
    pub(super) fn from_settings(settings: &Settings) -> Option<Self> {
        let origins = settings.list(row!("http.pages.origins")).iter();
        let origins = origins.map(|origin| url_setting::origin("", &origin.text).ok());
        Some(Self {
            next: NextPage::from_settings(settings)?,
            limit: settings.or_default(row!("http.pages.limit")),
            origins: origins.collect::<Option<_>>()?,
        })
    }
}

impl NextPage {
    fn from_settings(settings: &Settings) -> Option<Self> {
        Some(match settings.choice("http.pages")?.name {
            "cursor" => {
                let at = settings.get(row!("http.pages.cursor.at"));
                let at = at.and_then(|at: &str| Pointer::parse("", at).ok()).map(CursorFrom::Body);
                let header = settings.get(row!("http.pages.cursor.header"));
                let header =
                    header.and_then(|name: &str| header::any_name(|_| String::new(), name).ok());
                let from = at.or_else(|| header.map(CursorFrom::Header))?;
                Self::Cursor { from, param: settings.get(row!("http.pages.cursor.param")) }
            }
            "number" => Self::Number {
                param: settings.get(row!("http.pages.number.param"))?,
                first: settings.or_default(row!("http.pages.number.first")),
            },
            "offset" => Self::Offset { param: settings.get(row!("http.pages.offset.param"))? },
            _ => Self::Link,
        })
    }
}
