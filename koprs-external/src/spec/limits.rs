//! `http.retries`, `http.max_in_flight`, `http.header_limit`, `http.redirect_limit`: what a poll may cost.

use super::{Invalid, number};

/// Requests after the first that a poll may make: a blip must not cost a watcher with an interval of 1 h two.
pub(crate) const RETRIES: u32 = 2;
pub(super) const MOST_RETRIES: u32 = 10;
pub(crate) const MAX_IN_FLIGHT: usize = 8;
pub(crate) const HEADER_LIMIT: u64 = 64 * 1024;
pub(crate) const REDIRECT_LIMIT: u32 = 5;
pub(super) const MOST_REDIRECTS: u32 = 20;

pub(crate) fn retries(written: Option<u32>) -> Result<u32, Invalid> {
    number::within("http.retries", written.unwrap_or(RETRIES), 0, Some(MOST_RETRIES))
}

pub(super) fn max_in_flight(written: Option<usize>) -> Result<usize, Invalid> {
    number::within("http.max_in_flight", written.unwrap_or(MAX_IN_FLIGHT), 1, None)
}

pub(super) fn header_limit(written: Option<u64>) -> Result<u64, Invalid> {
    match written {
        Some(0) => {
            Err(Invalid::new("http.header_limit", "zero-limit", "no answer has a head of 0 bytes")
                .help("leave it out for `64KiB`"))
        }
        other => Ok(other.unwrap_or(HEADER_LIMIT)),
    }
}

pub(super) fn redirect_limit(written: Option<u32>) -> Result<u32, Invalid> {
    let limit = written.unwrap_or(REDIRECT_LIMIT);
    number::within("http.redirect_limit", limit, 0, Some(MOST_REDIRECTS))
}
