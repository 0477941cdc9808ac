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
//! When to come back, `delay` reads from the headers; [`max_age`] says how long an answer is fresh.

use std::time::Duration;

use http::header::{AGE, CACHE_CONTROL, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};

use super::delay::{Delay, split_unquoted};
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
pub(super) fn failure(status: StatusCode, delay: Delay<'_>) -> HttpError {
    let retry_after = delay.wait(status);
    let name = status.canonical_reason().map(|name| format!(" {name}")).unwrap_or_default();
    let mut message =
        format!("the server answered {}{name}{}", status.as_u16(), hint(status, retry_after));
    if let (Delay::Unreadable(header), Some(_)) = (delay, retry_after) {
        message += &format!(", with a `{header}` that cannot be read, which counts as a minute");
    }
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

/// What a failure says of the credential that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is not valid: another one is needed.
    Invalid,
    /// It may not be valid any more, or not be enough.
    Forbidden,
}

/// Whether a failure is about the credential. Some servers answer 403 to a token that has expired, or 400, and say
/// why (RFC 6750 §3.1). A 403 that asks to wait is a rate limit.
pub(super) fn refusal(
    status: StatusCode,
    headers: &HeaderMap,
    retry_after: Option<Duration>,
) -> Option<Refusal> {
    match status.as_u16() {
        401 => Some(Refusal::Invalid),
        400 | 403 if is_invalid_token(headers) => Some(Refusal::Invalid),
        403 if retry_after.is_none() => Some(Refusal::Forbidden),
        _ => None,
    }
}

fn is_invalid_token(headers: &HeaderMap) -> bool {
    let mut challenges = headers.get_all(WWW_AUTHENTICATE).into_iter();
    const INVALID: &[u8] = b"invalid_token";
    let says_so = |challenge: &[u8]| {
        challenge.windows(INVALID.len()).any(|part| part.eq_ignore_ascii_case(INVALID))
    };
    challenges.any(|challenge| says_so(challenge.as_bytes()))
}

/// For how long an answer is fresh: `Cache-Control: max-age`, less its `Age` (RFC 9111 §4.2). The first
/// `max-age` counts; with `no-cache` or `no-store`, none.
pub(super) fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let mut fresh = None;
    for line in headers.get_all(CACHE_CONTROL) {
        for directive in split_unquoted(line.to_str().ok()?, ',') {
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
    let age =
        headers.get(AGE).and_then(|age| seconds(age.to_str().ok()?.trim())).unwrap_or_default();
    fresh.map(|fresh| fresh.saturating_sub(age))
}

/// Digits and nothing else. There is no upper bound (RFC 9111 §1.2.2); a century is for ever.
fn seconds(value: &str) -> Option<Duration> {
    const CENTURY: u64 = 100 * 365 * 86_400;
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| Duration::from_secs(value.parse().unwrap_or(CENTURY).min(CENTURY)))
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

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (http::HeaderName::from_static(name), value.parse().unwrap())
        };
        let mut headers = HeaderMap::new();
        for (name, value) in lines.iter().map(pair) {
            headers.append(name, value);
        }
        headers
    }

    #[test]
    fn a_401_an_invalid_token_and_a_plain_403_are_about_the_credential() {
        let invalid = r#"Bearer realm="x", error="invalid_token", error_description="expired""#;
        let scope = r#"Bearer error="insufficient_scope""#;
        let cases = [
            (401, None, None, Some(Refusal::Invalid)),
            (403, None, None, Some(Refusal::Forbidden)),
            (403, Some(invalid), None, Some(Refusal::Invalid)),
            (403, Some(invalid), Some(7), Some(Refusal::Invalid)),
            (403, Some("bearer ERROR=Invalid_Token"), None, Some(Refusal::Invalid)),
            (403, Some(scope), None, Some(Refusal::Forbidden)),
            (403, None, Some(7), None),
            (400, None, None, None),
            (400, Some(invalid), None, Some(Refusal::Invalid)),
            (404, Some(invalid), None, None),
            (500, Some(invalid), None, None),
        ];
        for (status, challenge, wait, expected) in cases {
            let lines: Vec<_> = challenge.map(|it| ("www-authenticate", it)).into_iter().collect();
            let wait = wait.map(Duration::from_secs);
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(refusal(status, &headers(&lines), wait), expected, "{status} {challenge:?}");
        }
    }

    #[test]
    fn a_403_is_about_the_credential_unless_it_asks_to_wait() {
        let message = |delay| failure(StatusCode::FORBIDDEN, delay).to_string();
        assert!(message(Delay::None).contains("credential"));
        assert!(!message(Delay::Wait(Duration::from_secs(30))).contains("credential"));
        let unreadable = message(Delay::Unreadable("retry-after"));
        assert!(unreadable.contains("a `retry-after` that cannot be read"), "{unreadable}");
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
