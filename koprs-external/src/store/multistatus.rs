//! The listing of a WebDAV server, one answer for all of a folder (RFC 4918): whether it can be believed, and
//! which names in it cannot be represented.
//!
//! `object_store` 0.14 reads the path of each entry from its URL, and one that it cannot represent fails the
//! listing. So the answer is read here first, as a [`page`](super::page) of other stores is.

use std::fmt;

use object_store::path::Path;
use percent_encoding::percent_decode_str;
use url::Url;

use super::page::{Edit, LONGEST, Page, PageError, cut};
use super::xml::{self, Element};

/// So many folders without members are looked into.
const MOST_SUSPECTS: usize = 16;

/// A property that `object_store` wants, and does not use.
const FOLDER_DATE: &str = "<getlastmodified>Thu, 01 Jan 1970 00:00:00 GMT</getlastmodified>";

/// The answer to a `PROPFIND`.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) page: Page,
    /// Folders without members, as deep as anything that is listed: the server may have stopped there.
    pub(super) suspects: Vec<Url>,
}

/// Why the answer of a WebDAV server is not believed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum WebDavError {
    /// It is none of 207.
    Status(u16),
    /// An entry has a status of its own.
    Entry { path: String, status: String },
    /// The server has stopped before the end.
    Incomplete(String),
    /// An entry of something else.
    Outside { path: String, folder: String },
    /// There is no entry, not even of the folder that was asked for.
    Nothing(String),
    /// The members of a folder are missing.
    Shallow(String),
    /// Whether they are missing cannot be found out.
    Unverified { path: String, why: String },
}

/// Reads the answer to a `PROPFIND` of this folder.
pub(super) fn read(answer: &[u8], folder: &Url) -> Result<Answer, PageError> {
    let mut reading = Reading::new(folder);
    let mut error = None;
    let read = xml::read(answer, "multistatus", "", |element| {
        if element.name == "response" && error.is_none() {
            error = reading.response(&element).err();
        }
    });
    read?;
    match error {
        Some(error) => Err(error),
        None => reading.finish(),
    }
}

/// Whether a folder has members, as the answer to a `PROPFIND` of it shows.
pub(super) fn has_members(answer: &[u8], folder: &Url) -> Result<bool, PageError> {
    let reading = Reading::new(folder);
    let mut has_members = false;
    xml::read(answer, "multistatus", "", |element| {
        let path = element.child("href").map(|href| reading.path(&href.text));
        has_members |= path.is_some_and(|(_, path)| path != reading.folder);
    })?;
    Ok(has_members)
}

struct Reading<'a> {
    url: &'a Url,
    /// The path of the folder, decoded, without the `/` at its end.
    folder: String,
    page: Page,
    has_entries: bool,
    /// Of all entries.
    deepest: usize,
    suspects: Vec<Url>,
}

impl<'a> Reading<'a> {
    fn new(url: &'a Url) -> Self {
        let folder = decoded(url.path());
        let deepest = depth(&folder);
        let (page, suspects) = (Page::default(), Vec::new());
        Self { url, folder, page, has_entries: false, deepest, suspects }
    }

    /// The URL of an entry as `object_store` reads it, and its path as the server means it.
    fn path(&self, href: &str) -> (Option<Url>, String) {
        // A URL has no space at its begin: this one is indented.
        let href = if href.starts_with(char::is_whitespace) { href.trim() } else { href };
        let url = Url::options().base_url(Some(self.url)).parse(href).ok();
        let path = match href.split_once("://") {
            Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default(),
            None => href,
        };
        (url, decoded(path))
    }

    fn response(&mut self, response: &Element) -> Result<(), PageError> {
        let mut hrefs = response.children("href");
        let (Some(href), other) = (hrefs.next(), hrefs.next()) else {
            return Err(PageError::Entry("an entry has no `href`".to_owned()));
        };
        let (url, path) = self.path(&href.text);
        if let Some(status) = response.child("status").filter(|it| !is_ok(&it.text)) {
            return Err(refused(&path, &status.text));
        }
        if other.is_some() {
            return Err(PageError::Entry(format!("`{}` has more than one `href`", cut(&path))));
        }
        let is_folder = self.properties(response, &path)?;
        // No URL can hold a longer path.
        let url = url.filter(|_| path.len() <= LONGEST);
        self.place(&path, url.as_ref().filter(|_| is_folder));
        self.has_entries = true;
        if path == self.folder {
            return Ok(());
        }
        if !path.strip_prefix(self.folder.as_str()).is_some_and(|it| it.starts_with('/')) {
            let folder = cut(&format!("{}/", self.folder));
            return Err(WebDavError::Outside { path: cut(&path), folder }.into());
        }
        let key = url.as_ref().filter(|_| href.is_readable && !href.is_normalised).and_then(key);
        if key.is_none_or(|key| format!("/{key}") != path) {
            self.page.edits.push(Edit::cut(response));
            if !is_folder {
                self.page.bad_keys.add(path.trim_start_matches('/').to_owned());
            }
        }
        Ok(())
    }

