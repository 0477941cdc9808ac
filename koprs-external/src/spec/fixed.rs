//! Limits that are no settings. The reference lists them.

use std::time::Duration;

/// The bytes of the answer of a token endpoint.
pub(crate) const TOKEN_ANSWER: u64 = 64 * 1024;
/// The bytes of a file of `tls`: a bundle of all public CAs has a fifth of it.
pub(crate) const TLS_FILE: u64 = 1024 * 1024;
/// The headers of an answer over HTTP/1.1; the client has no setting for it.
pub(crate) const HTTP1_HEADERS: usize = 100;
/// The connections that all untrusted watchers together may have open.
pub(crate) const UNTRUSTED_CONNECTIONS: usize = 512;
/// The longest delay that a server may ask for.
pub(crate) const DELAY: Duration = Duration::from_secs(3600);
/// The bytes of a page of a listing: a thousand keys of 1024 bytes, each of them escaped, and more.
pub(crate) const LISTING_PAGE: usize = 16 * 1024 * 1024;
/// Elements within elements of an XML answer of a store.
pub(crate) const XML_LEVELS: usize = 32;
/// Elements of an entry of such an answer that are read, and attributes of an element.
pub(crate) const XML_PARTS: usize = 64;
