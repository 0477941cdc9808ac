//! From a page to the next, without IO.

use http::header::LINK;
use http::{HeaderMap, HeaderName};
use url::Url;

use super::{link, query};
use crate::error::{HttpError, HttpErrorKind};
use crate::printable::printable;
use crate::spec::url::is_too_long;
use crate::spec::{CursorFrom, NextPage, Pages, Pointer, bounds};

/// What leads from a page to the next.
pub(super) struct PageContext<'a> {
    /// The URL that returned it.
    pub(super) from: &'a Url,
    pub(super) headers: &'a HeaderMap,
    /// The text, number or boolean at the place of [`cursor_at`].
    pub(super) cursor: Option<String>,
    /// Its items, and those of all pages with it.
    pub(super) items: usize,
    pub(super) so_far: usize,
    /// How many pages were before it.
    pub(super) before: usize,
}

/// The first page: `None` is the URL that is polled.
pub(super) fn first(polled: &Url, pages: Option<&Pages>) -> Option<Url> {
    match pages.map(|pages| &pages.next) {
        Some(NextPage::Number { param, first }) => {
            Some(query::with(polled, param, &first.to_string()))
        }
        Some(NextPage::Offset { param }) => Some(query::with(polled, param, "0")),
        Some(NextPage::Link | NextPage::Cursor { .. }) | None => None,
    }
}

/// Where a page has the cursor in its body.
pub(super) fn cursor_at(pages: &Pages) -> Option<&Pointer> {
    match &pages.next {
        NextPage::Cursor { from: CursorFrom::Body(at), .. } => Some(at),
        _ => None,
    }
}

/// Whether headers say what the next page is, or that there is none.
pub(super) fn is_told(pages: &Pages, headers: &HeaderMap) -> bool {
    match &pages.next {
        NextPage::Link => headers.contains_key(LINK),
        NextPage::Cursor { from: CursorFrom::Header(name), .. } => headers.contains_key(name),
        NextPage::Cursor { .. } | NextPage::Number { .. } | NextPage::Offset { .. } => false,
    }
}

/// Finds the page after one; `None` is the end of the list. What names it and cannot be read is an error: taken
/// for the end, it would remove the items of all further pages.
pub(super) fn next(
    polled: &Url,
    pages: &Pages,
    page: &PageContext<'_>,
) -> Result<Option<Url>, HttpError> {
    let next = find(polled, pages, page)?;
    if next.as_ref().is_some_and(is_too_long) {
        return Err(failed(format!(
            "the URL of the next page has more than {} bytes",
            bounds::URL
        )));
    }
    Ok(next)
}

fn find(polled: &Url, pages: &Pages, page: &PageContext<'_>) -> Result<Option<Url>, HttpError> {
    let url = match &pages.next {
        NextPage::Link => link::next(page.headers, page.from).map_err(failed)?,
        NextPage::Cursor { from, param } => {
            let cursor = match from {
                CursorFrom::Body(_) => page.cursor.clone(),
                CursorFrom::Header(name) => header(page.headers, name)?,
            };
            match (cursor.as_deref(), param) {
                (None | Some("" | "false"), _) => None,
                (Some("true"), _) => return Err(failed(NO_CURSOR)),
                (Some(cursor), _) if cursor.len() > bounds::URL => {
                    return Err(failed(format!("the cursor has more than {} bytes", bounds::URL)));
                }
                (Some(cursor), Some(param)) => {
                    return Ok(Some(query::with(polled, param, cursor)));
                }
                (Some(cursor), None) => Some(
                    page.from
                        .join(cursor)
                        .map_err(|_| failed("the cursor is not a URL; name its `param`"))?,
                ),
            }
        }
        NextPage::Number { .. } | NextPage::Offset { .. } if page.items == 0 => None,
        NextPage::Number { param, first } => {
            let number = first.saturating_add(page.before as u64).saturating_add(1);
            return Ok(Some(query::with(polled, param, &number.to_string())));
        }
        NextPage::Offset { param } => {
            return Ok(Some(query::with(polled, param, &page.so_far.to_string())));
        }
    };
    url.map(|url| allowed(polled, pages, page.from, url)).transpose()
}

const NO_CURSOR: &str =
    "the cursor is `true`, which leads nowhere; `pages.cursor` must name the cursor itself";

