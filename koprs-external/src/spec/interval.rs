//! `interval`: the wait after a successful poll. Required in every declaration.

use std::time::Duration;

use super::{Invalid, duration};

/// Below this an HTTP endpoint is not watched but loaded.
const LEAST_HTTP: Duration = Duration::from_secs(1);

pub(super) fn check(interval: Option<Duration>) -> Result<Duration, Invalid> {
    let Some(interval) = interval else {
        return Err(Invalid::new("interval", "missing-interval", "no interval is given")
            .help("say how often to poll, as `30s`"));
    };
    if interval < LEAST_HTTP {
        let shown = duration::show(interval);
        return Err(Invalid::new("interval", "short-interval", format!("`{shown}` is too short"))
            .help(format!(
                "an HTTP source is polled at most every `{}`",
                duration::show(LEAST_HTTP)
            )));
    }
    Ok(interval)
}
