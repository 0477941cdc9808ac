//! What an answer means: one table.
//!
//! | status | meaning |
//! |---|---|
//! | 200, 203, 204 and other 2xx but 202, 205, 206, 226 | the value |
//! | 202, 205, 206, 226 | not (all of) the value: a failure |
//! | 304 | unchanged, if there was something to compare with |
//! | 301, 302, 303, 307, 308 | asked for elsewhere |
//! | 404 | missing; gone after `confirm` in a row |
//! | 410 | gone at once |
//! | any other | a failure |
//!
//! Which failures may pass by themselves, [`HttpErrorKind`] says, of statuses and of broken transports.
//!
//! Nothing else than 404 and 410 ever says that a value is gone: not 401 or 403, not 5xx, not a
//! timeout, not a body that is cut or cannot be decoded.
//!
//! What an answer says of when to come back:
//!
//! | header | where | how long, and for whom |
//! |---|---|---|
//! | `Retry-After` | 403, 429, 503 | so many seconds, or until a date; all of the credential |
//! | `X-RateLimit-Remaining: 0`, `RateLimit-Remaining: 0` | any status | until the `…-Reset` beside it; all of the credential |
//! | `X-Poll-Interval` | any status | so many seconds; this endpoint |
//! | `Cache-Control: max-age` | a value, a 304 | as long as it is fresh, if that is respected; this endpoint |

use std::time::{Duration, SystemTime};

use http::header::{AGE, AsHeaderName, CACHE_CONTROL, DATE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, StatusCode};

use crate::change::Missing;
use crate::error::{HttpError, HttpErrorKind};

/// The meaning of a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Content,
    NotModified,
    Redirect,
    Missing(Missing),
    Failure,
}

pub(super) fn meaning(status: StatusCode) -> Meaning {
    match status.as_u16() {
        202 | 205 | 206 | 226 => Meaning::Failure,
        200..=299 => Meaning::Content,
        304 => Meaning::NotModified,
        301 | 302 | 303 | 307 | 308 => Meaning::Redirect,
        404 => Meaning::Missing(Missing::NotFound),
        410 => Meaning::Missing(Missing::Gone),
        _ => Meaning::Failure,
    }
}

/// The error of a status that is a failure.
pub(super) fn failure(status: StatusCode, headers: &HeaderMap) -> HttpError {
    let retry_after = rate_limit(status, headers);
    let name = status.canonical_reason().map(|name| format!(" {name}")).unwrap_or_default();
    let message =
        format!("the server answered {}{name}{}", status.as_u16(), hint(status, retry_after));
    let kind = HttpErrorKind::Status(status.as_u16());
    HttpError { retry_after, ..HttpError::new(kind, message) }
}

fn hint(status: StatusCode, retry_after: Option<Duration>) -> &'static str {
    match status.as_u16() {
        202 => ": there is no value yet",
        205 => ": that is no value",
        206 | 226 => ": a part of the value, which was not asked for",
        401 => ": it wants a credential, or another one (`auth`)",
        403 if retry_after.is_none() => {
            ": it does not allow this with the credential, or without one"
        }
        407 => ": the proxy wants a credential",
        _ => "",
    }
}

/// How long an answer asks all of the same credential to leave the host alone. `Retry-After` goes first.
///
/// GitHub says so with a 403, too, and with `Retry-After` of its secondary limits.
pub(super) fn rate_limit(status: StatusCode, headers: &HeaderMap) -> Option<Duration> {
    let retry_after = matches!(status.as_u16(), 403 | 429 | 503).then(|| retry_after(headers));
    retry_after.flatten().or_else(|| {
        if !has_wishes(headers) {
            return None;
        }
        LIMITS.iter().filter_map(|limit| reset(limit, headers)).max()
    })
}

/// Whether there may be a header of those that are not in every answer: to look through the names once costs
/// less than to look for each.
fn has_wishes(headers: &HeaderMap) -> bool {
    let mut names = headers.keys().map(|name| name.as_str().as_bytes());
    names.any(|name| matches!(name, [b'x', b'-', ..] | [b'r', b'a', ..]))
}

/// `Retry-After` as seconds or a date (RFC 9110 §10.2.3).
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = text(headers, RETRY_AFTER)?;
    if let Some(wait) = seconds(value) {
        return Some(wait);
    }
    httpdate::parse_http_date(value).ok()?.duration_since(now(headers)).ok()
}

/// How many requests are left, and when there are more again.
const LIMITS: [[HeaderName; 2]; 2] = [
    [
        HeaderName::from_static("x-ratelimit-remaining"),
        HeaderName::from_static("x-ratelimit-reset"),
    ],
    [HeaderName::from_static("ratelimit-remaining"), HeaderName::from_static("ratelimit-reset")],
];

