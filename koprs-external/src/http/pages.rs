//! From a page to the next, without IO.

use http::header::LINK;
use http::{HeaderMap, HeaderName};
use url::Url;

use super::query;
use crate::error::{HttpError, HttpErrorKind};
use crate::spec::{CursorFrom, NextPage, Pages, Pointer};

/// What was seen of a page.
pub(super) struct Seen<'a> {
    /// The URL that gave it.
    pub(super) from: &'a Url,
    pub(super) headers: &'a HeaderMap,
    /// What is at the place of [`cursor_at`].
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

/// The page after one, if there is any.
pub(super) fn next(polled: &Url, pages: &Pages, seen: &Seen<'_>) -> Result<Option<Url>, HttpError> {
    let page = match &pages.next {
        NextPage::Link => link(seen.headers),
        NextPage::Cursor { from, param } => {
            let cursor = match from {
                CursorFrom::Body(_) => seen.cursor.clone(),
                CursorFrom::Header(name) => header(seen.headers, name),
            };
            let cursor = cursor.filter(|cursor| !cursor.is_empty() && cursor != "false");
            match (cursor, param) {
                (Some(cursor), Some(param)) => {
                    return Ok(Some(query::with(polled, param, &cursor)));
                }
                (cursor, _) => cursor,
            }
        }
        NextPage::Number { .. } | NextPage::Offset { .. } if seen.items == 0 => None,
        NextPage::Number { param, first } => {
            let number = first.saturating_add(seen.before as u64).saturating_add(1);
            return Ok(Some(query::with(polled, param, &number.to_string())));
        }
        NextPage::Offset { param } => {
            return Ok(Some(query::with(polled, param, &seen.so_far.to_string())));
        }
    };
    page.map(|page| there(polled, pages, seen.from, &page)).transpose()
}

/// The URL of a next link: relative to the page that has it, and within the origins that are allowed.
fn there(polled: &Url, pages: &Pages, from: &Url, link: &str) -> Result<Url, HttpError> {
    let url = from.join(link).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let mut url = url.ok_or_else(|| failed("the link to the next page is no URL"))?;
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
        url.origin().ascii_serialization()
    )))
}

/// A walk that asks for a page that it had.
pub(super) fn looped(url: &str) -> HttpError {
    failed(format!("the pages go round in a circle, at `{url}`"))
}

