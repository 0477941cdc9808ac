//! What went wrong with an object store.

use std::error::Error as StdError;
use std::fmt;

use super::Asked;
use crate::printable::one_line;

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
    /// The object has a `Content-Encoding` that cannot be decoded, or its content is not encoded so.
    ContentEncoding,
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
    /// The poll would take more memory than `memory_limit` or `walk_limit`, in bytes as estimated.
    MemoryLimit {
        /// The limit.
        limit: u64,
    },
    /// Anything else.
    Other,
}

impl StoreErrorKind {
    pub(super) const fn is_retryable(self) -> bool {
        match self {
            Self::Connection | Self::Timeout | Self::Truncated | Self::Other => true,
            Self::Status(status) => matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504),
            Self::ContentEncoding
            | Self::NotFound
            | Self::Key
            | Self::TooManyObjects { .. }
            | Self::MemoryLimit { .. } => false,
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
        one_line(f, |to| {
            to.write_str("object store error: ")?;
            if let Some(asked) = &self.asked {
                write!(to, "{asked}: ")?;
            }
            to.write_str(&self.message)
        })
    }
}

impl StdError for StoreError {}
