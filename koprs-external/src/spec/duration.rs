//! Durations as they are written in declarations: a number and a unit, `30s`, `5m`, `1h 30m`.

use std::time::Duration;

#[cfg(feature = "yaml")]
use super::Invalid;

/// Reads `30s`, `500ms`, `5m`, `1h 30m`.
#[cfg(feature = "yaml")]
pub(crate) fn parse(setting: &str, text: &str) -> Result<Duration, Invalid> {
    humantime::parse_duration(text).map_err(|_| refuse(setting, text))
}

#[cfg(feature = "yaml")]
fn refuse(setting: &str, text: &str) -> Invalid {
    let refused = Invalid::new(setting, "bad-duration", format!("`{text}` is not a duration"));
    match text.trim().parse::<f64>() {
        Ok(_) => refused.help(format!("a duration needs a unit: `{}s`", text.trim())),
        Err(_) => refused.help("write a number and a unit: `500ms`, `30s`, `5m`, `1h`"),
    }
}

/// A duration as a person would write it.
pub(crate) fn show(duration: Duration) -> String {
    humantime::format_duration(duration).to_string()
}