/// A page that has what the one before it has.
pub(super) fn again(url: &str) -> HttpError {
    failed(format!(
        "the page at `{url}` is the same as the one before it; does the server know the parameter?"
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

/// A key that two items have.
pub(super) fn twice(key: &str, again: bool) -> HttpError {
    let still = if again { " still, after the pages were read again" } else { "" };
    let key = shown(key);
    failed(format!("the key `{key}` is there twice{still}; is it one that tells the items apart?"))
}

/// As much of a key as a person reads.
pub(super) fn shown(key: &str) -> String {
    const MOST: usize = 100;
    let more = key.chars().nth(MOST).map(|_| '…');
    key.chars().take(MOST).chain(more).collect()
}

fn failed(message: impl Into<String>) -> HttpError {
    HttpError::new(HttpErrorKind::Pages, message)
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(|value| value.trim().to_owned())
}

/// The target of `rel="next"` (RFC 8288 §3). A link with an `anchor` is one of another page.
fn link(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(links).find(|link| link.is_next).map(|link| link.target)
}

struct Link {
    target: String,
    is_next: bool,
}

/// `<target>; name=value; name="value", …`
fn links(value: &str) -> Vec<Link> {
    let mut links = Vec::new();
    let mut rest = value;
    while let Some((target, behind)) = rest.split_once('<').and_then(|(_, at)| at.split_once('>')) {
        let (params, behind) = params(behind);
        let param = |name: &str| params.iter().find(|(known, _)| known == name).map(|(_, it)| it);
        let next = param("rel").is_some_and(|rel| {
            rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("next"))
        });
        let is_next = next && param("anchor").is_none();
        links.push(Link { target: target.trim().to_owned(), is_next });
        rest = behind;
    }
    links
}

/// The parameters of a link, and what stands behind the comma that ends it.
fn params(text: &str) -> (Vec<(String, String)>, &str) {
    let mut params = Vec::new();
    let mut rest = text.trim_start();
    while let Some(param) = rest.strip_prefix(';') {
        let end = param.find(['=', ';', ',']).unwrap_or(param.len());
        let (name, behind) = param.split_at(end);
        let (value, behind) = match behind.strip_prefix('=') {
            Some(value) => quoted(value.trim_start()),
            None => (String::new(), behind),
        };
        params.push((name.trim().to_ascii_lowercase(), value));
        rest = behind.trim_start();
    }
    (params, rest.strip_prefix(',').unwrap_or(rest))
}

/// A value, in quotes or without, and what stands behind it.
fn quoted(text: &str) -> (String, &str) {
    let Some(inner) = text.strip_prefix('"') else {
        let (value, behind) = text.split_at(text.find([';', ',']).unwrap_or(text.len()));
        return (value.trim().to_owned(), behind);
    };
    let mut value = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, inner.get(at + 1..).unwrap_or_default()),
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    (value, "")
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
        headers: &[(&'static str, &str)],
        cursor: Option<&str>,
    ) -> Result<Option<String>, String> {
        let headers = headers.iter();
        let headers =
            headers.map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        let headers: HeaderMap = headers.collect();
        let (polled, from) = (url("https://h/list?a=b%20c&page=9"), url("https://h/list?page=3"));
        let cursor = cursor.map(str::to_owned);
        let seen = Seen { from: &from, headers: &headers, cursor, items: 2, so_far: 7, before: 3 };
        match next(&polled, pages, &seen) {
            Ok(url) => Ok(url.map(String::from)),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn the_next_link_is_found_however_it_is_written() {
        let next = "https://h/list?page=4";
        for link in [
            r#"<https://h/list?page=4>; rel="next""#,
            r#"<https://h/list?page=4>;rel=next"#,
            r#"<https://h/list?page=2>; rel="prev", <https://h/list?page=4>; rel="next""#,
            r#"<https://h/list?page=4>; title="a, b; rel=last"; REL="last NEXT""#,
            r#"<?page=4>; rel=next; type="text/html""#,
            r#"</x>; rel="prev"; title="quo\"te, <y>",</list?page=4>;rel="next" , </z>; rel=last"#,
            r#"<https://u:p@h/list?page=4#part>; crossorigin; rel=next"#,
            r#"</other>; rel=next; anchor="/else", <?page=4>; rel=next"#,
        ] {
            assert_eq!(
                after(&pages(NextPage::Link), &[("link", link)], None),
                Ok(Some(next.into())),
                "{link}"
            );
        }
        for link in [
            "",
            "<",
            "</x>",
            "</x>; rel=prev",
            "</x>; rel=\"nextish\"",
            "</x>; rel=\"prev",
            "x; rel=next",
        ] {
            assert_eq!(after(&pages(NextPage::Link), &[("link", link)], None), Ok(None), "{link}");
        }
        let two = [("link", "</x>; rel=prev"), ("link", "<?page=4>; rel=next")];
        assert_eq!(after(&pages(NextPage::Link), &two, None), Ok(Some(next.into())));
    }

    #[test]
    fn a_next_link_stays_within_the_origins_that_are_allowed() {
        let link = |url: &str| format!("<{url}>; rel=next");
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
        let from = CursorFrom::Header(HeaderName::from_static("x-next"));
        let header = pages(NextPage::Cursor { from, param: Some("c".into()) });
        let next = Ok(Some("https://h/list?a=b%20c&page=9&c=17".into()));
        assert_eq!(after(&header, &[("x-next", "17")], None), next);
        assert_eq!(after(&header, &[], None), Ok(None));
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
        let seen =
            Seen { from: &polled, headers: &empty, cursor: None, items: 0, so_far: 7, before: 3 };
        assert_eq!(next(&polled, &number, &seen).unwrap(), None);
        assert_eq!(next(&polled, &offset, &seen).unwrap(), None);
    }
}
