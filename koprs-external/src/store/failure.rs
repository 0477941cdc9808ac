//! What the errors of `object_store` mean.
//!
//! They are told anew, in our words: their own hold whole URLs and the whole answer of the store.

use std::error::Error as StdError;

use object_store::{Error, path};

pub(super) use self::remote::code;
use self::remote::{answered, status, transport};
use super::panics::is_panic;
use crate::error::{StoreError, StoreErrorKind};
use crate::memory::Full;
use crate::printable::printable;
use crate::secret::{Redactor, redacted};

/// More of a foreign text than this is of no use.
const LONGEST: usize = 300;

/// Of a listing.
pub(super) fn listing(error: &Error, redactor: &Redactor) -> StoreError {
    if let Some(key) = unrepresentable(error) {
        let message = format!(
            "cannot list: {}; or build the store with `CheckedConnector`, so that the other objects are followed",
            bad_key(&redactor.redact(&key))
        );
        return StoreError::new(StoreErrorKind::Key, message);
    }
    told("cannot list", Operation::List, error, redactor)
}

/// Of a key that cannot be represented.
pub(super) fn bad_key(key: &str) -> String {
    format!(
        "the key `{}` cannot be followed, because `object_store` has no path for it: it begins with `/`, it has an \
         empty part, `.` or `..` for one, or a control character, or it is longer than 8 KiB; rename the object",
        printable(key)
    )
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
pub(super) fn reading(path: &str, error: &Error, redactor: &Redactor) -> StoreError {
    let path = redactor.redact(path);
    told(&format!("cannot read `{}`", printable(&path)), Operation::Read, error, redactor)
}

/// What failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "_remote-store"), expect(dead_code, reason = "no server is asked"))]
pub(super) enum Operation {
    List,
    /// Lists a folder of a WebDAV server.
    Propfind,
    Read,
}

fn told(what: &str, operation: Operation, error: &Error, redactor: &Redactor) -> StoreError {
    let kind = kind(error);
    let (why, help) = answered(operation, error, redactor)
        .unwrap_or_else(|| (deepest(error, redactor), help(kind, error).map(str::to_owned)));
    let message = match help {
        Some(help) => format!("{what}: {}; {help}", why.trim_end_matches('.')),
        None => format!("{what}: {why}"),
    };
    if is_panic(error) {
        tracing::error!(error = %crate::printable::message(&message), "`object_store` panicked");
    }
    StoreError::new(kind, message)
}

/// What to do about an error that is no answer of the store.
fn help(kind: StoreErrorKind, error: &Error) -> Option<&'static str> {
    let says = |text: &str| chain(error).any(|link| link.to_string().contains(text));
    Some(match kind {
        _ if says("redirect without LOCATION") => "set `aws_region` to the region of the bucket",
        _ if says("URL scheme is not allowed") => {
            "the endpoint begins with `http://`: set the option `allow_http` to `true`, or write `https://`"
        }
        _ if says("InvalidContentType") => {
            "the server does not speak TLS: write `http://`, and set the option `allow_http` to `true`"
        }
        _ if METADATA.into_iter().any(says) => {
            "no credentials are declared or in the environment, and those of the machine cannot be had from its metadata \
             service"
        }
        StoreErrorKind::Status(401 | 403) => {
            "credentials are missing, were rejected, or do not allow it"
        }
        StoreErrorKind::Status(404) | StoreErrorKind::NotFound => {
            "check the bucket or folder in the URL"
        }
        _ => return None,
    })
}

/// Where `object_store` looks for credentials that nobody declared.
const METADATA: [&str; 3] = ["169.254.169.254", "/latest/api/token", "metadata.google.internal"];

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

#[cfg(feature = "_remote-store")]
mod remote {
    use object_store::Error;
    use object_store::client::{HttpError, HttpErrorKind};

    use super::{Operation, chain, shown};
    use crate::error::StoreErrorKind;
    use crate::secret::Redactor;
    use crate::store::refusal::Refusal;

    /// The status of the answer.
    pub(super) fn status(error: &Error) -> Option<u16> {
        refusal(error).map(|refusal| refusal.status)
    }

    /// The error code of S3, GCS or Azure.
    pub(in crate::store) fn code(error: &Error) -> Option<String> {
        refusal(error)?.code
    }

