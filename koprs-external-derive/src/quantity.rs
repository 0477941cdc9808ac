//! Durations, sizes, percentages, numbers and pointers as texts, in the words of the library's `spec`.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use bytesize::ByteSize;

use crate::meant;

/// What is wrong with a text, and the way out.
pub(crate) type Refusal = (String, String);

const DAY: u64 = 24 * 60 * 60;
/// What is longer is a typing error.
const LONGEST: Duration = Duration::from_secs(365 * DAY);
/// The units. There is no month, since `M` is a misspelt minute.
const UNITS: [&str; 5] = ["ms", "s", "m", "h", "d"];
/// The largest jitter, and what to write when nothing better is known, in percent.
const MOST_JITTER: f64 = 50.0;
const SOME_JITTER: f64 = 5.0;
/// The same of a share of a list.
const MOST_SHARE: f64 = 100.0;
const SOME_SHARE: f64 = 50.0;

/// Reads `30s`, `500ms`, `5m`, `1h 30m`.
pub(crate) fn duration(text: &str) -> Result<Duration, Refusal> {
    match read(text) {
        Some(duration) if duration > LONGEST => Err((
            format!("`{text}` is too long"),
            format!("a duration is at most `{}`", show(LONGEST)),
        )),
        Some(duration) => Ok(duration),
        None => Err((format!("`{text}` is not a duration"), duration_help(text))),
    }
}

fn read(text: &str) -> Option<Duration> {
    let mut words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    let known = words.all(|word| UNITS.contains(&word));
    humantime::parse_duration(text).ok().filter(|_| known)
}

/// What it suggests can be read.
fn duration_help(text: &str) -> String {
    let seconds = format!("{}s", text.trim());
    let minutes = text.replace('M', "m");
    let units = meant::duration(text);
    if read(&seconds).is_some() {
        format!("a duration needs a unit: `{seconds}`")
    } else if read(&minutes).is_some() {
        format!("`m` is minutes: `{minutes}`")
    } else if read(&units).is_some() {
        format!("the units are `ms`, `s`, `m`, `h` and `d`: write `{units}`")
    } else {
        "write a number and a unit: `500ms`, `30s`, `5m`, `1h`".to_owned()
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

/// Reads `8MiB`, `512 KiB`, `10MB`, `4096`.
pub(crate) fn size(text: &str) -> Result<u64, Refusal> {
    let refused = |what| {
        let help = "write bytes, or a number and a unit: `8MiB`, `512KiB`";
        (format!("`{text}` is {what}"), help.to_owned())
    };
    match text.parse() {
        // It saturates.
        Ok(ByteSize(u64::MAX)) => Err(refused("too large")),
        Ok(ByteSize(bytes)) => Ok(bytes),
        Err(_) => Err(refused("not a size")),
    }
}

/// Reads `5%`, as a ratio.
pub(crate) fn jitter(text: &str) -> Result<f64, Refusal> {
    share(text, "jitter", MOST_JITTER, SOME_JITTER)
}

/// Reads `50%`, as a ratio.
pub(crate) fn hold_above(text: &str) -> Result<f64, Refusal> {
    share(text, "hold_above", MOST_SHARE, SOME_SHARE)
}

fn share(text: &str, name: &str, most: f64, some: f64) -> Result<f64, Refusal> {
    let percent = text.trim().strip_suffix('%').and_then(|n| n.trim_end().parse::<f64>().ok());
    let percent = percent.ok_or_else(|| {
        let meant = meant(text, most, some);
        let help = format!("write a number from 0 to {most} and a percent sign: `{meant}%`");
        (format!("`{text}` is not a percentage"), help)
    })?;
    if !(0.0..=most).contains(&percent) {
        let help = format!("`{name}` is from `0%` to `{most}%`");
        return Err((format!("`{percent}%` is out of range"), help));
    }
    Ok(percent / 100.0)
}

/// The percentage that a number without its sign was to be: below 1 it is a ratio.
fn meant(text: &str, most: f64, some: f64) -> f64 {
    let number = text.trim().parse::<f64>().unwrap_or(f64::NAN);
    let percent = if number < 1.0 { (number * 1e6).round() / 1e4 } else { number };
    if (0.0..=most).contains(&percent) { percent } else { some }
}

/// Reads `10`.
pub(crate) fn number<T: FromStr>(text: &str) -> Result<T, Refusal> {
    let digits = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| match digits {
        true => too_large(text),
        false => (format!("`{text}` is not a whole number"), "write digits, as `10`".to_owned()),
    })
}

/// A number that is not read for its size.
pub(crate) fn too_large(number: impl Display) -> Refusal {
    (format!("`{number}` is too large"), "write digits, as `10`".to_owned())
}

/// A number in its range; most settings have no upper end.
pub(crate) fn within<T: PartialOrd + Display>(
    name: &str,
    number: T,
    least: T,
    most: Option<T>,
) -> Result<T, Refusal> {
    if number >= least && most.as_ref().is_none_or(|most| number <= *most) {
        return Ok(number);
    }
    let range = match most {
        Some(most) => format!("from `{least}` to `{most}`"),
        None => format!("at least `{least}`"),
    };
    Err((format!("`{number}` is out of range"), format!("`{name}` is {range}")))
}

/// The most segments of a JSON pointer, as the library has them.
const MOST_SEGMENTS: usize = 128;

/// Checks a JSON pointer: `""`, `/data`, `/a~1b/0`.
pub(crate) fn pointer(text: &str) -> Result<(), Refusal> {
    let segments = text.matches('/').count();
    if segments > MOST_SEGMENTS {
        let message = format!(
            "a JSON pointer has at most {MOST_SEGMENTS} segments, and this one has {segments}"
        );
        let help = "no value that is nested so deep is decoded: point to a place further up";
        return Err((message, help.to_owned()));
    }
    let refused =
        |why: &str| Err((format!("`{text}` is not a JSON pointer: {why}"), pointer_help(text)));
    if !text.is_empty() && !text.starts_with('/') {
        return refused("it does not begin with `/`");
    }
    if !text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1'])) {
        return refused("a `~` stands before neither `0` nor `1`");
    }
    Ok(())
}

