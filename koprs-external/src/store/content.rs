//! The content of one object.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use object_store::{Attribute, Error, GetOptions, GetResult, ObjectStore, path::Path};
use tokio::time::timeout;

use super::{StoredObject, failure};
use crate::change::entity_tag::is_weak;
use crate::error::{StoreError, StoreErrorKind};

/// A content, and what the store said of it when it was read.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) object: StoredObject,
    pub(super) content_type: Option<String>,
    pub(super) body: Bytes,
}

/// What came of reading an object.
#[derive(Debug)]
pub(super) enum Read {
    Content(Content),
    /// It is not what was listed any more: another listing will tell.
    Changed,
    /// It is not there.
    Missing,
    /// It is larger than the limit.
    TooLarge,
    Failed(StoreError),
}

/// An object has so long, with its content: a poll has a deadline, and the others are to have their turn.
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads an object as it was listed.
///
/// Where it `matches`, it is asked for on the condition that it has the ETag that was listed.
pub(super) async fn read(
    store: &dyn ObjectStore,
    listed: &StoredObject,
    matches: bool,
    limit: u64,
) -> Read {
    match timeout(PATIENCE, read_on(store, listed, matches, limit)).await {
        Ok(read) => read,
        Err(_) => {
            let message = format!("cannot read `{}`: it takes more than {PATIENCE:?}", listed.path);
            Read::Failed(StoreError::new(StoreErrorKind::Timeout, message))
        }
    }
}

async fn read_on(
    store: &dyn ObjectStore,
    listed: &StoredObject,
    matches: bool,
    limit: u64,
) -> Read {
    if listed.size > limit {
        return Read::TooLarge;
    }
    let path = match Path::parse(&listed.path) {
        Ok(path) => path,
        Err(error) => return Read::Failed(failure::reading(&listed.path, &error.into())),
    };
    // A weak ETag never matches (RFC 9110 §13.1.1).
    let if_match = listed.etag.clone().filter(|etag| matches && !is_weak(etag.as_bytes()));
    let options = GetOptions { if_match, ..GetOptions::default() };
    match store.get_opts(&path, options).await {
        Ok(result) if result.meta.size > limit => Read::TooLarge,
        Ok(result) => content(&listed.path, result, limit).await,
        Err(Error::Precondition { .. } | Error::NotModified { .. }) => Read::Changed,
        Err(Error::NotFound { .. }) => Read::Missing,
        Err(error) => Read::Failed(failure::reading(&listed.path, &error)),
    }
}

async fn content(path: &str, result: GetResult, limit: u64) -> Read {
    let meta = result.meta.clone();
    let content_type = result.attributes.get(&Attribute::ContentType);
    let content_type = content_type.map(|value| value.as_ref().to_owned());
    let expected = result.range.end.saturating_sub(result.range.start);
    let mut body = BytesMut::with_capacity(usize::try_from(expected).unwrap_or_default());
    let mut stream = result.into_stream();
    loop {
        match stream.try_next().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(error) => return Read::Failed(failure::reading(path, &error)),
        }
        if body.len() as u64 > limit {
            return Read::TooLarge;
        }
    }
    if body.len() as u64 != expected {
        let length = body.len();
        let message = format!("cannot read `{path}`: {length} bytes came of {expected}");
        return Read::Failed(StoreError::new(StoreErrorKind::Truncated, message));
    }
    let object = StoredObject {
        path: path.to_owned(),
        etag: meta.e_tag,
        size: meta.size,
        last_modified: meta.last_modified,
        version: meta.version,
    };
    Read::Content(Content { object, content_type, body: body.freeze() })
}
