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

use thiserror::Error;

pub use self::decode::DecodeError;
pub use self::http::{HttpError, HttpErrorKind};
pub use self::store::{StoreError, StoreErrorKind};

/// A `Result`, with [`ExternalError`] unless another is named.
pub type Result<T, E = ExternalError> = std::result::Result<T, E>;

/// Any error underneath.
pub(crate) type Cause = Box<dyn StdError + Send + Sync>;

/// Why a poll, or the making of a source, failed.
///
/// ```
/// use koprs_external::error::ExternalError;
///
/// let error = ExternalError::Internal("the upstream said no".into());
/// assert!(error.is_retryable());
/// assert_eq!(error.status(), None);
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ExternalError {
    /// A request failed, or its answer was not one to go by.
    #[error(transparent)]
    Http(#[from] HttpError),

    /// An object store could not be listed, or an object not be read.
    #[error(transparent)]
    Store(#[from] StoreError),

    /// The content came, but it is not what the type says.
    #[error(transparent)]
    Decode(DecodeError),

    /// Reading a file failed.
    #[error("I/O error: {0}")]
    Io(#[from] std::io::Error),

    /// Anything else; for sources written by hand.
    #[error("Internal error: {0}")]
    Internal(String),

    /// A setting is wrong: no poll can ever succeed, and the watcher ends. Sources written by hand make
    /// it as `ExternalError::Invalid("no such bucket".into())`.
    #[error("invalid declaration: {0}")]
    Invalid(Cause),

    /// A file of declarations has mistakes; with the feature `yaml`, the `ConfigError` in it has each.
    #[error(transparent)]
    Config(Cause),

    /// The credential cannot be read.
    #[error("credential of watcher `{watcher}`: {message}")]
    Credential {
        /// The watcher.
        watcher: String,
        /// What could not be read, and why.
        message: String,
    },

    /// A poll took longer than its deadline.
    #[error("the poll was given up after its deadline of {0:?}")]
    Deadline(Duration),

    /// The source panicked; the poll counts as failed.
    #[error("the source panicked: {0}")]
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

/// Which watcher asked which URL, as it may be shown: without userinfo and query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) watcher: String,
    pub(crate) url: String,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.watcher == self.url {
            return write!(f, "{}", self.url);
        }
        write!(f, "watcher `{}` ({})", self.watcher, self.url)
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
            ExternalError::Http(HttpError { cause: Some(root()), ..failed }),
            ExternalError::Invalid(root()),
        ];
        for error in errors {
            let links = std::iter::successors(Some(&error as &dyn StdError), |&link| link.source());
            let chain = links.map(|link| link.to_string()).collect::<Vec<_>>().join(": ");
            assert_eq!(chain.matches("certificate expired").count(), 1, "{chain}");
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
