//! The content of one object.

use std::task::Poll;
use std::time::Duration;
use std::{fmt, io};

use bytes::Bytes;
use futures_util::stream::poll_fn;
use futures_util::{StreamExt, TryStreamExt};
use http::HeaderValue;
use object_store::{Attribute, Error, GetOptions, GetResult, ObjectStore, path::Path};
use tokio::time::timeout;
use tokio_util::io::StreamReader;

use super::panics::caught;
use super::scope::{Scope, scope};
use super::{StoredObject, failure};
use crate::change::entity_tag::is_weak;
use crate::coding::{self, Coding, Limits};
use crate::error::{StoreError, StoreErrorKind};
use crate::printable::printable;
use crate::secret::Redactor;

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
    Failed(Failed),
}

/// Why an object could not be read.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) error: StoreError,
    pub(super) scope: Scope,
}

impl Read {
    /// Fails by a reason of ours.
    fn failed(kind: StoreErrorKind, message: String) -> Self {
        let error = StoreError::new(kind, message);
        Self::Failed(Failed { error, scope: scope(kind, None) })
    }

    /// Fails by an error of the store.
    fn refused(path: &str, error: &Error, redactor: &Redactor) -> Self {
        let code = failure::code(error);
        let error = failure::reading(path, error, redactor);
        let scope = scope(error.kind(), code.as_deref());
        Self::Failed(Failed { error, scope })
    }
}

/// An object has so long, with its content: a poll has a deadline, and the others are to have their turn.
const PATIENCE: Duration = Duration::from_secs(20);

/// The most bytes that are reserved for a body because the store announces them.
const MOST_ROOM: usize = 1024 * 1024;

/// Reads an object as it was listed.
///
/// Where it `matches`, it is asked for on the condition that it has the ETag that was listed.
pub(super) async fn read(
    store: &dyn ObjectStore,
    listed: &StoredObject,
    matches: bool,
    limit: u64,
    redactor: &Redactor,
) -> Read {
    let read = caught(read_on(store, listed, matches, limit, redactor));
    match timeout(PATIENCE, read).await {
        Ok(Ok(read)) => read,
        Ok(Err(panic)) => Read::refused(&listed.path, &panic, redactor),
        Err(_) => {
            let message = format!(
                "cannot read `{}`: it takes more than {PATIENCE:?}",
                printable(&listed.path)
            );
            Read::failed(StoreErrorKind::Timeout, message)
        }
    }
}

/// Asks that an object is sent as it is stored.
///
/// Google Cloud Storage decodes an object with `Content-Encoding: gzip` unless the request accepts that encoding, and
/// then does not send the `Content-Length` that `object_store` requires. `CheckedConnector` adds the header.
#[derive(Clone, Copy, Debug)]
pub(super) struct AsStored;

/// Options for a request to this store.
pub(super) fn as_stored(store: &dyn ObjectStore) -> GetOptions {
    let mut options = GetOptions::default();
    if store.to_string().contains("GoogleCloudStorage(") {
        options.extensions.insert(AsStored);
    }
    options
}

/// Whether an ETag can be the condition of a request. A weak one never matches (RFC 9110 §13.1.1), and one that no header
/// can carry makes `object_store` panic.
fn is_validator(etag: &str) -> bool {
    !is_weak(etag.as_bytes()) && HeaderValue::from_str(etag).is_ok()
}

async fn read_on(
    store: &dyn ObjectStore,
    listed: &StoredObject,
    matches: bool,
    limit: u64,
    redactor: &Redactor,
) -> Read {
    if listed.size > limit {
        return Read::TooLarge;
    }
    let path = match Path::parse(&listed.path) {
        Ok(path) => path,
        Err(error) => return Read::refused(&listed.path, &error.into(), redactor),
    };
    let if_match = listed.etag.clone().filter(|etag| matches && is_validator(etag));
    let options = GetOptions { if_match, ..as_stored(store) };
    match store.get_opts(&path, options).await {
        Ok(result) if result.meta.size > limit => Read::TooLarge,
        Ok(result) => content(&listed.path, result, limit, redactor).await,
        Err(Error::Precondition { .. } | Error::NotModified { .. }) if matches => Read::Changed,
        Err(Error::NotFound { .. }) => Read::Missing,
        Err(error) => Read::refused(&listed.path, &error, redactor),
    }
}

/// Reads a body, and decodes it as its `Content-Encoding` says. Both sizes are within the limit.
async fn content(path: &str, result: GetResult, limit: u64, redactor: &Redactor) -> Read {
    let (meta, range) = (result.meta.clone(), result.range.clone());
    let attribute = |name| result.attributes.get(&name).map(|value| value.as_ref().to_owned());
    let content_type = attribute(Attribute::ContentType);
    let encoding = attribute(Attribute::ContentEncoding);
    let coding = match Coding::of(encoding.iter().map(String::as_bytes)) {
        Ok(coding) => coding,
        Err(unsupported) => return undecodable(path, &unsupported),
    };
    let expected = range.end.saturating_sub(range.start);
    let room = usize::try_from(expected).unwrap_or_default().min(MOST_ROOM);
    let mut body = Vec::with_capacity(room);
    let (mut received, mut has_ended) = (0, false);
    let count = |chunk: &Bytes| received += chunk.len() as u64;
    let end = poll_fn(|_| {
        has_ended = true;
        Poll::Ready(None)
    });
    let chunks = result.into_stream().inspect_ok(count).chain(end).map_err(io::Error::other);
    let limits = Limits { sent: limit, decoded: limit };
    let done = coding::read(coding, StreamReader::new(chunks), limits, &mut body).await;
    if body.len() as u64 > limit || received > limit {
        return Read::TooLarge;
    }
    match done.map_err(io::Error::downcast::<Error>) {
        Err(Ok(error)) => return Read::refused(path, &error, redactor),
        Ok(()) if received == expected => {}
        // A decoder gives up at the first byte that is wrong.
        Err(Err(error)) if received == expected || !has_ended => {
            let encoding = encoding.unwrap_or_default();
            let why = format!("it is not what its `Content-Encoding: {encoding}` says: {error}");
            return undecodable(path, &why);
        }
        _ => return truncated(path, received, expected),
    }
    let object = StoredObject {
        path: path.to_owned(),
        etag: meta.e_tag,
        size: meta.size,
        last_modified: meta.last_modified,
        version: meta.version,
    };
    Read::Content(Content { object, content_type, body: body.into_boxed_slice().into() })
}

fn truncated(path: &str, received: u64, expected: u64) -> Read {
    let message = format!("cannot read `{}`: {received} of {expected} bytes came", printable(path));
    Read::failed(StoreErrorKind::Truncated, message)
}

fn undecodable(path: &str, why: &impl fmt::Display) -> Read {
    Read::failed(
        StoreErrorKind::ContentEncoding,
        format!("cannot read `{}`: {why}", printable(path)),
    )
}
