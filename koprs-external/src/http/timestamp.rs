//! Points in time, durations and numbers, in the spellings that servers use in headers. Pure.

use std::time::{Duration, SystemTime};

/// Longer durations count as this one.
const CENTURY: Duration = Duration::from_secs(100 * 365 * 86_400);

/// Parses a number that is not negative: `60`, `60.25`, `1.7e9`.
pub(super) fn parse_number(text: &str) -> Option<f64> {
    let first = text.bytes().next()?;
    let begins_number = first.is_ascii_digit() || first == b'.';
    begins_number.then(|| text.parse().ok())?
}

/// Returns a number of seconds as a duration. There is no upper bound in the RFCs; a century stands for ever.
pub(super) fn from_seconds(seconds: f64) -> Option<Duration> {
    if seconds.is_nan() || seconds < 0.0 {
        return None;
    }
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(CENTURY).min(CENTURY))
}

/// Parses a duration with units, as Go writes it (`6m0s`, `1.5s`, `20ms`), in words (`60 seconds`), or as ISO 8601
/// does (`PT1M30S`).
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.to_ascii_lowercase();
    let mut rest = text.strip_prefix("pt").unwrap_or(&text);
    let mut seconds = 0.0;
    loop {
        let (number, unit) = rest.split_at(rest.find(|c| !is_number(c))?);
        let unit = unit.trim_start();
        let (unit, after) = unit.split_at(unit.find(is_number).unwrap_or(unit.len()));
        seconds += parse_number(number)? * seconds_of(unit.trim_end())?;
        if after.is_empty() {
            return from_seconds(seconds);
        }
        rest = after;
    }
}

fn is_number(c: char) -> bool {
    c.is_ascii_digit() || c == '.'
}

fn seconds_of(unit: &str) -> Option<f64> {
    Some(match unit {
        "ns" => 1e-9,
        "us" | "µs" | "μs" => 1e-6,
        "ms" | "msec" | "millis" | "millisecond" | "milliseconds" => 1e-3,
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => 86_400.0,
        _ => return None,
    })
}

/// Parses an HTTP date in each of its three formats (RFC 9110 §5.6.7), also with another name for GMT, or a time
/// as in ISO 8601: `2024-01-01T00:00:00.5+02:00`. One without a zone is in UTC.
pub(super) fn parse_timestamp(text: &str) -> Option<SystemTime> {
    let in_utc = [" GMT", " UTC", " +0000"].iter().find_map(|zone| text.strip_suffix(zone));
    let http = match in_utc {
        Some(time) => httpdate::parse_http_date(&format!("{time} GMT")),
        None => httpdate::parse_http_date(text),
    };
    http.ok().or_else(|| parse_iso(in_utc.unwrap_or(text)))
}

fn parse_iso(text: &str) -> Option<SystemTime> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let [year, month, day] = numbers(date, '-')?;
    let (time, zone) = time.split_at(time.find(['Z', 'z', '+', '-']).unwrap_or(time.len()));
    let mut parts = time.trim_end().splitn(3, ':');
    let (hour, minute) = (digits(parts.next()?)?, digits(parts.next()?)?);
    let second =
        parts.next().map_or(Some(0.0), |second| parse_number(&second.replace(',', ".")))?;
    let is_time = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour <= 24
        && minute < 60
        && second < 61.0;
    let days = days_since_epoch(year, month, day);
    let minutes = (days * 24 + hour) * 60 + minute - zone_minutes(zone)?;
    let seconds = Duration::from_secs(u64::try_from(minutes).ok()?.checked_mul(60)?);
    let seconds = seconds.checked_add(Duration::try_from_secs_f64(second).ok()?)?;
    SystemTime::UNIX_EPOCH.checked_add(seconds).filter(|_| is_time)
}

/// Minutes by which a zone is ahead of UTC: `Z`, `+02:00`, `-0530`, `+02`.
fn zone_minutes(zone: &str) -> Option<i64> {
    let sign = match zone.bytes().next() {
        None | Some(b'Z' | b'z') => return (zone.len() <= 1).then_some(0),
        Some(b'-') => -1,
        Some(_) => 1,
    };
    let offset = zone.get(1..)?.replace(':', "");
    let (hours, minutes) = offset.split_at_checked(2)?;
    let minutes = if minutes.is_empty() { 0 } else { digits(minutes)? };
    Some(sign * (digits(hours)? * 60 + minutes))
}

fn numbers<const N: usize>(text: &str, separator: char) -> Option<[i64; N]> {
    let numbers: Option<Vec<_>> = text.split(separator).map(digits).collect();
    numbers?.try_into().ok()
}

/// At most four digits, so that nothing made of them overflows.
fn digits(text: &str) -> Option<i64> {
    let fits = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok())?
}

