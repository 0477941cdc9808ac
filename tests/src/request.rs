//! One request as it arrived, kept for the assertions of a test.

use bytes::Bytes;
use http::{HeaderMap, Method, Uri};

/// A request that the server has read in full.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The method.
    pub method: Method,
    /// The request target as sent, percent-encoding included.
    pub uri: Uri,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, without its transfer encoding.
    pub body: Bytes,
    /// Which connection brought it; the first one accepted is 1.
    pub connection: usize,
}

impl Recorded {
    /// The path as sent, still percent-encoded.
    #[must_use]
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// The query as sent, without its question mark.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.uri.query()
    }

    /// Path and query as sent.
    #[must_use]
    pub fn target(&self) -> &str {
        self.uri.path_and_query().map_or("/", |target| target.as_str())
    }

    /// The first value of a header, where there is one and it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether a script's key means this request: a path alone, or a path with its query.
    pub(crate) fn is_for(&self, key: &str) -> bool {
        key == self.path() || key == self.target()
    }
}