/// Where nothing is left: until it is reset. That is seconds, or a time in seconds since 1970 where it would
/// be more than 30 years; it is good for an hour.
fn reset([remaining, reset]: &[HeaderName; 2], headers: &HeaderMap) -> Option<Duration> {
    const EPOCH_FROM: Duration = Duration::from_secs(1_000_000_000);
    const LONGEST: Duration = Duration::from_secs(3600);
    if !seconds(text(headers, remaining)?)?.is_zero() {
        return None;
    }
    let reset = seconds(text(headers, reset)?)?;
    let wait = match reset >= EPOCH_FROM {
        true => (SystemTime::UNIX_EPOCH + reset).duration_since(now(headers)).ok()?,
        false => reset,
    };
    Some(wait.min(LONGEST))
}

/// The `Date` of the answer, so that a clock that is off does not matter; without one, ours.
fn now(headers: &HeaderMap) -> SystemTime {
    let date = text(headers, DATE).and_then(|date| httpdate::parse_http_date(date).ok());
    date.unwrap_or_else(SystemTime::now)
}

fn text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// Digits and nothing else. There is no upper bound (RFC 9110 §10.2.3); a century is for ever.
fn seconds(value: &str) -> Option<Duration> {
    const CENTURY: u64 = 100 * 365 * 86_400;
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| Duration::from_secs(value.parse().unwrap_or(CENTURY).min(CENTURY)))
}

const X_POLL_INTERVAL: HeaderName = HeaderName::from_static("x-poll-interval");

/// `X-Poll-Interval`: seconds that the server wants between polls, as GitHub sends it.
pub(super) fn poll_interval(headers: &HeaderMap) -> Option<Duration> {
    has_wishes(headers).then(|| seconds(text(headers, X_POLL_INTERVAL)?))?
}

/// For how long an answer is fresh: `Cache-Control: max-age`, less its `Age` (RFC 9111 §4.2). The first
/// `max-age` counts; with `no-cache` or `no-store`, none.
pub(super) fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let mut fresh = None;
    for line in headers.get_all(CACHE_CONTROL) {
        for directive in directives(line.to_str().ok()?) {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "no-cache" | "no-store" => return None,
                "max-age" if fresh.is_none() => {
                    fresh = Some(seconds(value.trim().trim_matches('"'))?);
                }
                _ => {}
            }
        }
    }
    let age = text(headers, AGE).and_then(seconds).unwrap_or_default();
    fresh.map(|fresh| fresh.saturating_sub(age))
}

