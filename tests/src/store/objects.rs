//! What a store holds, under any key.

use std::collections::BTreeMap;
use std::time::SystemTime;

use bytes::Bytes;
use xxhash_rust::xxh3::xxh3_128;

/// Objects by key.
pub type Objects = BTreeMap<String, Stored>;

/// An object.
#[derive(Clone, Debug)]
pub struct Stored {
    pub(crate) content: Bytes,
    /// Quotes included.
    pub(crate) etag: String,
    pub(crate) modified: SystemTime,
}

impl Stored {
    /// Makes the ETag of the content alone, as S3 does for objects that were written at once.
    pub(crate) fn new(content: Bytes) -> Self {
        let etag = format!("\"{:032x}\"", xxh3_128(&content));
        Self { content, etag, modified: SystemTime::now() }
    }
}
