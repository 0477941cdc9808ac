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
    status(error).and_then(|_| code_and_message(error).0)
}

fn answered(status: u16, error: &Error) -> String {
    let (code, message) = code_and_message(error);
    let code = code.map(|code| format!(" {code}")).unwrap_or_default();
    let message = message.map(|message| format!(": {message}")).unwrap_or_default();
    format!("the store answered {status}{code}{message}")
}

/// What S3, GCS and Azure say of an error, in XML.
#[cfg(feature = "_remote-store")]
fn code_and_message(error: &Error) -> (Option<String>, Option<String>) {
    let text = chain(error).last().map(ToString::to_string).unwrap_or_default();
    let document = text.find('<').and_then(|start| text.get(start..)).unwrap_or_default();
    let (mut code, mut message) = (None, None);
    let read =
        super::xml::read(document.as_bytes(), "Error", "", |element| match element.name.as_str() {
            "Code" => code = Some(shown(&element.text)),
            "Message" => message = Some(shown(&element.text)),
            _ => {}
        });
    // What was read of an answer that is cut is good enough to show.
    drop(read);
    (code, message)
}

#[cfg(not(feature = "_remote-store"))]
fn code_and_message(_: &Error) -> (Option<String>, Option<String>) {
    (None, None)
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

    #[cfg(feature = "_remote-store")]
    #[test]
    fn what_the_store_says_is_read_as_xml() {
        let told = |body: &str| {
            listing(&generic(&format!("status code: 400 Bad Request: {body}"))).message
        };
        for (body, expected) in [
            (
                "<Error><Code>A&amp;B</Code><Message>a &lt;b&gt; &#99;</Message></Error>",
                " A&B: a <b> c",
            ),
            (
                "\u{feff}<s:Error xmlns:s=\"x\"><s:Message><![CDATA[<b>]]></s:Message></s:Error>",
                ": <b>",
            ),
            ("<Error><!-- <Code>X</Code> --><Code>Y</Code><Message>cut of", " Y"),
            ("<html><Code>X</Code></html>", ""),
            ("Bad Request", ""),
        ] {
            assert_eq!(
                told(body),
                format!("cannot list: the store answered 400{expected}"),
                "{body}"
            );
        }
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
