//! `jitter`: by how much a wait may be lengthened or shortened, so that watchers do not march in step.

use super::Invalid;
#[cfg(feature = "yaml")]
use super::percentage;

/// ± 5 %: what Flux settled on after ± 10 % proved too wide (fluxcd/pkg#624).
pub(crate) const DEFAULT: f64 = 0.05;
pub(super) const MOST: f64 = 0.5;

/// Reads `5%`.
#[cfg(feature = "yaml")]
pub(crate) fn parse(setting: &str, text: &str) -> Result<f64, Invalid> {
    percentage::parse(setting, text, MOST * 100.0, DEFAULT * 100.0)
}

pub(super) fn check(ratio: f64) -> Result<f64, Invalid> {
    if (0.0..=MOST).contains(&ratio) {
        return Ok(ratio);
    }
    Err(Invalid::new("jitter", "bad-jitter", format!("`{}%` is out of range", ratio * 100.0))
        .help("`jitter` is from `0%` to `50%`"))
}
