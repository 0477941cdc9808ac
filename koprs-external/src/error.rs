//! [`ExternalError`] and the questions that it answers.
//!
//! An error says what happened to which watcher, for the person who has to act, and answers what the
//! runtime asks: [`is_retryable`](ExternalError::is_retryable), [`is_permanent`](ExternalError::is_permanent),
//! [`retry_after`](ExternalError::retry_after), [`status`](ExternalError::status). URLs in it have lost
//! their userinfo and query; no secret is ever part of it.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use thiserror::Error;

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

/// Which watcher asked which URL. The URL has neither userinfo nor query.
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
    /// The headers are larger than the limit, in bytes.
    HeadersTooLarge {
        /// The limit.
        limit: u64,
    },
    /// A list that is not to be had whole: a loop of its pages, one that leads elsewhere, more of them or
    /// of its items than the limit, one that does not hold still.
    Pages,
    /// An answer to HEAD by which no change can be seen.
    NoValidator,
    /// Not asked: the server wants to be left alone, as another watcher was told.
    Throttled,
    /// A body in a content coding that was not asked for.
    ContentCoding,
    /// A redirect that is not followed.
    Redirect,
    /// A 304 to a request that had nothing to compare with, or from another URL than the compared one.
    UnexpectedNotModified,
    /// The client could not be made or refused the request.
    Client,
    /// Not asked: the declaration is untrusted, and the host was not found on the public internet.
    NotPublic,
}

impl HttpErrorKind {
    const fn is_retryable(self) -> bool {
        match self {
            Self::Connect
            | Self::Timeout
            | Self::Interrupted
            | Self::UnexpectedNotModified
            | Self::Throttled
            | Self::NotPublic => true,
            Self::Status(status) => matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504),
            Self::BodyTooLarge { .. }
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
    pub(crate) cause: Option<Cause>,
}

impl HttpError {
    pub(crate) fn new(kind: HttpErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), retry_after: None, asked: None, cause: None }
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
    pub fn url(&self) -> Option<&str> {
        self.asked.as_ref().map(|asked| asked.url.as_str())
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HTTP error: ")?;
        if let Some(asked) = &self.asked {
            write!(f, "{asked}: ")?;
        }
        f.write_str(&self.message)?;
        match self.retry_after {
            Some(wait) => write!(f, "; the server asks to wait {} s", wait.as_secs()),
            None => Ok(()),
        }
    }
}

impl StdError for HttpError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_ref().map(|cause| &**cause as &(dyn StdError + 'static))
    }
}

/// What went wrong with an object store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// No connection, or it broke before the whole answer was there.
    Connection,
    /// A request took too long.
    Timeout,
    /// The store answered with this status.
    Status(u16),
    /// An object came that is shorter or longer than the store says, or a listing that does not show what is
    /// there.
    Truncated,
    /// There is no such object, folder or bucket.
    NotFound,
    /// A key that `object_store` cannot represent: with an empty segment, as `a//b`, with `.` or `..` for
    /// one, or with a control character.
    Key,
    /// There are more objects than the limit.
    TooManyObjects {
        /// The limit.
        limit: usize,
    },
    /// Anything else.
    Other,
}

impl StoreErrorKind {
    const fn is_retryable(self) -> bool {
        match self {
            Self::Connection | Self::Timeout | Self::Truncated | Self::Other => true,
            Self::Status(status) => matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504),
            Self::NotFound | Self::Key | Self::TooManyObjects { .. } => false,
        }
    }
}

/// A listing that failed, or an object that could not be read.
///
/// ```text
/// object store error: watcher `models` (s3://models/production): cannot list: the store answered 403 ExpiredToken: …
/// ```
#[derive(Clone, Debug)]
pub struct StoreError {
    pub(crate) kind: StoreErrorKind,
    pub(crate) message: String,
    pub(crate) asked: Option<Box<Asked>>,
}

impl StoreError {
    #[cfg(feature = "object-store")]
    pub(crate) fn new(kind: StoreErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), asked: None }
    }

    /// What went wrong.
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// The watcher that asked, where it is known.
    pub fn watcher(&self) -> Option<&str> {
        self.asked.as_ref().map(|asked| asked.watcher.as_str())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("object store error: ")?;
        if let Some(asked) = &self.asked {
            write!(f, "{asked}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl StdError for StoreError {}

/// Content that is not what the type says.
///
/// ```text
/// decode error: watcher `flags` (https://api.example.com/v1/flags): limits.cpu[2]: expected u32, found "two"
/// ```
#[derive(Debug)]
pub struct DecodeError {
    pub(crate) asked: Option<Box<Asked>>,
    pub(crate) path: String,
    pub(crate) message: String,
}

impl DecodeError {
    /// The watcher whose content it is, where it is known.
    pub fn watcher(&self) -> Option<&str> {
        self.asked.as_ref().map(|asked| asked.watcher.as_str())
    }

    /// The URL that it came from, without userinfo and query, where it is known.
    pub fn url(&self) -> Option<&str> {
        self.asked.as_ref().map(|asked| asked.url.as_str())
    }

    /// Where in the content, as `limits.cpu[2]`; empty when it is no part in particular.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("decode error: ")?;
        if let Some(asked) = &self.asked {
            write!(f, "{asked}: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

impl StdError for DecodeError {}

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