/// Checks that a next link leads to an origin that is allowed, and cuts off what must not be sent there.
fn allowed(polled: &Url, pages: &Pages, from: &Url, mut url: Url) -> Result<Url, HttpError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(failed("the link to the next page does not lead to `http` or `https`"));
    }
    // Userinfo of a link is not ours to send (RFC 9110 §4.2.4); our own goes along within the origin.
    let (username, password) = match url.origin() == polled.origin() {
        true => (polled.username().to_owned(), polled.password().map(str::to_owned)),
        false => (String::new(), None),
    };
    let _ = url.set_username(&username);
    let _ = url.set_password(password.as_deref());
    url.set_fragment(None);
    let allowed = |origin: &Url| origin.origin() == url.origin();
    if allowed(polled) || allowed(from) || pages.origins.iter().any(allowed) {
        return Ok(url);
    }
    Err(failed(format!(
        "the next page is at another origin, `{}`; name it in `pages.origins` if that is meant",
        printable(&url.origin().ascii_serialization())
    )))
}

/// A walk that asks for a page that it had.
pub(super) fn looped(url: &str) -> HttpError {
    failed(format!("the pages go round in a circle, at `{}`", printable(url)))
}

/// A page that has what the one before it has.
pub(super) fn again(url: &str) -> HttpError {
    failed(format!(
        "the page at `{}` is the same as the one before it; does the server know the parameter?",
        printable(url)
    ))
}

/// A page, not the first, that is not there.
pub(super) fn gone(pages: Option<&Pages>, status: u16) -> HttpError {
    let mut error = HttpError::from_status(status);
    if let Some(NextPage::Number { .. } | NextPage::Offset { .. }) = pages.map(|it| &it.next) {
        error.message += ", where pages that are counted end with one that is empty; \
                          does a page name the next one (`cursor`, `link_header`)?";
    }
    error
}

/// A walk of more pages than are allowed.
pub(super) fn too_many(limit: usize) -> HttpError {
    failed(format!("the list has more pages than `pages.limit`, {limit}"))
}

/// A list with more items than are allowed.
pub(super) fn too_many_items(limit: usize) -> HttpError {
    failed(format!("the list has more items than `items.limit`, {limit}"))
}

/// A part of a list with more items, and removals that are held, than are allowed.
pub(super) fn too_many_held(limit: usize) -> HttpError {
    failed(format!(
        "the list has more items than `items.limit`, {limit}, with the removals that are held, since the server \
         says that there are more items than it sent; declare `pages`, or release the removals"
    ))
}

/// Several items have one key and differ.
pub(super) fn conflict(places: Option<(usize, usize)>) -> String {
    let which = places.map(|(first, last)| format!(", at {first} and {last},")).unwrap_or_default();
    format!("several items{which} have this key and differ; does `key` tell the items apart?")
}

fn failed(message: impl Into<String>) -> HttpError {
    HttpError::new(HttpErrorKind::Pages, message)
}

