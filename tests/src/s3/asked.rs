//! What an S3 client asks for.

use percent_encoding::percent_decode_str;
use url::form_urlencoded;

use super::BUCKET;
use crate::request::Recorded;

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
        let path = request.path().trim_start_matches('/');
        let key = path.strip_prefix(BUCKET).unwrap_or(path).trim_start_matches('/');
        if key.is_empty() {
            return Self::List(List::of(request.query().unwrap_or_default()));
        }
        let key = percent_decode_str(key).decode_utf8().expect("a key is UTF-8").into_owned();
        Self::Get(Get { key, if_match: request.header("if-match").map(str::to_owned) })
    }
}

impl List {
    fn of(query: &str) -> Self {
        let mut list = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.into_owned();
            match name.as_ref() {
                "prefix" => list.prefix = value,
                "delimiter" => list.delimiter = Some(value),
                "start-after" => list.start_after = Some(value),
                "continuation-token" => list.token = Some(value),
                "max-keys" => list.max_keys = Some(value.parse().expect("a number of keys")),
                _ => {}
            }
        }
        list
    }
}