    /// What the store answered, and what to do about it.
    pub(super) fn answered(
        operation: Operation,
        error: &Error,
        redactor: &Redactor,
    ) -> Option<(String, Option<String>)> {
        let refusal = refusal(error)?;
        let is_propfind = chain(error).any(|link| link.to_string().contains("performing PROPFIND"));
        let operation = if is_propfind { Operation::Propfind } else { operation };
        let help = refusal.help(operation).map(|help| shown(&help, redactor));
        Some((shown(&refusal.to_string(), redactor), help))
    }

    /// The type that knows the status cannot be named outside of `object_store`; its text begins with fixed words.
    fn refusal(error: &Error) -> Option<Refusal> {
        chain(error).find_map(|link| {
            if let Some(kept) = link.downcast_ref::<Refusal>() {
                return Some(kept.clone());
            }
            let text = link.to_string();
            let answer = text.strip_prefix("Server returned non-2xx status code: ")?;
            let (status, body) = answer.split_once(": ").unwrap_or((answer, ""));
            Some(Refusal::read(status.get(..3)?.parse().ok()?, body))
        })
    }

    pub(super) fn transport(error: &Error) -> StoreErrorKind {
        let kind = |link: &(dyn std::error::Error + 'static)| {
            link.downcast_ref::<HttpError>().map(HttpError::kind)
        };
        match chain(error).find_map(kind) {
            Some(HttpErrorKind::Timeout) => StoreErrorKind::Timeout,
            Some(HttpErrorKind::Connect | HttpErrorKind::Request | HttpErrorKind::Interrupted) => {
                StoreErrorKind::Connection
            }
            _ => StoreErrorKind::Other,
        }
    }
}

/// Local files and memory answer no requests.
#[cfg(not(feature = "_remote-store"))]
mod remote {
    use object_store::Error;

    use super::Operation;
    use crate::error::StoreErrorKind;
    use crate::secret::Redactor;

    pub(super) fn status(_: &Error) -> Option<u16> {
        None
    }

    pub(in crate::store) fn code(_: &Error) -> Option<String> {
        None
    }

    pub(super) fn answered(
        _: Operation,
        _: &Error,
        _: &Redactor,
    ) -> Option<(String, Option<String>)> {
        None
    }

    pub(super) fn transport(_: &Error) -> StoreErrorKind {
        StoreErrorKind::Other
    }
}

fn chain(error: &Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(Some(error as &(dyn StdError + 'static)), |&link| link.source())
}

/// What is at the bottom of it.
pub(super) fn deepest(error: &Error, redactor: &Redactor) -> String {
    shown(&chain(error).last().map(ToString::to_string).unwrap_or_default(), redactor)
}

/// One line of it, with URLs that can be shown, and without characters that a terminal does not print.
fn shown(text: &str, redactor: &Redactor) -> String {
    let text = redactor.redact(text);
    let words = text.split_whitespace().map(|word| match word.find("://") {
        Some(_) => redacted(word),
        None => word.replace(is_unprintable, "\u{fffd}"),
    });
    let line = words.collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// Control characters, and those that turn the direction of what follows.
fn is_unprintable(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl From<Full> for StoreError {
    fn from(full: Full) -> Self {
        let (Full::Memory(limit) | Full::Walk(limit) | Full::Account(limit)) = full;
        Self::new(StoreErrorKind::MemoryLimit { limit }, full.to_string())
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
        let told = listing(&generic(body), &Redactor::isolated());
        assert_eq!(told.kind(), StoreErrorKind::Status(403));
        assert_eq!(
            told.to_string(),
            "object store error: cannot list: the store answered 403 ExpiredToken: The provided token has \
             expired; renew the credentials; declared with `file`, they are read again once they are refused"
        );
    }

    #[test]
    fn a_secret_is_hidden_before_a_text_is_cut() {
        let token = "aB3/".repeat(250) + "the-end";
        let redactor = Redactor::of(&[crate::secret::Secret::new(token.as_str())]);
        for text in [format!("the token {token}"), format!("{}{token}", "x".repeat(290))] {
            let told = listing(&generic(&text), &redactor).to_string();
            assert!(!told.contains("aB3/"), "{told}");
        }
    }

    #[test]
    fn urls_in_failures_have_no_query() {
        let told = reading(
            "a/b",
            &generic("error for https://u:p@h/x?sig=SECRET now"),
            &Redactor::isolated(),
        );
        assert_eq!(told.kind(), StoreErrorKind::Other);
        assert!(
            told.to_string().ends_with("cannot read `a/b`: error for https://h/x now"),
            "{told}"
        );
    }
}
