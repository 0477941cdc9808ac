//! What an answer means: one table.
//!
//! | status | meaning | retryable |
//! |---|---|---|
//! | 200, 203, 204, 226 and other 2xx but 202, 205, 206 | the value | – |
//! | 202, 205, 206 | not (all of) the value: a failure | no |
//! | 304 | unchanged, if there was something to compare with | – |
//! | 301, 302, 303, 307, 308 | asked for elsewhere | – |
//! | 404 | missing; gone after `confirm` in a row | – |
//! | 410 | gone at once | – |
//! | 408, 425, 429, 500, 502, 503, 504 | a failure that may pass | yes |
//! | any other | a failure | no |
//!
//! Nothing else than 404 and 410 ever says that a value is gone: not 401 or 403, not 5xx, not a
//! timeout, not a body that is cut or cannot be decoded.

use std::time::{Duration, SystemTime};

use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};

use crate::change::Missing;
use crate::error::{HttpError, HttpErrorKind};

/// The meaning of a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Content,
    NotModified,
    Redirect,
    Missing(Missing),
    Failure { retryable: bool },
}

pub(super) fn meaning(status: StatusCode) -> Meaning {
    match status.as_u16() {
        202 | 205 | 206 => Meaning::Failure { retryable: false },
        200..=299 => Meaning::Content,
        304 => Meaning::NotModified,
        301 | 302 | 303 | 307 | 308 => Meaning::Redirect,
        404 => Meaning::Missing(Missing::NotFound),
        410 => Meaning::Missing(Missing::Gone),
        408 | 425 | 429 | 500 | 502 | 503 | 504 => Meaning::Failure { retryable: true },
        _ => Meaning::Failure { retryable: false },
    }
}

/// The error of a status that is a failure.
pub(super) fn failure(status: StatusCode, retryable: bool, headers: &HeaderMap) -> HttpError {
    let retry_after = matches!(status.as_u16(), 429 | 503).then(|| retry_after(headers)).flatten();
    let message = format!("the server answered {status}{}", hint(status));
    let kind = HttpErrorKind::Status(status.as_u16());
    HttpError { retry_after, ..HttpError::new(kind, retryable, message) }
}

fn hint(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => ": it wants a credential, or another one (`auth`)",
        403 => ": the credential does not allow this",
        407 => ": the proxy wants a credential",
        _ => "",
    }
}

/// `Retry-After` as seconds or a date (RFC 9110 §10.2.3). A date is measured against the `Date` of the
/// same answer, so that a clock that is off does not matter; without one, against ours.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now = headers.get(DATE).and_then(|date| date.to_str().ok());
    let now = now.and_then(|date| httpdate::parse_http_date(date).ok());
    until.duration_since(now.unwrap_or_else(SystemTime::now)).ok()
}

/// `X-Poll-Interval`: seconds that the server wants between polls, as GitHub sends it.
pub(super) fn poll_interval(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get("x-poll-interval")?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_means_what_the_table_says() {
        use Meaning::{Content, Failure, NotModified, Redirect};
        for status in 100..=599 {
            let expected = match status {
                202 | 205 | 206 => Failure { retryable: false },
                200..=299 => Content,
                304 => NotModified,
                301 | 302 | 303 | 307 | 308 => Redirect,
                404 => Meaning::Missing(Missing::NotFound),
                410 => Meaning::Missing(Missing::Gone),
                _ => Failure { retryable: [408, 425, 429, 500, 502, 503, 504].contains(&status) },
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
            (Some("99999999999999999999999"), None, None),
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
            assert_eq!(failure(status, true, &headers).retry_after.is_some(), waits, "{status}");
        }
    }
}
