//! What an S3 client asks for.

use percent_encoding::percent_decode_str;

use super::BUCKET;
use super::listing::{Listing, Version};
use crate::request::Recorded;
use crate::store::{Parameter, Query, Tokens};

/// A request for a page of a listing, or for an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// `ListObjectsV2`.
    List(List),
    /// `GetObject` or `HeadObject`.
    Get(Get),
}

/// A request for a page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// Only keys that begin with this.
    pub prefix: String,
    /// What groups keys.
    pub delimiter: Option<String>,
    /// Only keys after this one.
    pub start_after: Option<String>,
    /// Where the page before ended.
    pub token: Option<String>,
    /// The most keys.
    pub max_keys: Option<usize>,
}

/// A request for an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Get {
    /// Its key.
    pub key: String,
    /// The ETag that it has to have.
    pub if_match: Option<String>,
}

impl Asked {
    pub(crate) fn of(request: &Recorded) -> Self {
        match Get::of(request) {
            Some(get) => Self::Get(get),
            None => {
                let list = List::read(request, &Listing::default());
                Self::List(list.expect("nothing is refused"))
            }
        }
    }
}

impl Get {
    /// The object that a request is for, if it is for one.
    pub(crate) fn of(request: &Recorded) -> Option<Self> {
        let path = request.path().trim_start_matches('/');
        let key = path.strip_prefix(BUCKET).unwrap_or(path).trim_start_matches('/');
        if key.is_empty() {
            return None;
        }
        let key = percent_decode_str(key).decode_utf8().expect("a key is UTF-8").into_owned();
        Some(Self { key, if_match: request.header("if-match").map(str::to_owned) })
    }
}

impl List {
    /// Reads a request as a server does that lists like this. An error is the status of the answer.
    pub(crate) fn read(request: &Recorded, listing: &Listing) -> Result<Self, u16> {
        let query = Query::new(request.query().unwrap_or_default());
        let read = |how: Parameter, name| how.read(query.raw(name));
        let honoured = |name| read(Parameter::Honoured, name);
        let token = match (listing.version, listing.paging.tokens) {
            (Version::One, _) => None,
            (_, Tokens::Refused(status)) => read(Parameter::Refused(status), "continuation-token")?,
            _ => honoured("continuation-token")?,
        };
        let start_after = match listing.version {
            Version::One => None,
            Version::Two => read(listing.start_after, "start-after")?,
        };
        let max_keys = read(listing.max_keys, "max-keys")?;
        Ok(Self {
            prefix: read(listing.prefix, "prefix")?.unwrap_or_default(),
            delimiter: honoured("delimiter")?,
            start_after,
            token,
            max_keys: max_keys.map(|it| it.parse().expect("a number of keys")),
        })
    }
}
