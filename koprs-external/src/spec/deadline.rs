//! `deadline`: the time for one poll, with all of its requests.

use std::time::Duration;

use super::builder::{Kind, Written};
use super::{Invalid, duration};

/// What lists an object store in less has nothing to do.
const LEAST: Duration = Duration::from_secs(1);

/// A poll has time for one whole request, or for a listing.
pub(super) fn check(written: &Written) -> Result<Option<Duration>, Invalid> {
    let timeout = written.timeout.unwrap_or(super::timeout::DEFAULT);
    match written.deadline {
        Some(deadline) if written.kind == Kind::ObjectStore => of_a_listing(deadline).map(Some),
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

fn of_a_listing(deadline: Duration) -> Result<Duration, Invalid> {
    if deadline >= LEAST {
        return Ok(deadline);
    }
    let message = format!("`{}` is too short", duration::show(deadline));
    Err(Invalid::new("deadline", "short-deadline", message)
        .help("a poll needs time to list the objects and to fetch those that changed"))
}