/// Commas may stand inside quotes.
fn directives(line: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    line.split(move |c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_means_what_the_table_says() {
        use Meaning::{Content, Failure, NotModified, Redirect};
        for status in 100..=599 {
            let expected = match status {
                202 | 205 | 206 | 226 => Failure,
                200..=299 => Content,
                304 => NotModified,
                301 | 302 | 303 | 307 | 308 => Redirect,
                404 => Meaning::Missing(Missing::NotFound),
                410 => Meaning::Missing(Missing::Gone),
                _ => Failure,
            };
            assert_eq!(meaning(StatusCode::from_u16(status).unwrap()), expected, "{status}");
        }
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date_against_the_answers_own() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        let cases = [
            (Some("120"), None, Some(120)),
            (Some(" 0 "), None, Some(0)),
            (Some("Sun, 06 Nov 1994 08:50:07 GMT"), Some(date), Some(30)),
            (Some("Sun, 06 Nov 1994 08:49:00 GMT"), Some(date), None),
            (Some("-5"), None, None),
            (Some("1.5"), None, None),
            (Some("soon"), Some(date), None),
            (Some("+5"), None, None),
            (Some(""), None, None),
            (Some("99999999999999999999999"), None, Some(3_153_600_000)),
            (None, Some(date), None),
        ];
        for (value, date, seconds) in cases {
            let mut headers = HeaderMap::new();
            if let Some(value) = value {
                headers.insert(RETRY_AFTER, value.parse().unwrap());
            }
            if let Some(date) = date {
                headers.insert(DATE, date.parse().unwrap());
            }
            assert_eq!(retry_after(&headers), seconds.map(Duration::from_secs), "{value:?}");
        }
    }

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), value.parse().unwrap())
        };
        let mut headers = HeaderMap::new();
        for (name, value) in lines.iter().map(pair) {
            headers.append(name, value);
        }
        headers
    }

    #[test]
    fn only_403_429_and_503_ask_to_wait_with_retry_after() {
        let headers = headers(&[("retry-after", "7")]);
        for status in 100..=599 {
            let waits = matches!(status, 403 | 429 | 503);
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(failure(status, &headers).retry_after.is_some(), waits, "{status}");
            assert_eq!(rate_limit(status, &headers).is_some(), waits, "{status}");
        }
    }

    #[test]
    fn a_rate_limit_that_is_used_up_holds_until_its_reset() {
        let date = ("date", "Sun, 09 Sep 2001 01:46:40 GMT");
        let x = |remaining, reset| {
            vec![date, ("x-ratelimit-remaining", remaining), ("x-ratelimit-reset", reset)]
        };
        let plain = |remaining, reset| {
            vec![date, ("ratelimit-remaining", remaining), ("ratelimit-reset", reset)]
        };
        let cases = [
            (x("0", "30"), Some(30)),
            (plain("0", "30"), Some(30)),
            (x(" 0 ", " 30 "), Some(30)),
            (x("0", "1000000030"), Some(30)),
            (plain("0", "1000000030"), Some(30)),
            (x("0", "1000000000"), Some(0)),
            (x("0", "0"), Some(0)),
            // In milliseconds, or in a year.
            (x("0", "1000000030000"), Some(3600)),
            (x("0", "999999999"), Some(3600)),
            (x("0", "7200"), Some(3600)),
            (x("1", "30"), None),
            (x("-1", "30"), None),
            (x("none", "30"), None),
            (x("", "30"), None),
            (x("0", "soon"), None),
            (x("0", "-30"), None),
            (vec![("x-ratelimit-remaining", "0")], None),
            (vec![("x-ratelimit-reset", "30")], None),
            (vec![("x-ratelimit-remaining", "0"), ("ratelimit-reset", "30")], None),
            ([x("5", "30"), plain("0", "7")].concat(), Some(7)),
            ([x("0", "30"), plain("0", "7")].concat(), Some(30)),
            // What it says itself goes first.
            ([x("0", "30"), vec![("retry-after", "7")]].concat(), Some(7)),
            ([x("0", "30"), vec![("retry-after", "soon")]].concat(), Some(30)),
        ];
        for (lines, seconds) in cases {
            let headers = headers(&lines);
            let wait = rate_limit(StatusCode::TOO_MANY_REQUESTS, &headers);
            assert_eq!(wait, seconds.map(Duration::from_secs), "{lines:?}");
            let refused = failure(StatusCode::FORBIDDEN, &headers);
            assert_eq!(refused.retry_after, wait, "{lines:?}");
            let credential = refused.to_string().contains("credential");
            assert_eq!(credential, wait.is_none(), "{refused}");
        }
        for status in [200, 304, 404, 500] {
            let status = StatusCode::from_u16(status).unwrap();
            let wait = rate_limit(status, &headers(&x("0", "30")));
            assert_eq!(wait, Some(Duration::from_secs(30)), "{status}");
        }
    }

    #[test]
    fn a_reset_without_a_date_is_measured_against_our_clock() {
        let in_a_minute = SystemTime::now() + Duration::from_secs(60);
        let since = in_a_minute.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let since = since.to_string();
        let lines = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", since.as_str())];
        let wait = rate_limit(StatusCode::OK, &headers(&lines)).unwrap();
        assert!((1..=60).contains(&wait.as_secs()), "{wait:?}");
    }

    #[test]
    fn an_answer_is_fresh_for_its_max_age_less_its_age() {
        let cases: [(&[&str], Option<&str>, Option<u64>); 23] = [
            (&["max-age=60"], None, Some(60)),
            (&["max-age=60"], Some("20"), Some(40)),
            (&["max-age=60"], Some("80"), Some(0)),
            (&["max-age=60"], Some("old"), Some(60)),
            (&["max-age=\"60\""], None, Some(60)),
            (&["Public, MAX-AGE=60"], None, Some(60)),
            (&["max-age=60,must-revalidate"], None, Some(60)),
            (&["max-age=60, max-age=90"], None, Some(60)),
            (&["public", "max-age=60", "max-age=90"], None, Some(60)),
            (&["s-maxage=90, max-age=60"], None, Some(60)),
            (&["private=\"a, no-store\", max-age=60"], None, Some(60)),
            (&["private=\"max-age=5, b\", max-age=60"], None, Some(60)),
            (&["max-age=99999999999999999999"], None, Some(3_153_600_000)),
            (&["max-age=0"], None, Some(0)),
            (&["max-age=60, no-cache"], None, None),
            (&["max-age=60", "no-store"], None, None),
            (&["no-cache=\"set-cookie\", max-age=60"], None, None),
            (&["max-age=soon, max-age=60"], None, None),
            (&["max-age=-1"], None, None),
            (&["max-age"], None, None),
            (&["s-maxage=90"], None, None),
            (&[""], None, None),
            (&[], Some("20"), None),
        ];
        for (lines, age, seconds) in cases {
            let lines = lines.iter().map(|line| ("cache-control", *line));
            let lines: Vec<_> = lines.chain(age.map(|age| ("age", age))).collect();
            assert_eq!(max_age(&headers(&lines)), seconds.map(Duration::from_secs), "{lines:?}");
        }
    }
}