    /// Whether it is a folder. `object_store` takes one `propstat`, and wants properties of folders that it does not
    /// need: others are cut out, and these are filled in.
    fn properties(&mut self, response: &Element, path: &str) -> Result<bool, PageError> {
        let status =
            |it: &Element| it.child("status").map(|it| it.text.clone()).unwrap_or_default();
        let found = response.children("propstat").find(|it| is_ok(&status(it)));
        let Some(found) = found else {
            let status = response.child("propstat").map(status).unwrap_or_default();
            return Err(refused(path, &status));
        };
        let others = response.children("propstat").filter(|it| it.span != found.span);
        self.page.edits.extend(others.map(Edit::cut));
        let property = |name| found.child("prop").and_then(|it| it.child(name));
        let kind = property("resourcetype");
        let is_folder = kind.is_some_and(|it| it.child("collection").is_some());
        let has_date = property("getlastmodified").is_some();
        if let Some(kind) = kind.filter(|_| is_folder && !has_date) {
            let span = kind.span.start..kind.span.start;
            self.page.edits.push(Edit { span, with: FOLDER_DATE.to_owned() });
            return Ok(true);
        }
        let missing = [
            ("resourcetype", kind.is_none()),
            ("getlastmodified", !has_date),
            ("getcontentlength", !is_folder && property("getcontentlength").is_none()),
        ];
        match missing.iter().find(|(_, is_missing)| *is_missing) {
            Some((name, _)) => {
                Err(PageError::Entry(format!("`{}` does not have `{name}`", cut(path))))
            }
            None => Ok(is_folder),
        }
    }

    fn place(&mut self, path: &str, folder: Option<&Url>) {
        let depth = depth(path);
        if depth > self.deepest {
            self.deepest = depth;
            self.suspects.clear();
        }
        if depth == self.deepest && self.suspects.len() < MOST_SUSPECTS {
            // Behind a proxy, the server may know another host and scheme of itself. Credentials are not for those.
            let here = |folder: &Url| {
                let mut url = self.url.clone();
                url.set_path(folder.path());
                url
            };
            self.suspects.extend(folder.map(here));
        }
    }

    fn finish(self) -> Result<Answer, PageError> {
        let Self { folder, page, has_entries, suspects, .. } = self;
        match has_entries {
            true => Ok(Answer { page, suspects }),
            false => Err(WebDavError::Nothing(cut(&format!("{folder}/"))).into()),
        }
    }
}

/// The path of an entry, as `object_store` reads it.
fn key(url: &Url) -> Option<Path> {
    let path = percent_decode_str(url.path()).decode_utf8().ok()?;
    Path::parse(path.as_ref()).ok()
}

fn decoded(path: &str) -> String {
    let path = percent_decode_str(path).decode_utf8_lossy();
    path.strip_suffix('/').unwrap_or(&path).to_owned()
}

fn depth(path: &str) -> usize {
    path.matches('/').count()
}

/// Of a status line, `HTTP/1.1 200 OK`.
fn code(status: &str) -> Option<u16> {
    status.split_ascii_whitespace().nth(1)?.parse().ok()
}

fn is_ok(status: &str) -> bool {
    code(status) == Some(200)
}

fn refused(path: &str, status: &str) -> PageError {
    let path = cut(path);
    match code(status) {
        Some(507) => WebDavError::Incomplete(path).into(),
        _ => WebDavError::Entry { path, status: cut(status.trim_ascii()) }.into(),
    }
}

impl From<WebDavError> for PageError {
    fn from(error: WebDavError) -> Self {
        Self::WebDav(error)
    }
}

