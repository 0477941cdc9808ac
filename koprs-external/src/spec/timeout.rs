//! `http.timeout`: the time for one request, from connecting to the last byte of its body.

use std::time::Duration;

use super::Invalid;

/// Prometheus, Telegraf and Vector take 5 to 10 s; reqwest has none.
pub(crate) const DEFAULT: Duration = Duration::from_secs(10);
/// What the server of an untrusted declaration may take.
pub(super) const LONGEST_UNTRUSTED: Duration = Duration::from_secs(60);

pub(crate) fn check(timeout: Option<Duration>) -> Result<Duration, Invalid> {
    match timeout {
        Some(Duration::ZERO) => {
            Err(Invalid::new("http.timeout", "zero-timeout", "no request can end within `0s`")
                .help("leave it out for `10s`"))
        }
        other => Ok(other.unwrap_or(DEFAULT)),
    }
}
