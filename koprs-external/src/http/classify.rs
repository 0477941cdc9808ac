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

use std::time::{Duration, SystemTime};

use http::header::{DATE, RETRY_AFTER};
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
    let retry_after = matches!(status.as_u16(), 429 | 503).then(|| retry_after(headers)).flatten();
    let name = status.canonical_reason().map(|name| format!(" {name}")).unwrap_or_default();
    let message = format!("the server answered {}{name}{}", status.as_u16(), hint(status));
    let kind = HttpErrorKind::Status(status.as_u16());
    HttpError { retry_after, ..HttpError::new(kind, message) }
}

fn hint(status: StatusCode) -> &'static str {
    match status.as_u16() {
        202 => ": there is no value yet",
        205 => ": that is no value",
        206 | 226 => ": a part of the value, which was not asked for",
        401 => ": it wants a credential, or another one (`auth`)",
        403 => ": it does not allow this with the credential, or without one",
        407 => ": the proxy wants a credential",
        _ => "",
    }
}

/// `Retry-After` as seconds or a date (RFC 9110 §10.2.3). A date is measured against the `Date` of the
/// same answer, so that a clock that is off does not matter; without one, against ours.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Some(wait) = seconds(value) {
        return Some(wait);
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now = headers.get(DATE).and_then(|date| date.to_str().ok());
    let now = now.and_then(|date| httpdate::parse_http_date(date).ok());
    until.duration_since(now.unwrap_or_else(SystemTime::now)).ok()
}

/// Digits and nothing else. There is no upper bound (RFC 9110 §10.2.3); a century is for ever.
fn seconds(value: &str) -> Option<Duration> {
    const CENTURY: u64 = 100 * 365 * 86_400;
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| Duration::from_secs(value.parse().unwrap_or(CENTURY).min(CENTURY)))
}

/// How long an answer asks all of the same credential to leave the host alone.
pub(super) fn rate_limit(status: StatusCode, headers: &HeaderMap) -> Option<Duration> {
    matches!(status.as_u16(), 429 | 503).then(|| retry_after(headers)).flatten()
}

const X_POLL_INTERVAL: HeaderName = HeaderName::from_static("x-poll-interval");

/// `X-Poll-Interval`: seconds that the server wants between polls, as GitHub sends it.
pub(super) fn poll_interval(headers: &HeaderMap) -> Option<Duration> {
    seconds(headers.get(X_POLL_INTERVAL)?.to_str().ok()?.trim())
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

    #[test]
    fn only_429_and_503_ask_to_wait() {
        let headers: HeaderMap = [(RETRY_AFTER, "7".parse().unwrap())].into_iter().collect();
        for (status, waits) in [(429, true), (503, true), (500, false), (403, false)] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(failure(status, &headers).retry_after.is_some(), waits, "{status}");
        }
    }
}
