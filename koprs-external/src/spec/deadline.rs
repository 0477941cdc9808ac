//! `deadline`: the time for one poll, with all of its requests.

use std::time::Duration;

use super::{Invalid, duration};

/// A poll has time for one whole request.
pub(super) fn check(
    deadline: Option<Duration>,
    timeout: Option<Duration>,
) -> Result<Option<Duration>, Invalid> {
    let timeout = timeout.unwrap_or(super::timeout::DEFAULT);
    match deadline {
        Some(deadline) if deadline < timeout => {
            let (deadline, timeout) = (duration::show(deadline), duration::show(timeout));
            let message =
                format!("`{deadline}` is less than the timeout of a request, `{timeout}`");
            Err(Invalid::new("deadline", "short-deadline", message).help(
                "a poll needs time for at least one request; lists with many pages need more",
            ))
        }
        other => Ok(other),
    }
}
