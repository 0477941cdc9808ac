//! Which failures are tried again within a poll, and after what pause.

use std::time::Duration;

use crate::error::HttpError;

/// The pause before the request is sent again, if it is: `tried` says how often it was before.
pub(super) fn pause(_tried: u32, _most: u32, _failed: &HttpError) -> Option<Duration> {
    None
}