impl fmt::Display for WebDavError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(
                f,
                "the server answered {status} to `PROPFIND`, and not 207 Multi-Status: is it a WebDAV server?"
            ),
            Self::Entry { path, status } => write!(
                f,
                "the listing is not complete: the server says `{status}` of `{path}`; may the credentials read it?"
            ),
            Self::Incomplete(path) => write!(
                f,
                "the listing is not complete: the server stopped at `{path}` (507 Insufficient Storage); raise its \
                 limit, or follow a longer path"
            ),
            Self::Outside { path, folder } => write!(
                f,
                "the server was asked for the folder `{folder}`, and lists `{path}`; is there a proxy in between \
                 that changes paths?"
            ),
            Self::Nothing(folder) => write!(
                f,
                "the listing is not complete: it has no entry, not even of the folder `{folder}`; is there a proxy in \
                 between?"
            ),
            Self::Shallow(folder) => write!(
                f,
                "the server answers `Depth: infinity` without the members of `{folder}`; allow `Depth: infinity` in \
                 the server (`DavDepthInfinity on`, for one), or follow folders that have no folders in them"
            ),
            Self::Unverified { path, why } => {
                write!(f, "cannot find out whether the folder `{path}` is empty: {why}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(href: &str, kind: &str, status: &str) -> String {
        format!(
            "<D:response><D:href>{href}</D:href><D:propstat><D:prop><D:resourcetype>{kind}</D:resourcetype>\
             <D:getlastmodified>Tue, 01 Jan 2030 00:00:00 GMT</D:getlastmodified>\
             <D:getcontentlength>1</D:getcontentlength></D:prop>\
             <D:status>HTTP/1.1 {status}</D:status></D:propstat></D:response>"
        )
    }

    fn file(href: &str) -> String {
        entry(href, "", "200 OK")
    }

    fn folder(href: &str) -> String {
        entry(href, "<D:collection/>", "200 OK")
    }

    fn document(entries: &[String]) -> String {
        format!("<D:multistatus xmlns:D=\"DAV:\">{}</D:multistatus>", entries.concat())
    }

    fn url(path: &str) -> Url {
        Url::parse("http://h").unwrap().join(path).unwrap()
    }

    fn read(entries: &[String]) -> Result<Answer, PageError> {
        super::read(document(entries).as_bytes(), &url("/d"))
    }

    #[test]
    fn names_that_cannot_be_represented_are_cut_out() {
        for (href, reported) in [
            ("/d/a", None),
            ("http://h/d/a", None),
            ("/d/a%20b%2Bc%25", None),
            ("/d/%C3%BC", None),
            ("/d/ü", None),
            ("\n  /d/a\n", None),
            ("/d/a ", Some("d/a ")),
            ("/d/a%0Ab", Some("d/a\nb")),
            ("/d/a%0D", Some("d/a\r")),
            ("/d/a//b", Some("d/a//b")),
            ("/d/a/%2E%2E/b", Some("d/a/../b")),
            ("/d/./b", Some("d/./b")),
            ("/d/a?b", Some("d/a?b")),
            ("/d/a#b", Some("d/a#b")),
            ("/d/a\\b", Some("d/a\\b")),
            ("/d/a\tb", Some("d/a\tb")),
            ("/d/%FF", Some("d/\u{fffd}")),
        ] {
            let entries = [folder("/d/"), file(href), file("/d/z")];
            let page = read(&entries).unwrap().page;
            let names: Vec<_> = page.bad_keys.names().iter().map(String::as_str).collect();
            assert_eq!(names, Vec::from_iter(reported), "{href}");
            let all = document(&entries);
            let cut: Vec<_> = page.edits.iter().map(|edit| &all[edit.span.clone()]).collect();
            assert_eq!(cut.first() == Some(&entries[1].as_str()), reported.is_some(), "{href}");
        }
    }

    #[test]
    fn a_path_that_no_url_can_hold_is_not_followed() {
        // The path begins with a slash.
        let path = |length: usize| format!("/d/{}", "%61".repeat(length - 3));
        let bad = |href: &str| {
            let Answer { page, suspects } =
                read(&[folder("/d/"), folder(&format!("{href}/")), file(href)]).unwrap();
            (page.bad_keys.count(), page.edits.len(), suspects.len())
        };
        assert_eq!(bad(&path(LONGEST)), (0, 0, 1));
        assert_eq!(bad(&path(LONGEST + 1)), (1, 2, 0));
        assert_eq!(bad(&path(70_000)), (1, 2, 0));
    }

    #[test]
    fn an_answer_that_is_not_complete_is_an_error() {
        let refused = |path: &str, status: &str| WebDavError::Entry {
            path: path.into(),
            status: status.into(),
        };
        let own_status = |href: &str, status: &str| {
            format!(
                "<D:response><D:href>{href}</D:href><D:status>HTTP/1.1 {status}</D:status></D:response>"
            )
        };
        let outside = |path: &str| WebDavError::Outside { path: path.into(), folder: "/d/".into() };
        for (entry, expected) in [
            (entry("/d/x", "", "403 Forbidden"), refused("/d/x", "HTTP/1.1 403 Forbidden")),
            (own_status("/d/x/", "403 Forbidden"), refused("/d/x", "HTTP/1.1 403 Forbidden")),
            (own_status("/d/x", "404 Not Found"), refused("/d/x", "HTTP/1.1 404 Not Found")),
            (own_status("/d/", "507 Insufficient Storage"), WebDavError::Incomplete("/d".into())),
            (file("/e/x"), outside("/e/x")),
            (file("/dd"), outside("/dd")),
            (file("x"), outside("x")),
        ] {
            let error = read(&[folder("/d/"), entry.clone()]).err();
            assert_eq!(error, Some(expected.into()), "{entry}");
        }
        assert!(read(&[file("/d/x")]).is_ok());
        assert_eq!(read(&[]).err(), Some(WebDavError::Nothing("/d/".into()).into()));
    }

    #[test]
    fn properties_that_the_server_does_not_have_are_cut_out() {
        let missing = "<D:propstat><D:prop><D:getetag/></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>";
        let entry = file("/d/x").replace("</D:response>", &format!("{missing}</D:response>"));
        let entries = [folder("/d"), entry];
        let page = read(&entries).unwrap().page;
        assert_eq!(page.edits.len(), 1);
        assert_eq!(&document(&entries)[page.edits[0].span.clone()], missing);
    }

    #[test]
    fn what_object_store_does_not_need_of_a_folder_is_filled_in() {
        let date = "<D:getlastmodified>Tue, 01 Jan 2030 00:00:00 GMT</D:getlastmodified>";
        let entries = [folder("/d/"), folder("/d/e/").replace(date, "")];
        let edits = read(&entries).unwrap().page.edits;
        let place = document(&entries).rfind("<D:resourcetype>").unwrap();
        assert_eq!(edits, [Edit { span: place..place, with: FOLDER_DATE.to_owned() }]);
        let file = file("/d/x").replace(date, "");
        let missing = PageError::Entry("`/d/x` does not have `getlastmodified`".to_owned());
        assert_eq!(read(&[folder("/d/"), file]).err(), Some(missing));
    }

    #[test]
    fn an_odd_name_of_a_folder_is_none_of_an_object() {
        let page = read(&[folder("/d/"), folder("/d/a//"), file("/d/a//b")]).unwrap().page;
        assert_eq!((page.bad_keys.count(), page.edits.len()), (1, 2));
    }

    #[test]
    fn folders_as_deep_as_anything_may_have_members_that_are_not_shown() {
        for (entries, suspects) in [
            (vec![], vec!["/d/"]),
            (vec![file("/d/a")], vec![]),
            (vec![folder("/d/e/"), file("/d/a"), folder("/d/f/")], vec!["/d/e/", "/d/f/"]),
            (vec![folder("/d/e/"), file("/d/e/a")], vec![]),
            (
                vec![folder("/d/e/"), file("/d/e/a"), folder("/d/f/"), folder("/d/f/g")],
                vec!["/d/f/g"],
            ),
        ] {
            let entries = [vec![folder("/d/")], entries].concat();
            let read = read(&entries).unwrap();
            let paths: Vec<_> = read.suspects.iter().map(Url::path).collect();
            assert_eq!(paths, suspects, "{entries:?}");
        }
        let elsewhere =
            read(&[folder("https://files.internal/d/"), folder("https://files.internal/d/e/")]);
        assert_eq!(elsewhere.unwrap().suspects, [url("/d/e/")], "the server behind a proxy");
        let many: Vec<_> = (0..100).map(|n| folder(&format!("/d/{n}/"))).collect();
        assert_eq!(
            read(&[vec![folder("/d/")], many].concat()).unwrap().suspects.len(),
            MOST_SUSPECTS
        );
    }

    #[test]
    fn a_folder_has_members_if_its_answer_shows_one() {
        let has = |entries: &[String]| has_members(document(entries).as_bytes(), &url("/d/"));
        assert_eq!(has(&[folder("/d")]), Ok(false));
        assert_eq!(has(&[folder("/d/"), file("/d/a")]), Ok(true));
        assert!(has(&["<D:response>".to_owned()]).is_err());
    }
}
