//! `http.pages`: a list that comes in pages.

use url::Url;

use super::auth::not_empty;
use super::{Invalid, Method, Pointer, Written, header, items, number, url as url_setting};

/// The most pages of a list.
pub(crate) const LIMIT: usize = 1_000;
/// The number of the first page.
pub(super) const FIRST: u64 = 1;

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

    /// Its texts, with their settings.
    pub(super) fn texts(&self) -> Vec<(String, &str)> {
        let way = match &self.way {
            Way::CursorAt(pointer) => Some(("at", pointer)),
            Way::CursorHeader(name) => Some(("header", name)),
            Way::Link | Way::Number | Way::Offset => None,
        };
        let param = self.param.as_ref().map(|param| ("param", param));
        let texts = way.into_iter().chain(param);
        texts.map(|(name, text)| (self.setting(name), text.as_str())).collect()
    }

    /// The origins to which a link may lead.
    pub(super) fn origins(&self) -> &[String] {
        &self.origins
    }

    /// A setting of how the next page is found.
    fn setting(&self, name: &str) -> String {
        format!("http.pages.{}.{name}", self.block())
    }

    fn block(&self) -> &'static str {
        match &self.way {
            Way::Link => "link_header",
            Way::CursorAt(_) | Way::CursorHeader(_) => "cursor",
            Way::Number => "number",
            Way::Offset => "offset",
        }
    }

    fn next(&self, mut refuse: impl FnMut(Invalid)) -> Option<NextPage> {
        let block = self.block();
        let at = |name: &str| self.setting(name);
        if self.first.is_some() && block != "number" {
            refuse(Invalid::no_use(&at("first"), block).help("it is of `number`"));
        }
        let param = self.param.as_deref().map(|param| not_empty(&at("param"), param)).transpose();
        let param = param.map_err(&mut refuse).ok();
        let from = match &self.way {
            Way::Link if self.param.is_some() => {
                refuse(Invalid::no_use(&at("param"), block).help("leave it out"));
                return None;
            }
            Way::Link => return Some(NextPage::Link),
            Way::CursorAt(pointer) => Pointer::parse(&at("at"), pointer).map(CursorFrom::Body),
            Way::CursorHeader(name) => {
                header::any_name(|_| at("header"), name).map(CursorFrom::Header)
            }
            Way::Number => {
                let param = param??;
                return Some(NextPage::Number { param, first: self.first.unwrap_or(FIRST) });
            }
            Way::Offset => return Some(NextPage::Offset { param: param?? }),
        };
        Some(NextPage::Cursor { from: from.map_err(&mut refuse).ok()?, param: param? })
    }

    /// What is in the way of `origins`: no link leads anywhere.
    fn without_links(&self) -> Option<&'static str> {
        match self.way {
            Way::Number => Some("number"),
            Way::Offset => Some("offset"),
            Way::CursorAt(_) | Way::CursorHeader(_) if self.param.is_some() => Some("param"),
            _ => None,
        }
    }
}

/// Reads how pages are found, if there are some.
pub(super) fn check(written: &Written, mut refuse: impl FnMut(Invalid)) -> Option<Pages> {
    let paging = written.pages.as_ref()?;
    if written.method == Some(Method::Head) {
        refuse(
            Invalid::no_use("http.pages", "head")
                .help("leave it out: the answer to a `head` has no body"),
        );
    } else if !items::is_list(written) {
        refuse(items::no_list("http.pages"));
    }
    let next = paging.next(&mut refuse);
    let limit = number::within("http.pages.limit", paging.limit.unwrap_or(LIMIT), 1, None);
    let limit = limit.map_err(&mut refuse).ok();
    if let Some(beside) = paging.without_links().filter(|_| !paging.origins.is_empty()) {
        refuse(Invalid::no_use("http.pages.origins", beside).help("no link leads elsewhere there"));
    }
    let origins = paging.origins.iter().enumerate();
    let origins =
        origins.map(|(n, url)| url_setting::origin(&format!("http.pages.origins.{n}"), url));
    let origins: Vec<_> = origins.map(|url| url.map_err(&mut refuse).ok()).collect();
    Some(Pages { next: next?, limit: limit?, origins: origins.into_iter().collect::<Option<_>>()? })
}
