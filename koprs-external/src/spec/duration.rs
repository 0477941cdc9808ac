//! Durations as they are written in declarations: numbers with units, `30s`, `5m`, `1h 30m`.

use std::time::Duration;

use super::{
    Invalid, meant,
    quote::{Content, is_visible, quoted},
};

const DAY: u64 = 24 * 60 * 60;

/// Reads `30s`, `500ms`, `5m`, `1h 30m`.
pub(crate) fn parse(setting: &str, text: &str) -> Result<Duration, Invalid> {
    let shown = quoted(Content::Quantity, text);
    let refused = |what| Invalid::new(setting, "bad-duration", format!("{shown} is {what}"));
    match read(text) {
        Some(duration) if duration > LONGEST => {
            Err(refused("too long").help(format!("a duration is at most `{}`", show(LONGEST))))
        }
        Some(duration) => Ok(duration),
        None => Err(refused("not a duration").help(help(text))),
    }
}

/// What is longer in a text is a typing error.
pub(crate) const LONGEST: Duration = Duration::from_secs(365 * DAY);

/// The units. There is no month, since `M` is a misspelt minute.
const UNITS: [&str; 5] = ["ms", "s", "m", "h", "d"];

fn read(text: &str) -> Option<Duration> {
    let mut words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    let known = words.all(|word| UNITS.contains(&word));
    humantime::parse_duration(text).ok().filter(|_| known)
}

const ANY_HELP: &str = "write a number and a unit: `500ms`, `30s`, `5m`, `1h`";

/// The way out. What it suggests can be read.
fn help(text: &str) -> String {
    let seconds = format!("{}s", text.trim());
    let minutes = text.replace('M', "m");
    let units = meant::duration(text);
    if !is_visible(Content::Quantity, text) {
        ANY_HELP.to_owned()
    } else if read(&seconds).is_some() {
        format!("a duration needs a unit: `{seconds}`")
    } else if read(&minutes).is_some() {
        format!("`m` is minutes: `{minutes}`")
    } else if read(&units).is_some() {
        format!("the units are `ms`, `s`, `m`, `h` and `d`: write `{units}`")
    } else {
        ANY_HELP.to_owned()
    }
}

/// A duration as a person would write it.
pub(crate) fn show(duration: Duration) -> String {
    let days = duration.as_secs() / DAY;
    let rest = duration.saturating_sub(Duration::from_secs(days * DAY));
    match (days, rest.is_zero()) {
        (0, _) => humantime::format_duration(rest).to_string(),
        (_, true) => format!("{days}d"),
        (_, false) => format!("{days}d {}", humantime::format_duration(rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_numbers_with_units() {
        let any = "write a number and a unit: `500ms`, `30s`, `5m`, `1h`";
        let long = "a duration is at most `365d`";
        let cases: [(&str, Result<u64, &str>); 25] = [
            ("500ms", Ok(500)),
            ("30s", Ok(30_000)),
            ("5m", Ok(300_000)),
            ("1h30m", Ok(5_400_000)),
            ("1h 30m", Ok(5_400_000)),
            ("1.5s", Ok(1500)),
            ("365d", Ok(31_536_000_000)),
            ("365d 1ms", Err(long)),
            ("18446744073709551615s", Err(long)),
            ("99999999999999999999s", Err(any)),
            ("30", Err("a duration needs a unit: `30s`")),
            (" 1.5 ", Err("a duration needs a unit: `1.5s`")),
            ("5M", Err("`m` is minutes: `5m`")),
            ("1h 5M", Err("`m` is minutes: `1h 5m`")),
            ("1y", Err(any)),
            ("1w", Err(any)),
            ("5min", Err("the units are `ms`, `s`, `m`, `h` and `d`: write `5m`")),
            ("PT30S", Err("the units are `ms`, `s`, `m`, `h` and `d`: write `30s`")),
            ("1ns", Err(any)),
            ("-30", Err(any)),
            ("-30s", Err(any)),
            ("1e3", Err(any)),
            ("inf", Err(any)),
            ("nan", Err(any)),
            ("", Err(any)),
        ];
        for (text, read) in cases {
            let parsed = parse("interval", text).map(|duration| duration.as_millis());
            let parsed = parsed.map_err(|invalid| invalid.help.unwrap_or_default());
            assert_eq!(parsed, read.map(u128::from).map_err(str::to_owned), "{text}");
        }
    }

    #[test]
    fn what_is_shown_is_read() {
        for text in ["1ms", "1s", "59s 999ms", "1h", "1d", "40d", "1d 1m 1s 1ms", "365d"] {
            assert_eq!(read(text).map(show).as_deref(), Some(text));
        }
        assert_eq!(show(Duration::ZERO), "0s");
        assert_eq!(show(Duration::from_nanos(1)), "1ns");
    }
}
