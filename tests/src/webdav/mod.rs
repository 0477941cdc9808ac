//! A WebDAV server on the scripted server: a key is a path below its root.

mod listing;

use std::collections::BTreeSet;
use std::time::SystemTime;

use percent_encoding::{
    AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode,
};
use xxhash_rust::xxh3::xxh3_64_with_seed;

pub use self::listing::{Depth, Folders, Hrefs, Listing, Responses, Status};
use crate::reply::Reply;
use crate::request::Recorded;
use crate::store::{Element, Objects, Op, Order, Protocol, Store, Stored};

/// A WebDAV server.
pub type WebDav = Store<Folder>;

/// The protocol of WebDAV.
#[derive(Debug)]
pub enum Folder {}

/// What a path may not hold as it is.
const PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'?').add(b'`');

impl Protocol for Folder {
    type Listing = Listing;

    fn answer(objects: &Objects, listing: &Listing, request: &Recorded) -> (Op, Reply) {
        let path = percent_decode_str(request.path()).decode_utf8().expect("a path is UTF-8");
        let path = path.strip_prefix('/').unwrap_or(&path);
        if request.method.as_str() == "PROPFIND" {
            let folder = path.trim_end_matches('/');
            return (Op::List, list(objects, listing, folder, request.header("depth")));
        }
        let reply = objects.get(path).map(|stored| {
            let reply = Reply::bytes("application/octet-stream", stored.content.clone());
            reply.etag(&stored.etag).last_modified(&httpdate::fmt_http_date(stored.modified))
        });
        (Op::Get, reply.unwrap_or_else(|| Reply::status(404)))
    }
}

/// A resource: a file, or a folder, whose path ends with a slash.
type Resource<'a> = (String, Option<&'a Stored>);

fn list(objects: &Objects, listing: &Listing, folder: &str, depth: Option<&str>) -> Reply {
    let most = match (depth, listing.depth) {
        (Some("0"), _) => 0,
        (Some("1"), _) => 1,
        (_, Depth::Honoured) => usize::MAX,
        (_, Depth::AsOne) => 1,
        (_, Depth::AsZero) => 0,
        (_, Depth::Refused(status)) => {
            let error = Element::new("error").child(Element::new("propfind-finite-depth"));
            return error.reply(listing.format).status_code(status);
        }
    };
    let root = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let mut folders = BTreeSet::from([root.clone()]);
    let mut files: Vec<Resource<'_>> = Vec::new();
    for (key, stored) in objects.iter().filter(|(key, _)| key.starts_with(&root)) {
        let levels = key[root.len()..].match_indices('/').map(|(at, _)| root.len() + at + 1);
        let levels: Vec<_> = levels.collect();
        folders.extend(levels.iter().take(most).map(|end| key[..*end].to_owned()));
        if levels.len() < most {
            files.push((key.clone(), Some(stored)));
        }
    }
    if files.is_empty() && folders.len() == 1 && !root.is_empty() {
        return Reply::status(404);
    }
    let mut failed: Option<(String, u16)> = None;
    match listing.responses {
        Responses::FileFailed(status) => failed = files.pop().map(|(path, _)| (path, status)),
        Responses::FolderFailed(status) if folders.len() > 1 => {
            let last = folders.pop_last().unwrap_or_default();
            files.retain(|(path, _)| !path.starts_with(&last));
            failed = Some((last, status));
        }
        Responses::Truncated => failed = files.pop().map(|_| (root.clone(), 507)),
        _ => {}
    }
    match listing.folders {
        Folders::NotItself => drop(folders.remove(&root)),
        Folders::Missing => folders.clear(),
        _ => {}
    }
    let last = files.last().map(|(path, _)| path.clone()).unwrap_or_default();
    let mut resources: Vec<_> = folders.into_iter().map(|path| (path, None)).chain(files).collect();
    match listing.order {
        Order::ByKey => {}
        Order::Reversed => resources.reverse(),
        Order::Shuffled(seed) => {
            resources.sort_by_key(|(path, _)| xxh3_64_with_seed(path.as_bytes(), seed));
        }
    }
    let responses = resources.iter().map(|resource| response(resource, &root, &last, listing));
    let failed = failed.map(|(path, status)| {
        Element::new("response").child(href(&path, &root, listing)).child(status_line(status))
    });
    let document = Element::new("multistatus").children(responses).children(failed);
    let status = if listing.status == Status::Ok { 200 } else { 207 };
    document.reply(listing.format).status_code(status)
}

fn response((path, stored): &Resource<'_>, root: &str, last: &str, listing: &Listing) -> Element {
    let mut kind = Element::new("resourcetype");
    if stored.is_none() {
        kind = kind.child(Element::new("collection"));
    }
    let modified = stored.map_or(SystemTime::UNIX_EPOCH, |stored| stored.modified);
    let mut prop = Element::new("prop").child(kind);
    if stored.is_some() || listing.folders != Folders::Timeless {
        let modified = httpdate::fmt_http_date(modified);
        prop = prop.child(Element::with_text("getlastmodified", modified));
    }
    if let Some(stored) = stored {
        let length = stored.content.len().to_string();
        prop = prop
            .child(Element::with_text("getcontentlength", length))
            .child(Element::with_text("getetag", &stored.etag));
    }
    let status = match listing.responses {
        Responses::PropertiesFailed(status) if path == last => status,
        _ => 200,
    };
    let found = Element::new("propstat").child(prop).child(status_line(status));
    let mut response = Element::new("response").child(href(path, root, listing)).child(found);
    if listing.responses == Responses::NotFoundToo {
        let prop = Element::new("prop").child(Element::new("quota-used-bytes"));
        response = response.child(Element::new("propstat").child(prop).child(status_line(404)));
    }
    response
}

fn status_line(status: u16) -> Element {
    let reason = match status {
        200 => "OK",
        403 => "Forbidden",
        404 => "Not Found",
        507 => "Insufficient Storage",
        _ => "Other",
    };
    Element::with_text("status", format!("HTTP/1.1 {status} {reason}"))
}

fn href(path: &str, root: &str, listing: &Listing) -> Element {
    let path = match listing.folders {
        Folders::NoSlash => path.trim_end_matches('/'),
        _ => path,
    };
    let encoded = |path: &str, set| utf8_percent_encode(path, set).to_string();
    let plain = encoded(path, PATH);
    Element::with_text(
        "href",
        match listing.hrefs {
            Hrefs::Paths => format!("/{plain}"),
            Hrefs::Urls => format!("http://127.0.0.1/{plain}"),
            Hrefs::UrlsElsewhere => format!("https://files.internal:8443/{plain}"),
            Hrefs::Encoded => format!("/{}", encoded(path, NON_ALPHANUMERIC).replace("%2F", "/")),
            Hrefs::Relative => encoded(path.strip_prefix(root).unwrap_or("./"), PATH),
            Hrefs::Below(folder) => format!("/{folder}/{plain}"),
        },
    )
}
