//! What the errors of `object_store` mean.
//!
//! They are told anew, in our words: their own hold whole URLs and the whole answer of the store.

use std::error::Error as StdError;

use object_store::{Error, path};

use crate::error::{StoreError, StoreErrorKind};
use crate::secret::redacted;

/// More of a foreign text than this is of no use.
const LONGEST: usize = 300;

/// Of a listing.
pub(super) fn listing(error: &Error) -> StoreError {
    if let Some(key) = unrepresentable(error) {
        let message = format!(
            "cannot list: {}; or build the store with `CheckedConnector`, so that the other objects are followed",
            bad_key(&key)
        );
        return StoreError::new(StoreErrorKind::Key, message);
    }
    told("cannot list", error)
}

/// Of a key that cannot be represented.
pub(super) fn bad_key(key: &str) -> String {
    format!(
        "the key `{}` cannot be followed, because `object_store` has no path for it: it begins with `/`, it has an \
         empty part, `.` or `..` for one, or a control character; rename the object",
        shown_key(key)
    )
}

fn shown_key(key: &str) -> String {
    let shown = key.escape_debug().to_string();
    match shown.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", shown.get(..end).unwrap_or_default()),
        None => shown,
    }
}

/// The key that is the reason of an error.
fn unrepresentable(error: &Error) -> Option<String> {
    let Error::InvalidPath { source } = error else { return None };
    match source {
        path::Error::EmptySegment { path } | path::Error::BadSegment { path, .. } => {
            Some(path.clone())
        }
        _ => None,
    }
}

/// Of an object.
pub(super) fn reading(path: &str, error: &Error) -> StoreError {
    told(&format!("cannot read `{path}`"), error)
}

fn told(what: &str, error: &Error) -> StoreError {
    let kind = kind(error);
    let why = match kind {
        StoreErrorKind::Status(status) => answered(status, error),
        _ => deepest(error),
    };
    let help = match kind {
        _ if matches!(code(error).as_deref(), Some("InvalidObjectState" | "BlobArchived")) => {
            "; restore it from its archive, or leave it out by `exclude`"
        }
        StoreErrorKind::Status(401 | 403) => "; are the credentials good, and do they allow it?",
        StoreErrorKind::NotFound => "; is there such a bucket or folder?",
        _ => "",
    };
    StoreError::new(kind, format!("{what}: {why}{help}"))
}

fn kind(error: &Error) -> StoreErrorKind {
    if let Some(status) = status(error) {
        return StoreErrorKind::Status(status);
    }
    match error {
        Error::NotFound { .. } => StoreErrorKind::NotFound,
        Error::PermissionDenied { .. } => StoreErrorKind::Status(403),
        Error::Unauthenticated { .. } => StoreErrorKind::Status(401),
        Error::Precondition { .. } => StoreErrorKind::Status(412),
        Error::InvalidPath { .. } => StoreErrorKind::Key,
        _ => transport(error),
    }
}

/// The status of the answer. The type that knows it cannot be named outside of `object_store`; its text says
/// it in fixed words.
fn status(error: &Error) -> Option<u16> {
    chain(error).find_map(|link| {
        let text = link.to_string();
        let (_, rest) = text.split_once("status code: ")?;
        rest.get(..3)?.parse().ok()
    })
}

#[cfg(any(feature = "aws", feature = "azure", feature = "gcp", feature = "http"))]
fn transport(error: &Error) -> StoreErrorKind {
    use object_store::client::{HttpError, HttpErrorKind};

    let kind = chain(error).find_map(|link| link.downcast_ref::<HttpError>().map(HttpError::kind));
    match kind {
        Some(HttpErrorKind::Timeout) => StoreErrorKind::Timeout,
        Some(HttpErrorKind::Connect | HttpErrorKind::Request | HttpErrorKind::Interrupted) => {
            StoreErrorKind::Connection
        }
        _ => StoreErrorKind::Other,
    }
}

#[cfg(not(any(feature = "aws", feature = "azure", feature = "gcp", feature = "http")))]
fn transport(_: &Error) -> StoreErrorKind {
    StoreErrorKind::Other
}

fn chain(error: &Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(Some(error as &(dyn StdError + 'static)), |&link| link.source())
}

/// The error code of S3, GCS or Azure.
pub(super) fn code(error: &Error) -> Option<String> {
    status(error).and_then(|_| element(error, "Code"))
}

/// What S3, GCS and Azure say of an error, in XML.
fn element(error: &Error, name: &str) -> Option<String> {
    let text = chain(error).last().map(ToString::to_string).unwrap_or_default();
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (inner, _) = rest.split_once('<')?;
    Some(shown(inner))
}

fn answered(status: u16, error: &Error) -> String {
    let mut said = format!("the store answered {status}");
    if let Some(code) = code(error) {
        said = format!("{said} {code}");
    }
    if let Some(message) = element(error, "Message") {
        said = format!("{said}: {message}");
    }
    said
}

/// What is at the bottom of it.
pub(super) fn deepest(error: &Error) -> String {
    shown(&chain(error).last().map(ToString::to_string).unwrap_or_default())
}

/// One line of it, with URLs that can be shown.
fn shown(text: &str) -> String {
    let words = text.split_whitespace().map(|word| match word.find("://") {
        Some(_) => redacted(word),
        None => word.to_owned(),
    });
    let line = words.collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generic(text: &str) -> Error {
        Error::Generic { store: "S3", source: text.to_owned().into() }
    }

    #[test]
    fn a_failure_is_told_by_its_status_and_in_one_line() {
        let body = "Server returned non-2xx status code: 403 Forbidden: <?xml version=\"1.0\"?>\n<Error>\
             <Code>ExpiredToken</Code><Message>The provided token\n has expired.</Message></Error>";
        let told = listing(&generic(body));
        assert_eq!(told.kind(), StoreErrorKind::Status(403));
        assert_eq!(
            told.to_string(),
            "object store error: cannot list: the store answered 403 ExpiredToken: The provided token has \
             expired.; are the credentials good, and do they allow it?"
        );
    }

    #[test]
    fn urls_in_failures_have_no_query() {
        let told = reading("a/b", &generic("error for https://u:p@h/x?sig=SECRET now"));
        assert_eq!(told.kind(), StoreErrorKind::Other);
        assert!(
            told.to_string().ends_with("cannot read `a/b`: error for https://h/x now"),
            "{told}"
        );
    }
}
