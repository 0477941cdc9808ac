//! Which limit of memory a poll failed by.

use koprs_external::error::{ExternalError, HttpErrorKind, StoreErrorKind};

/// The setting that a poll failed by, and its value.
pub(crate) fn limit_of(error: &ExternalError) -> (&'static str, u64) {
    let limit = match error {
        ExternalError::Http(http) => match http.kind() {
            HttpErrorKind::MemoryLimit { limit } => limit,
            _ => panic!("{error}"),
        },
        ExternalError::Store(store) => match store.kind() {
            StoreErrorKind::MemoryLimit { limit } => limit,
            _ => panic!("{error}"),
        },
        _ => panic!("{error}"),
    };
    assert!(!error.is_retryable(), "{error}");
    let message = error.to_string();
    let named = |name: &str| message.contains(&format!("`{name}`, {limit} bytes"));
    match (named("memory_limit"), named("walk_limit")) {
        (true, false) => ("memory_limit", limit),
        (false, true) => ("walk_limit", limit),
        _ => panic!("{message}"),
    }
}
