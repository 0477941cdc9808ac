//! What went wrong with a request.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use super::{Asked, Underlying};
use crate::printable::one_line;

/// What went wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpErrorKind {
    /// No connection: name resolution, refused, unreachable, TLS.
    Connect,
    /// The request, with its body, took longer than its timeout.
    Timeout,
    /// The connection broke before the whole answer was there, or what came was no HTTP.
    Interrupted,
    /// A status that says neither what the value is nor that it is gone.
    Status(u16),
    /// The body is larger than the limit, in bytes after decompression.
    BodyTooLarge {
        /// The limit.
        limit: u64,
    },
    /// The poll would take more memory than `memory_limit` or `walk_limit`, in bytes as estimated.
    MemoryLimit {
        /// The limit.
        limit: u64,
    },
    /// All untrusted watchers together would take more memory than their
    /// [account](crate::memory::MemoryAccount) has, in bytes as estimated.
    AccountLimit {
        /// The limit.
        limit: u64,
    },
    /// All untrusted watchers together have as many connections open as they may, and none was closed within the time of
    /// the request. It was not sent.
    ConnectionLimit {
        /// The limit.
        limit: u64,
    },
    /// The headers are larger than the limit, in bytes, or there are more than 100 of them over HTTP/1.1.
    HeadersTooLarge {
        /// The limit.
        limit: u64,
    },
    /// A list that is not to be had whole: a loop of its pages, one that leads elsewhere, more of them or
    /// of its items than the limit, one that does not hold still.
    Pages,
    /// An answer to HEAD by which no change can be seen.
    NoValidator,
    /// No request was sent: the server asked to be left alone, in an answer to this watcher or to another one.
    Throttled,
    /// A body in a content coding that was not asked for.
    ContentCoding,
    /// A redirect that is not followed.
    Redirect,
    /// A 304 to a request that had nothing to compare with, or from another URL than the compared one.
    UnexpectedNotModified,
    /// The client could not be made or refused the request.
    Client,
    /// The declaration is untrusted, and its host gave no answer, or may not be asked: it is not found, not public, its
    /// port is closed, mute, or speaks no HTTP. Which of them, the log of the operator says alone.
    Unreachable,
}

impl HttpErrorKind {
    pub(super) const fn is_retryable(self) -> bool {
        match self {
            Self::Connect
            | Self::Timeout
            | Self::Interrupted
            | Self::UnexpectedNotModified
            | Self::Throttled
            | Self::AccountLimit { .. }
            | Self::ConnectionLimit { .. }
            | Self::Unreachable => true,
            Self::Status(status) => matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504),
            Self::BodyTooLarge { .. }
            | Self::MemoryLimit { .. }
            | Self::HeadersTooLarge { .. }
            | Self::Pages
            | Self::NoValidator
            | Self::ContentCoding
            | Self::Redirect
            | Self::Client => false,
        }
    }
}

/// A request that failed, or whose answer was not one to go by.
///
/// Sources written by hand make it of a status:
///
/// ```
/// use std::time::Duration;
/// use koprs_external::error::{ExternalError, HttpError};
///
/// let error: ExternalError = HttpError::from_status(503).with_retry_after(Duration::from_secs(7)).into();
/// assert!(error.is_retryable());
/// assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
/// ```
#[derive(Debug)]
pub struct HttpError {
    pub(crate) kind: HttpErrorKind,
    pub(crate) message: String,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) asked: Option<Box<Asked>>,
    pub(crate) cause: Option<Underlying>,
}

impl HttpError {
    pub(crate) fn new(kind: HttpErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), retry_after: None, asked: None, cause: None }
    }

    /// The same, with all its texts changed by `redact`.
    pub(crate) fn redacted(mut self, redact: impl Fn(&str) -> String) -> Self {
        self.message = redact(&self.message);
        self.cause = self.cause.map(|cause| cause.redacted(redact));
        self
    }

    /// A response with a status that says neither what the value is nor that it is gone.
    pub fn from_status(status: u16) -> Self {
        Self::new(HttpErrorKind::Status(status), format!("the server answered {status}"))
    }

    /// The server asks to be left alone for so long (`Retry-After`); honoured up to one hour.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> HttpErrorKind {
        self.kind
    }

    /// The watcher that asked, where it is known.
    pub fn watcher(&self) -> Option<&str> {
        self.asked.as_ref().map(|asked| asked.watcher.as_str())
    }

    /// The URL that was asked, without userinfo and query, where it is known.
    ///
    /// Of one into whose path a variable was expanded it is the origin alone.
    pub fn url(&self) -> Option<&str> {
        self.asked.as_ref().map(|asked| asked.url.as_str())
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        one_line(f, |to| {
            to.write_str("HTTP error: ")?;
            if let Some(asked) = &self.asked {
                write!(to, "{asked}: ")?;
            }
            to.write_str(&self.message)?;
            match self.retry_after {
                Some(wait) => {
                    let seconds = wait.as_millis().div_ceil(1000);
                    write!(to, "; the server asks to wait {seconds} s")
                }
                None => Ok(()),
            }
        })
    }
}

impl StdError for HttpError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_ref().map(Underlying::shown)
    }
}