/// The cursor in a header, which may stand there twice if it is the same.
fn header(headers: &HeaderMap, name: &HeaderName) -> Result<Option<String>, HttpError> {
    let mut cursor = None;
    for value in headers.get_all(name) {
        let value = std::str::from_utf8(value.as_bytes()).map(str::trim).map_err(|_| {
            failed(format!("the cursor in the header `{name}` cannot be read: it is not UTF-8"))
        })?;
        if cursor.replace(value).is_some_and(|before| before != value) {
            return Err(failed(format!("the header `{name}` names two cursors")));
        }
    }
    Ok(cursor.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn pages(next: NextPage) -> Pages {
        Pages { next, limit: 10, origins: vec![url("https://cdn.example.com")] }
    }

    fn after(
        pages: &Pages,
        headers: &[(&'static str, &[u8])],
        cursor: Option<&str>,
    ) -> Result<Option<String>, String> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, http::HeaderValue::from_bytes(value).unwrap());
        }
        let headers = map;
        let (polled, from) = (url("https://h/list?a=b%20c&page=9"), url("https://h/list?page=3"));
        let cursor = cursor.map(str::to_owned);
        let seen =
            PageContext { from: &from, headers: &headers, cursor, items: 2, so_far: 7, before: 3 };
        match next(&polled, pages, &seen) {
            Ok(url) => Ok(url.map(String::from)),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn a_next_link_stays_within_the_origins_that_are_allowed() {
        let link = |url: &str| format!("<{url}>; rel=next").into_bytes();
        for (to, allowed) in [
            ("https://h:443/x", true),
            ("https://cdn.example.com/x", true),
            ("https://other/x?token=SECRET", false),
            ("http://h/x", false),
            ("https://h:8443/x", false),
            ("//other/x", false),
            ("ftp://h/x", false),
        ] {
            let next = after(&pages(NextPage::Link), &[("link", &link(to))], None);
            assert_eq!(next.is_ok(), allowed, "{to}");
            assert!(next.err().is_none_or(|why| !why.contains("SECRET")));
        }
    }

    #[test]
    fn a_cursor_goes_into_its_parameter_or_is_the_next_url() {
        let from = || CursorFrom::Body(Pointer::default());
        let param = pages(NextPage::Cursor { from: from(), param: Some("page".into()) });
        assert_eq!(
            after(&param, &[], Some("x/y=")),
            Ok(Some("https://h/list?a=b%20c&page=x%2Fy%3D".into()))
        );
        let bare = pages(NextPage::Cursor { from: from(), param: None });
        assert_eq!(after(&bare, &[], Some("/list?c=2")), Ok(Some("https://h/list?c=2".into())));
        assert!(after(&bare, &[], Some("https://other/x")).is_err());
        for end in [None, Some(""), Some("false")] {
            assert_eq!(after(&param, &[], end), Ok(None));
            assert_eq!(after(&bare, &[], end), Ok(None));
        }
        assert!(after(&param, &[], Some("true")).unwrap_err().contains("`pages.cursor`"));
        assert!(after(&bare, &[], Some("https://[")).unwrap_err().contains("`param`"));
    }

    #[test]
    fn a_cursor_in_a_header_that_cannot_be_read_is_an_error() {
        let from = CursorFrom::Header(HeaderName::from_static("x-next"));
        let header = pages(NextPage::Cursor { from, param: Some("c".into()) });
        let next = |cursor| Ok(Some(format!("https://h/list?a=b%20c&page=9&c={cursor}")));
        let after = |values: &[&'static [u8]]| {
            let values: Vec<_> = values.iter().map(|value| ("x-next", *value)).collect();
            after(&header, &values, None)
        };
        assert_eq!(after(&[]), Ok(None));
        assert_eq!(after(&[b""]), Ok(None));
        assert_eq!(after(&[b" false "]), Ok(None));
        assert_eq!(after(&[b" 17 "]), next("17"));
        assert_eq!(after(&[b"17", b"17"]), next("17"));
        assert_eq!(after(&["ü".as_bytes()]), next("%C3%BC"));
        for values in
            [[b"17".as_slice(), b"18"], [b"17", b""], [b"\xfc", b"\xfc"], [b"17", b"\xfc"]]
        {
            assert!(after(&values).unwrap_err().contains("`x-next`"), "{values:?}");
        }
    }

    #[test]
    fn numbers_and_offsets_count_on_until_a_page_is_empty() {
        let polled = url("https://h/list?a=b%20c&page=9");
        let number = pages(NextPage::Number { param: "page".into(), first: 0 });
        assert_eq!(
            first(&polled, Some(&number)).unwrap().as_str(),
            "https://h/list?a=b%20c&page=0"
        );
        assert_eq!(after(&number, &[], None), Ok(Some("https://h/list?a=b%20c&page=4".into())));
        let offset = pages(NextPage::Offset { param: "skip".into() });
        assert_eq!(
            first(&polled, Some(&offset)).unwrap().as_str(),
            "https://h/list?a=b%20c&page=9&skip=0"
        );
        assert_eq!(
            after(&offset, &[], None),
            Ok(Some("https://h/list?a=b%20c&page=9&skip=7".into()))
        );
        let empty = HeaderMap::new();
        let page = PageContext {
            from: &polled,
            headers: &empty,
            cursor: None,
            items: 0,
            so_far: 7,
            before: 3,
        };
        assert_eq!(next(&polled, &number, &page).unwrap(), None);
        assert_eq!(next(&polled, &offset, &page).unwrap(), None);
    }
}
