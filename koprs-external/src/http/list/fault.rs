//! Why a walk failed, and what may be done about it within the poll.

use super::super::pages;
use crate::change::{BadItem, Why};
use crate::error::{DecodeError, ExternalError, HttpError, HttpErrorKind};
use crate::printable::printable;

/// Why a walk came to nothing.
pub(super) enum Fault {
    Failed(ExternalError),
    /// A page is the same as the one before it.
    Again(HttpError),
}

impl Fault {
    /// Whether a second walk, with every page in full, may succeed: the list may have moved, or a page that was
    /// `reused` may have led astray. A refused credential, a server that asks to wait and a broken connection
    /// would only be met twice.
    pub(super) fn may_be_avoided(&self, reused: bool) -> bool {
        match self {
            Self::Again(_) => true,
            Self::Failed(ExternalError::Decode(_)) => reused,
            Self::Failed(ExternalError::Http(error)) if error.retry_after.is_none() => {
                reused
                    && match error.kind() {
                        HttpErrorKind::Status(status) => {
                            !matches!(status, 401 | 407 | 408 | 425 | 429)
                        }
                        kind => kind == HttpErrorKind::UnexpectedNotModified,
                    }
            }
            Self::Failed(_) => false,
        }
    }

    /// Says on which page it is, from the second on: they share their URL but for the query.
    pub(super) fn on_page(self, before: usize) -> Self {
        let page = format!("page {}", before + 1);
        match self {
            Self::Failed(ExternalError::Http(mut error)) if before > 0 => {
                error.message = format!("{page}: {}", error.message);
                Self::Failed(ExternalError::Http(error))
            }
            Self::Failed(ExternalError::Decode(mut error)) if before > 0 => {
                let of = if error.path.is_empty() { "" } else { ": " };
                error.path = format!("{page}{of}{}", error.path);
                Self::Failed(ExternalError::Decode(error))
            }
            other => other,
        }
    }
}

impl From<ExternalError> for Fault {
    fn from(error: ExternalError) -> Self {
        Self::Failed(error)
    }
}

/// The error of a bad item, which says which one it is.
pub(super) fn of_item(bad: BadItem<DecodeError>) -> DecodeError {
    let BadItem { key, place, why } = bad;
    let which = match key {
        Some(key) => format!("item `{}`", printable(&key)),
        None => format!("item {place}"),
    };
    let why = match why {
        Why::Refused(why) => why,
        Why::Conflict(places) => DecodeError::new("", &pages::conflict(places)),
    };
    let path = if why.path.is_empty() { which } else { format!("{which}: {}", why.path) };
    DecodeError { path, ..why }
}
