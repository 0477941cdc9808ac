//! `http.body_limit`: the most bytes of a body, after decompression.

use super::Invalid;

/// 8 MiB.
pub(crate) const DEFAULT: u64 = 8 * 1024 * 1024;

pub(crate) fn check(limit: Option<u64>) -> Result<u64, Invalid> {
    match limit {
        Some(0) => Err(Invalid::new("http.body_limit", "zero-limit", "no body fits into 0 bytes")
            .help("leave it out for `8MiB`")),
        other => Ok(other.unwrap_or(DEFAULT)),
    }
}
