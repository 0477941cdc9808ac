//! [`ExternalError`] and the questions that it answers.
//!
//! An error says what happened to which watcher, for the person who has to act, and answers what the
//! runtime asks: [`is_retryable`](ExternalError::is_retryable), [`is_permanent`](ExternalError::is_permanent),
//! [`retry_after`](ExternalError::retry_after), [`status`](ExternalError::status). URLs in it have lost
//! their userinfo and query; no secret is ever part of it.

mod decode;
mod http;
mod store;

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::printable::{is_safe, lines, message, one_line, printable};

pub use self::decode::DecodeError;
pub use self::http::{HttpError, HttpErrorKind};
pub use self::store::{StoreError, StoreErrorKind};

/// A `Result`, with [`ExternalError`] unless another is named.
pub type Result<T, E = ExternalError> = std::result::Result<T, E>;

/// Any error underneath.
pub(crate) type Cause = Box<dyn StdError + Send + Sync>;

/// An error underneath, and what is shown of it.
#[derive(Debug)]
pub(crate) struct Underlying {
    error: Cause,
    /// Its text, escaped, where it or one of its causes cannot be shown as it is: nobody who prints a chain of causes
    /// is fooled by one.
    instead: Option<Cause>,
}

impl Underlying {
    pub(crate) fn error(&self) -> &(dyn StdError + 'static) {
        &*self.error
    }

    fn shown(&self) -> &(dyn StdError + 'static) {
        &**self.instead.as_ref().unwrap_or(&self.error)
    }

    /// The same, unless `redact` changes its text or that of one of its causes: then its text is all that is left.
    fn redacted(self, redact: impl Fn(&str) -> String) -> Self {
        let first: &(dyn StdError + 'static) = &*self.error;
        let mut chain = std::iter::successors(Some(first), |&link| link.source());
        let is_changed = |text: String| redact(&text) != text;
        if chain.any(|link| is_changed(link.to_string()) || is_changed(format!("{link:?}"))) {
            return Self::from(redact(&self.error.to_string()));
        }
        self
    }
}

impl<E: Into<Cause>> From<E> for Underlying {
    fn from(error: E) -> Self {
        let error = error.into();
        let first: &(dyn StdError + 'static) = &*error;
        let mut chain = std::iter::successors(Some(first), |&link| link.source());
        let is_safe = chain.all(|link| is_safe(&link.to_string()));
        let instead = (!is_safe).then(|| message(&error.to_string()).into());
        Self { error, instead }
    }
}

/// Why a poll, or the making of a source, failed.
///
/// ```
/// use koprs_external::error::ExternalError;
///
/// let error = ExternalError::Internal("the upstream said no".into());
/// assert!(error.is_retryable());
/// assert_eq!(error.status(), None);
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum ExternalError {
    /// A request failed, or its answer was not one to go by.
    Http(HttpError),

    /// An object store could not be listed, or an object not be read.
    Store(StoreError),

    /// The content came, but it is not what the type says.
    Decode(DecodeError),

    /// Reading a file failed.
    Io(std::io::Error),

    /// Anything else; for sources written by hand.
    Internal(String),

    /// A setting is wrong: no poll can ever succeed, and the watcher ends. Sources written by hand make
    /// it as `ExternalError::Invalid("no such bucket".into())`.
    Invalid(Cause),

    /// A file of declarations has mistakes; with the feature `yaml`, the `ConfigError` in it has each.
    Config(Cause),

    /// The credential cannot be read.
    Credential {
        /// The watcher.
        watcher: String,
        /// What could not be read, and why.
        message: String,
    },

    /// A poll took longer than its deadline.
    Deadline(Duration),

    /// The source panicked; the poll counts as failed.
    Panicked(String),
}

impl ExternalError {
    pub(crate) fn invalid(cause: impl Into<Cause>) -> Self {
        Self::Invalid(cause.into())
    }

    /// Whether the same request, sent again, may succeed without anybody's doing.
    ///
    /// True for transport failures, timeouts, the statuses 408, 425, 429, 500, 502, 503 and 504, any other
    /// with which the server says when to come back, a 304 out of place, I/O errors, credentials that cannot
    /// be read, deadlines, panics, and [`Internal`](Self::Internal). The runtime polls on after the others
    /// too, since a server may be mended, unless the error is [permanent](Self::is_permanent).
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Http(error) => error.kind.is_retryable() || error.retry_after.is_some(),
            Self::Store(error) => error.kind.is_retryable(),
            Self::Decode(_) | Self::Invalid(_) | Self::Config(_) => false,
            Self::Io(_)
            | Self::Internal(_)
            | Self::Credential { .. }
            | Self::Deadline(_)
            | Self::Panicked(_) => true,
        }
    }

    /// Whether no later poll can succeed, so that polling stops.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Invalid(_) | Self::Config(_))
    }

    /// How long the server asks to be left alone (`Retry-After`, RFC 9110 §10.2.3, or a rate limit that is
    /// used up), or still does, as another request was told.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Http(error) => error.retry_after,
            _ => None,
        }
    }

    /// The status of the answer, where there was one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Http(HttpError { kind: HttpErrorKind::Status(status), .. })
            | Self::Store(StoreError { kind: StoreErrorKind::Status(status), .. }) => Some(*status),
            _ => None,
        }
    }
}