/// The pointer that was meant, where that can be told.
fn pointer_help(text: &str) -> String {
    match meant::pointer(text).filter(|_| !text.contains('~')) {
        Some(pointer) if pointer.is_empty() => "the whole value is `\"\"`".to_owned(),
        Some(pointer) => format!("write `{pointer}`"),
        None => "write `/` before each name, as `/data/items`; `~1` is a `/` in a name, `~0` a `~`"
            .to_owned(),
    }
}

/// What a literal without quotes was to be: the text to write, if there is one.
pub(crate) mod bare {
    use super::{MOST_JITTER, MOST_SHARE, SOME_JITTER, SOME_SHARE, meant, read};

    pub(crate) fn text(literal: &str) -> Option<String> {
        Some(literal.to_owned())
    }

    pub(crate) fn duration(literal: &str) -> Option<String> {
        [literal.to_owned(), format!("{literal}s")].into_iter().find(|text| read(text).is_some())
    }

    pub(crate) fn size(literal: &str) -> Option<String> {
        super::size(literal).is_ok().then(|| literal.to_owned())
    }

    pub(crate) fn jitter(literal: &str) -> Option<String> {
        Some(format!("{}%", meant(literal, MOST_JITTER, SOME_JITTER)))
    }

    pub(crate) fn share(literal: &str) -> Option<String> {
        Some(format!("{}%", meant(literal, MOST_SHARE, SOME_SHARE)))
    }
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn a_bare_literal_is_told_what_can_be_read() {
        let duration = [
            ("30", Some("30s")),
            ("1.5", Some("1.5s")),
            ("10m", Some("10m")),
            ("-30", None),
            ("1e3", None),
            ("5M", None),
        ];
        for (literal, meant) in duration {
            assert_eq!(bare::duration(literal).as_deref(), meant, "{literal}");
        }
        for (literal, meant) in [("5", "5%"), ("0.05", "5%"), ("90", "5%"), ("-5", "5%")] {
            assert_eq!(bare::jitter(literal).as_deref(), Some(meant), "{literal}");
        }
        for (literal, meant) in [("8MiB", Some("8MiB")), ("100", Some("100")), ("-1", None)] {
            assert_eq!(bare::size(literal).as_deref(), meant, "{literal}");
        }
    }
}
