//! How much a declaration may hold. The derive has the same file.
//!
//! The bounds are far above what endpoints need, and low enough that a declaration costs nobody much: a server refuses
//! requests with more, and a mistake in it still fits into the status of an object of the cluster.

/// What to do about a declaration that is too large.
pub(crate) const DIVIDE: &str = "leave out what is not needed, or divide it into several watchers";
/// The bytes of one declaration, with its names.
pub(crate) const DECLARATION: usize = 256 * 1024;
/// The keys and values of one declaration.
pub(crate) const NODES: usize = 10_000;
/// The bytes of a URL, as it is requested.
pub(crate) const URL: usize = 8 * 1024;
/// The bytes of a name or of a short text.
pub(crate) const NAME: usize = 1024;
/// The bytes of a path of a file.
pub(crate) const PATH: usize = 4 * 1024;
/// The bytes of a body.
pub(crate) const BODY: usize = 128 * 1024;
/// The bytes of a secret.
pub(crate) const SECRET: usize = 64 * 1024;
/// The request headers.
pub(crate) const HEADERS: usize = 100;
/// The bytes of all request headers, names and values.
pub(crate) const HEADER_BYTES: usize = 64 * 1024;
/// The query parameters.
pub(crate) const QUERY: usize = 100;
/// The bytes of all globs of a list.
pub(crate) const GLOB_BYTES: usize = 16 * 1024;
/// The entries of any other list.
pub(crate) const ENTRIES: usize = 256;
/// The segments of a JSON pointer: JSON that is nested deeper is not decoded.
pub(crate) const SEGMENTS: usize = 128;
