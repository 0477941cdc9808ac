//! `max_backoff`: the longest wait after failures. Default: interval × 32.

use std::time::Duration;

use super::{Invalid, duration};

pub(super) fn check(
    max_backoff: Option<Duration>,
    interval: Option<Duration>,
) -> Result<Option<Duration>, Invalid> {
    match (max_backoff, interval) {
        (Some(max_backoff), Some(interval)) if max_backoff < interval => Err(Invalid::new(
            "max_backoff",
            "short-max-backoff",
            format!(
                "`{}` is less than the interval `{}`",
                duration::show(max_backoff),
                duration::show(interval)
            ),
        )
        .help("`max_backoff` must not be less than `interval`")),
        _ => Ok(max_backoff),
    }
}