/// One line of at most 4 KiB without control characters, whatever a source written by hand puts into it; the mistakes of
/// files have lines of their own.
impl fmt::Display for ExternalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::Decode(error) => error.fmt(f),
            Self::Io(error) => one_line(f, |to| write!(to, "I/O error: {error}")),
            Self::Internal(why) => one_line(f, |to| write!(to, "Internal error: {why}")),
            Self::Invalid(cause) => one_line(f, |to| write!(to, "invalid declaration: {cause}")),
            Self::Config(cause) => lines(f, |to| write!(to, "{cause}")),
            Self::Credential { watcher, message } => one_line(f, |to| {
                write!(to, "credential of watcher `{}`: {message}", printable(watcher))
            }),
            Self::Deadline(limit) => {
                write!(f, "the poll was given up after its deadline of {limit:?}")
            }
            Self::Panicked(why) => one_line(f, |to| write!(to, "the source panicked: {why}")),
        }
    }
}

impl StdError for ExternalError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Http(error) => error.source(),
            Self::Store(error) => error.source(),
            Self::Decode(error) => error.source(),
            Self::Io(error) => Some(error),
            Self::Config(cause) => cause.source(),
            Self::Internal(_)
            | Self::Invalid(_)
            | Self::Credential { .. }
            | Self::Deadline(_)
            | Self::Panicked(_) => None,
        }
    }
}

impl From<HttpError> for ExternalError {
    fn from(error: HttpError) -> Self {
        Self::Http(error)
    }
}

impl From<StoreError> for ExternalError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<std::io::Error> for ExternalError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// Which watcher asked which URL, as it may be shown: without userinfo and query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) watcher: String,
    pub(crate) url: String,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (watcher, url) = (printable(&self.watcher), printable(&self.url));
        if self.watcher == self.url {
            return write!(f, "{url}");
        }
        write!(f, "watcher `{watcher}` ({url})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16, retry_after: Option<u64>) -> ExternalError {
        ExternalError::Http(HttpError {
            retry_after: retry_after.map(Duration::from_secs),
            asked: Some(Box::new(Asked { watcher: "flags".into(), url: "https://h/flags".into() })),
            ..HttpError::from_status(status)
        })
    }

    #[test]
    fn an_error_answers_what_the_runtime_asks() {
        let error = status(503, Some(7));
        assert!(error.is_retryable());
        assert!(!error.is_permanent());
        assert_eq!(error.status(), Some(503));
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
        assert!(!status(401, None).is_retryable());
        assert!(ExternalError::invalid("no").is_permanent());
    }

    #[test]
    fn a_message_names_the_watcher_the_url_and_what_to_expect() {
        assert_eq!(
            status(503, Some(7)).to_string(),
            "HTTP error: watcher `flags` (https://h/flags): the server answered 503; the server asks to wait 7 s"
        );
    }

    #[test]
    fn a_chain_of_causes_does_not_begin_twice() {
        let root = || Box::new(std::io::Error::other("certificate expired"));
        let failed = HttpError::new(HttpErrorKind::Connect, "cannot connect");
        let errors = [
            ExternalError::Http(HttpError { cause: Some(root().into()), ..failed }),
            ExternalError::Invalid(root()),
        ];
        for error in errors {
            let links = std::iter::successors(Some(&error as &dyn StdError), |&link| link.source());
            let chain = links.map(|link| link.to_string()).collect::<Vec<_>>().join(": ");
            assert_eq!(chain.matches("certificate expired").count(), 1, "{chain}");
        }
    }

    #[test]
    fn an_error_is_one_line_of_bounded_length_whatever_is_in_it() {
        let planted = "a\r\n\0\u{1b}[2J\u{85}\u{9b}\u{202e}\u{2066}\u{200b}".repeat(1 << 16);
        let asked = || Some(Box::new(Asked { watcher: planted.clone(), url: planted.clone() }));
        let (text, kind) = (planted.as_str(), HttpErrorKind::Connect);
        let cause = Some(text.into());
        let errors = [
            HttpError { asked: asked(), cause, ..HttpError::new(kind, text) }.into(),
            StoreError { kind: StoreErrorKind::Other, message: text.into(), asked: asked() }.into(),
            ExternalError::Decode(DecodeError { asked: asked(), ..DecodeError::new(text, text) }),
            ExternalError::Io(std::io::Error::other(text)),
            ExternalError::Internal(text.to_owned()),
            ExternalError::invalid(text),
            ExternalError::Credential { watcher: text.into(), message: text.into() },
            ExternalError::Panicked(text.to_owned()),
        ];
        for error in errors {
            let shown = match error.source() {
                Some(cause) if !matches!(error, ExternalError::Io(_)) => {
                    vec![error.to_string(), cause.to_string()]
                }
                _ => vec![error.to_string()],
            };
            for shown in shown {
                assert!(shown.len() <= crate::printable::LONGEST_ERROR, "{}", shown.len());
                assert!(shown.chars().all(crate::printable::is_printable), "{shown}");
            }
        }
    }

    #[test]
    fn the_errors_of_0_10_read_as_they_did() {
        let io = ExternalError::from(std::io::Error::other("file missing"));
        assert_eq!(io.to_string(), "I/O error: file missing");
        let internal = ExternalError::Internal("something broke".to_owned());
        assert_eq!(internal.to_string(), "Internal error: something broke");
    }
}