/// Days from 1970-01-01 to a day of the proleptic Gregorian calendar.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    // The year begins in March here, so that the leap day is its last.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn epoch(text: &str) -> Option<f64> {
        let time = parse_timestamp(text)?.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        Some(time.as_secs_f64())
    }

    #[test]
    fn a_time_is_parsed_in_each_spelling() {
        let cases = [
            ("Sun, 09 Sep 2001 01:46:40 GMT", 1e9),
            ("Sunday, 09-Sep-01 01:46:40 GMT", 1e9),
            ("Sun Sep  9 01:46:40 2001", 1e9),
            ("Sun, 09 Sep 2001 01:46:40 UTC", 1e9),
            ("Sun, 09 Sep 2001 01:46:40 +0000", 1e9),
            ("2001-09-09T01:46:40Z", 1e9),
            ("2001-09-09t01:46:40z", 1e9),
            ("2001-09-09T01:46:40", 1e9),
            ("2001-09-09 01:46:40", 1e9),
            ("2001-09-09 01:46:40 UTC", 1e9),
            ("2001-09-09 01:46:40 +0000 UTC", 1e9),
            ("2001-09-09T03:46:40+02:00", 1e9),
            ("2001-09-08T20:16:40-0530", 1e9),
            ("2001-09-09T03:46:40+02", 1e9),
            ("2001-09-09T01:46Z", 999_999_960.0),
            ("2001-09-09T01:46:40.25Z", 1e9 + 0.25),
            ("2001-09-09T01:46:40,25Z", 1e9 + 0.25),
            ("1970-01-01T00:00:00Z", 0.0),
            ("2024-02-29T00:00:00Z", 1_709_164_800.0),
            ("2000-03-01T00:00:00Z", 951_868_800.0),
        ];
        for (text, expected) in cases {
            assert_eq!(epoch(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_not_parsed() {
        let cases = [
            "",
            "0",
            "soon",
            "2001-09-09",
            "2001-13-09T01:46:40Z",
            "2001-09-32T01:46:40Z",
            "2001-09-09T25:46:40Z",
            "2001-09-09T01:60:40Z",
            "2001-09-09T01:46:61Z",
            "2001-09-09T01:46:-1Z",
            "2001-09-09T01:46:40Zulu",
            "2001-09-09T01:46:40+x",
            "99999999-09-09T01:46:40Z",
            "1969-12-31T23:59:59Z",
            "T",
            "2001-09-09TÜ:46:40Z",
        ];
        for text in cases {
            assert_eq!(epoch(text), None, "{text}");
        }
    }

    #[test]
    fn a_duration_is_parsed_with_its_units() {
        let cases = [
            ("60s", Some(60_000)),
            ("6m0s", Some(360_000)),
            ("1m30.5s", Some(90_500)),
            ("20ms", Some(20)),
            ("1h", Some(3_600_000)),
            ("1d", Some(86_400_000)),
            ("60 s", Some(60_000)),
            ("60 Seconds", Some(60_000)),
            ("1 minute 30 seconds", Some(90_000)),
            ("PT1M30S", Some(90_000)),
            ("60", None),
            ("", None),
            ("s", None),
            ("-60s", None),
            ("60 lightyears", None),
            ("1.2.3s", None),
            ("60s soon", None),
        ];
        for (text, millis) in cases {
            assert_eq!(parse_duration(text), millis.map(Duration::from_millis), "{text}");
        }
    }

    #[test]
    fn a_number_is_not_negative_and_is_finite_as_a_duration() {
        for text in ["-1", "nan", "inf", "infinity", "", "x", "0x10", "1_000"] {
            assert_eq!(parse_number(text), None, "{text}");
        }
        let seconds = |text| parse_number(text).and_then(from_seconds);
        assert_eq!(seconds("60.25"), Some(Duration::from_millis(60_250)));
        for text in ["99999999999999999999999", "1e300", "1e999"] {
            assert_eq!(seconds(text), Some(CENTURY), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,40}") {
            let _ = (parse_timestamp(&text), parse_duration(&text), parse_number(&text));
        }

        #[test]
        fn nothing_that_resembles_a_time_panics(text in "[0-9TZ:+,. -]{0,30}") {
            let _ = (parse_timestamp(&text), parse_duration(&text));
        }

        #[test]
        fn iso_and_http_dates_agree(seconds in 0u64..4_000_000_000) {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            let text = humantime::format_rfc3339_seconds(time).to_string();
            prop_assert_eq!(parse_timestamp(&text), Some(time));
            prop_assert_eq!(parse_timestamp(&httpdate::fmt_http_date(time)), Some(time));
        }
    }
}
