//! The listing of a WebDAV server, one answer for all of a folder (RFC 4918): whether it can be believed, and
//! which names in it cannot be represented.
//!
//! `object_store` 0.14 reads the path of each entry from its URL, and one that it cannot represent fails the
//! listing. So the answer is read here first, as a [`page`](super::page) of other stores is.

use std::fmt;

use object_store::path::Path;
use percent_encoding::percent_decode_str;
use url::Url;

use super::page::{Page, PageError, cut};
use super::xml::{self, Element};

/// So many folders without members are looked into.
const MOST_SUSPECTS: usize = 16;

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
    /// The folder that was asked for is not among the entries.
    NoFolder(String),
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
    has_folder: bool,
    /// Of all entries.
    deepest: usize,
    suspects: Vec<Url>,
}

impl<'a> Reading<'a> {
    fn new(url: &'a Url) -> Self {
        Self {
            url,
            folder: decoded(url.path()),
            page: Page::default(),
            has_folder: false,
            deepest: 0,
            suspects: Vec::new(),
        }
    }

    /// The URL of an entry as `object_store` reads it, and its path as the server means it.
    fn path(&self, href: &str) -> (Option<Url>, String) {
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
        if path == self.folder {
            self.has_folder = true;
            return Ok(());
        }
        if !path.strip_prefix(self.folder.as_str()).is_some_and(|it| it.starts_with('/')) {
            let folder = cut(&self.folder);
            return Err(WebDavError::Outside { path: cut(&path), folder }.into());
        }
        let key = url.as_ref().filter(|_| href.is_readable).and_then(key);
        if key.is_none_or(|key| format!("/{key}") != path) {
            self.page.bad_keys.add(path.trim_start_matches('/').to_owned());
            self.page.cuts.push(response.span.clone());
        }
        self.place(&path, url.filter(|_| is_folder));
        Ok(())
    }

    /// Whether it is a folder. Properties that the server does not have are cut out: `object_store` takes one
    /// `propstat`.
    fn properties(&mut self, response: &Element, path: &str) -> Result<bool, PageError> {
        let status =
            |it: &Element| it.child("status").map(|it| it.text.clone()).unwrap_or_default();
        let found = response.children("propstat").find(|it| is_ok(&status(it)));
        let Some(found) = found else {
            let status = response.child("propstat").map(status).unwrap_or_default();
            return Err(refused(path, &status));
        };
        let others = response.children("propstat").filter(|it| it.span != found.span);
        self.page.cuts.extend(others.map(|it| it.span.clone()));
        let kind = found.child("prop").and_then(|it| it.child("resourcetype"));
        Ok(kind.is_some_and(|it| it.child("collection").is_some()))
    }

    fn place(&mut self, path: &str, folder: Option<Url>) {
        let depth = path.matches('/').count();
        if depth > self.deepest {
            self.deepest = depth;
            self.suspects.clear();
        }
        if depth == self.deepest && self.suspects.len() < MOST_SUSPECTS {
            self.suspects.extend(folder);
        }
    }

    fn finish(self) -> Result<Answer, PageError> {
        let Self { folder, page, has_folder, suspects, .. } = self;
        match has_folder {
            true => Ok(Answer { page, suspects }),
            false => Err(WebDavError::NoFolder(cut(&folder)).into()),
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
            Self::NoFolder(folder) => write!(
                f,
                "the listing is not complete: it has no entry of the folder `{folder}` itself; is there a proxy in \
                 between that changes paths?"
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
