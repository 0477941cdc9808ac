//! `interval`: the wait after a successful poll. Required in every declaration.

use std::time::Duration;

use super::builder::{Kind, Written};
use super::object_store::{Backend, backend};
use super::{Invalid, duration};

/// Below this an HTTP endpoint is not watched but loaded.
const LEAST: Duration = Duration::from_secs(1);
/// A listing is billed by the thousand keys.
const LEAST_REMOTE: Duration = Duration::from_secs(10);

pub(super) fn check(written: &Written) -> Result<Duration, Invalid> {
    let Some(interval) = written.interval else {
        return Err(Invalid::new("interval", "missing-interval", "no interval is given")
            .help("say how often to poll, as `30s`"));
    };
    let (least, source) = least(written);
    if interval < least {
        let (shown, least) = (duration::show(interval), duration::show(least));
        return Err(Invalid::new("interval", "short-interval", format!("`{shown}` is too short"))
            .help(format!("{source} is polled at most every `{least}`")));
    }
    Ok(interval)
}

/// The least interval of a source, and how that is called.
fn least(written: &Written) -> (Duration, &'static str) {
    match written.kind {
        Kind::Http => (LEAST, "an HTTP source"),
        Kind::ObjectStore => match backend(&written.url) {
            Some(Backend::Local) => (LEAST, "a folder"),
            // What a URL was to be is told at the URL.
            None => (LEAST, "a source"),
            Some(_) => (LEAST_REMOTE, "an object store"),
        },
    }
}
