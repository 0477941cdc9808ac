use chrono::{DateTime, Utc};
use object_store::{ObjectMeta, path::Path};

/// What a listing says of an object: what [`ObjectStorePoller`](super::ObjectStorePoller) tells events about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredObject {
    /// Its path in the store, as an S3 key.
    pub path: String,
    /// Its ETag, where the store tells one.
    pub etag: Option<String>,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last written, by the clock of the store.
    pub last_modified: DateTime<Utc>,
    /// Its version, where the store tells one.
    pub version: Option<String>,
}

impl StoredObject {
    /// What it takes in memory.
    pub(super) fn memory(&self) -> usize {
        let texts = [Some(&self.path), self.etag.as_ref(), self.version.as_ref()];
        let text = |text: &String| text.len() + 16;
        size_of::<Self>() + texts.into_iter().flatten().map(text).sum::<usize>()
    }

    /// The same, as `object_store` has it.
    pub(super) fn meta(self) -> ObjectMeta {
        let Self { path, etag, size, last_modified, version } = self;
        let location = Path::parse(path).unwrap_or_default();
        ObjectMeta { location, last_modified, size, e_tag: etag, version }
    }
}

/// An object with its content, read as a `T`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Object<T> {
    /// Its path in the store, as an S3 key.
    pub path: String,
    /// The ETag of this content, where the store tells one.
    pub etag: Option<String>,
    /// The size of this content in bytes.
    pub size: u64,
    /// When it was last written, by the clock of the store.
    pub last_modified: DateTime<Utc>,
    /// The content.
    pub value: T,
}
