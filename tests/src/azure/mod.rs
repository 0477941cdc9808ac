//! A container of Azure Blob Storage on the scripted server.

mod listing;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

pub use self::listing::{Listing, Markers, Names};
use crate::reply::Reply;
use crate::request::Recorded;
use crate::store::{Element, Objects, Op, Page, Parameter, Protocol, Query, Store, Stored, Tokens};

/// The name of the account.
pub const ACCOUNT: &str = "account";
/// The name of the container.
pub const CONTAINER: &str = "container";

/// A container, and the server that it is behind. Account and container are segments of the path.
pub type Azure = Store<Container>;

/// The protocol of Azure, with one container.
#[derive(Debug)]
pub enum Container {}

impl Protocol for Container {
    type Listing = Listing;

    fn answer(objects: &Objects, listing: &Listing, request: &Recorded) -> (Op, Reply) {
        let query = Query::new(request.query().unwrap_or_default());
        if query.raw("comp") != Some("list") {
            return (Op::Get, get(objects, request));
        }
        let reply = list(objects, listing, &query);
        (Op::List, reply.unwrap_or_else(|status| error(status, "UnsupportedQueryParameter")))
    }
}

impl Azure {
    /// The URL that a client is given for its account.
    #[must_use]
    pub fn account_url(&self) -> String {
        format!("{}/{ACCOUNT}", self.endpoint())
    }
}

/// An error as Azure words it.
pub fn error(status: u16, code: &str) -> Reply {
    let error = Element::new("Error")
        .child(Element::with_text("Code", code))
        .child(Element::with_text("Message", "scripted"));
    error.reply(Default::default()).status_code(status).header("x-ms-error-code", code)
}

fn get(objects: &Objects, request: &Recorded) -> Reply {
    let key = request.path().splitn(4, '/').nth(3).unwrap_or_default();
    let key = percent_decode_str(key).decode_utf8().expect("a key is UTF-8");
    let Some(stored) = objects.get(&*key) else {
        return error(404, "BlobNotFound");
    };
    if request.header("if-match").is_some_and(|etag| etag != stored.etag) {
        return error(412, "ConditionNotMet");
    }
    let reply = Reply::bytes("application/octet-stream", stored.content.clone());
    reply.etag(&stored.etag).last_modified(&httpdate::fmt_http_date(stored.modified))
}

/// An error is the status of the answer.
fn list(objects: &Objects, listing: &Listing, query: &Query<'_>) -> Result<Reply, u16> {
    let read = |how: Parameter, name| how.read(query.raw(name));
    let prefix = read(listing.prefix, "prefix")?.unwrap_or_default();
    let start = read(listing.start_from, "startFrom")?.unwrap_or_default();
    let most = read(listing.max_results, "maxresults")?.map(|it| it.parse().expect("a number"));
    let marker = match listing.paging.tokens {
        Tokens::Refused(status) => read(Parameter::Refused(status), "marker")?,
        _ => read(Parameter::Honoured, "marker")?,
    };
    let is_listed = |key: &str| key.starts_with(&prefix) && key >= start.as_str();
    let entries = objects.iter().filter(|(key, _)| is_listed(key));
    let entries = entries.map(|(key, stored)| (key.as_str(), Some(stored))).collect();
    let page = listing.paging.page(entries, marker.as_deref(), most);
    Ok(document(&page, &prefix, listing))
}

fn document(page: &Page<'_>, prefix: &str, listing: &Listing) -> Reply {
    let blobs =
        page.entries.iter().filter_map(|(name, stored)| Some(blob(name, (*stored)?, listing)));
    let blobs = Element::new("Blobs").children(blobs);
    let marker = |text: &str| Element::with_text("NextMarker", text);
    let markers = match (listing.markers, page.next.as_deref()) {
        (Markers::MissingAtEnd, None) => vec![],
        (Markers::BlankAtEnd, None) => vec![marker(" \n ")],
        (Markers::Twice, Some(next)) => vec![marker(next), marker("")],
        (_, next) => vec![marker(next.unwrap_or_default())],
    };
    let mut root = Element::new("EnumerationResults").attributes(" ContainerName=\"container\"");
    if !prefix.is_empty() {
        root = root.child(Element::with_text("Prefix", prefix));
    }
    let root = match listing.markers {
        Markers::First => root.children(markers).child(blobs),
        _ => root.child(blobs).children(markers),
    };
    root.reply(listing.format)
}

fn blob(name: &str, stored: &Stored, listing: &Listing) -> Element {
    let encodes = match listing.names {
        Names::Plain => false,
        Names::Encoded => name.contains(char::is_control),
        Names::AllEncoded => true,
    };
    let name = match encodes {
        false => Element::with_text("Name", name),
        true => Element::with_text("Name", utf8_percent_encode(name, NON_ALPHANUMERIC).to_string())
            .attributes(" Encoded=\"true\""),
    };
    let modified = httpdate::fmt_http_date(stored.modified);
    let properties = Element::new("Properties")
        .child(Element::with_text("Last-Modified", modified))
        .child(Element::with_text("Etag", &stored.etag))
        .child(Element::with_text("Content-Length", stored.content.len().to_string()))
        .child(Element::with_text("Content-Type", "application/octet-stream"));
    Element::new("Blob").child(name).child(properties)
}
