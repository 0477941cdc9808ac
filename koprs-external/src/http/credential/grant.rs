//! What the answer of a token endpoint says (RFC 6749 §5), without IO.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::Presented;
use super::form::{Form, UNSENDABLE};
use crate::error::{HttpError, HttpErrorKind};
use crate::http::classify::{self, Meaning, meaning};
use crate::http::delay;
use crate::secret::{Redactor, Secret, without_mark};
use crate::spec::bounds;

/// Of what a server says of its error.
const MOST_WORDS: usize = 200;

/// A token, and how long it lives, if that was said.
pub(super) struct Granted {
    pub(super) presented: Presented,
    pub(super) life: Option<Duration>,
}

/// Why there is no token.
pub(super) enum Refused {
    /// The answer was none to go by, and may be another one soon.
    Failed(HttpError),
    /// The server said that it gives none, or gave what is none.
    Said(String),
}

/// RFC 6749 §5.1. Servers are less strict than it: some write the seconds as a string.
#[derive(Deserialize)]
struct Success {
    access_token: String,
    token_type: Option<String>,
    expires_in: Option<Value>,
}

/// RFC 6749 §5.2.
#[derive(Default, Deserialize)]
struct Failed {
    error: Option<String>,
    error_description: Option<String>,
}

/// What the answer of a token endpoint says. What stands in it is never shown but for the words of an error, without
/// the secrets in them.
pub(super) fn granted(answer: &Response<Bytes>, redactor: &Redactor) -> Result<Granted, Refused> {
    let (status, headers) = (answer.status(), answer.headers());
    let said = |why: &str| Refused::Said(format!("answered {}{why}", status.as_u16()));
    if meaning(status) == Meaning::Redirect {
        let message = format!("it answered {}: a redirect is not followed", status.as_u16());
        return Err(Refused::Failed(HttpError::new(HttpErrorKind::Redirect, message)));
    }
    let delay = delay::requested(status, headers, SystemTime::now());
    let asks_to_wait = !status.is_success() && delay.wait(status).is_some();
    if transient(status) || asks_to_wait {
        return Err(Refused::Failed(classify::failure(status, delay)));
    }
    if !status.is_success() {
        return Err(said(&words(answer.body(), redactor)));
    }
    let success: Success = serde_json::from_slice(without_mark(answer.body())).map_err(|_| {
        // Some servers answer their errors with 200.
        said(&format!(", and no JSON with an `access_token`{}", words(answer.body(), redactor)))
    })?;
    let token = Secret::read(&success.access_token);
    let kind = success.token_type.unwrap_or_else(|| "bearer".to_owned());
    if !kind.eq_ignore_ascii_case("bearer") {
        return Err(said(" with a token that is no bearer token"));
    }
    let presented = match token.expose() {
        "" => return Err(said(" with an empty token")),
        long if long.len() > bounds::SECRET => {
            return Err(said(" with a token that is longer than `64KiB`"));
        }
        _ => Form::Bearer.present(&token),
    };
    let presented = presented.ok_or_else(|| said(&format!(": the token {UNSENDABLE}")))?;
    Ok(Granted { presented, life: success.expires_in.as_ref().and_then(seconds) })
}

fn transient(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429)
}

/// A token that has no life left as it is given has one of which nothing is said: it shows when it is over.
fn seconds(value: &Value) -> Option<Duration> {
    let seconds = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    Duration::try_from_secs_f64(seconds).ok().filter(|life| !life.is_zero())
}

/// When a token is renewed, and when it is of no use, from its request on. One that lives no longer than the
/// margin is used for half of its life; one of which nothing is said, until it is refused.
pub(super) fn life(
    expires_in: Option<Duration>,
    margin: Duration,
) -> (Option<Duration>, Option<Duration>) {
    let Some(life) = expires_in else { return (None, None) };
    let renew = life.checked_sub(margin).filter(|left| !left.is_zero());
    (Some(renew.unwrap_or(life / 2)), Some(life))
}

/// The words of an error.
fn words(body: &[u8], redactor: &Redactor) -> String {
    let failed: Failed = serde_json::from_slice(body).unwrap_or_default();
    let words = [failed.error, failed.error_description].into_iter().flatten();
    words.map(|words| format!(": {}", without_secrets(&words, redactor))).collect()
}

/// The characters that RFC 6749 §5.2 allows, without the secrets, and not too many of them: in this order, so that
/// neither a line break nor the cut hides a secret from the redactor.
fn without_secrets(words: &str, redactor: &Redactor) -> String {
    let words: String = words.chars().filter(|c| *c == ' ' || c.is_ascii_graphic()).collect();
    redactor.redact(&words).chars().take(MOST_WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Response<Bytes> {
        Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
    }

    fn said(status: u16, body: &str) -> String {
        let redactor = Redactor::isolated();
        ["dXM6czNjcjN0JTI2", "s3cr3t&"].map(Secret::new).iter().for_each(|it| redactor.declare(it));
        match granted(&answer(status, body), &redactor) {
            Ok(granted) => format!("{:?} {:?}", granted.presented.header.unwrap().1, granted.life),
            Err(Refused::Failed(error)) => format!("{:?}", error.kind),
            Err(Refused::Said(why)) => why,
        }
    }

    #[test]
    fn an_answer_of_any_depth_is_read_or_refused() {
        let test = || {
            let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
            let with = |name: &str, levels: usize| {
                said(200, &format!(r#"{{"access_token":"t","{name}":{}}}"#, nested(levels)))
            };
            assert!(with("expires_in", 126).ends_with("None"));
            assert!(with("x", 100_000).ends_with("None"));
            for levels in [127, 100_000] {
                assert!(with("expires_in", levels).contains("no JSON"));
            }
        };
        let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(test).unwrap();
        thread.join().unwrap();
    }

    #[test]
    fn a_token_is_renewed_before_it_expires() {
        let cases = [
            (Some(3600), 30, (Some(3570), Some(3600))),
            (Some(31), 30, (Some(1), Some(31))),
            (Some(30), 30, (Some(15), Some(30))),
            (Some(10), 30, (Some(5), Some(10))),
            (Some(1), 0, (Some(1), Some(1))),
            (None, 30, (None, None)),
        ];
        for (expires_in, margin, expected) in cases {
            let seconds = |seconds: Option<u64>| seconds.map(Duration::from_secs);
            let (renew, end) = life(seconds(expires_in), Duration::from_secs(margin));
            assert_eq!((renew, end), (seconds(expected.0), seconds(expected.1)), "{expires_in:?}");
        }
    }

    #[test]
    fn an_answer_is_a_token_or_says_why_it_is_none() {
        let token = |rest: &str| format!(r#"{{"access_token":"t0ken"{rest}}}"#);
        let cases = [
            (200, token(r#","token_type":"bearer","expires_in":60"#), "Sensitive Some(60s)"),
            (200, token(r#","token_type":"Bearer","expires_in":"60""#), "Sensitive Some(60s)"),
            (200, token(""), "Sensitive None"),
            (200, token(r#","expires_in":60.5"#), "Sensitive Some(60.5s)"),
            (200, token(r#","expires_in":-1"#), "Sensitive None"),
            (200, token(r#","expires_in":0"#), "Sensitive None"),
            (200, token(r#","expires_in":1e300"#), "Sensitive None"),
            (200, token(r#","expires_in":"NaN""#), "Sensitive None"),
            (200, token(r#","expires_in":"soon""#), "Sensitive None"),
            (200, token(r#","expires_in":null"#), "Sensitive None"),
            (200, token(r#","expires_in":true"#), "Sensitive None"),
            (
                200,
                r#"{"error":"slow_down","error_description":"s3cr3t&"}"#.into(),
                "answered 200, and no JSON with an `access_token`: slow_down: ***",
            ),
            (
                200,
                token(r#","token_type":"mac""#),
                "answered 200 with a token that is no bearer token",
            ),
            (200, r#"{"access_token":""}"#.into(), "answered 200 with an empty token"),
            (
                200,
                r#"{"access_token":7}"#.into(),
                "answered 200, and no JSON with an `access_token`",
            ),
            (200, "<p>".into(), "answered 200, and no JSON with an `access_token`"),
            (401, r#"{"error":"invalid_client"}"#.into(), "answered 401: invalid_client"),
            (
                400,
                r#"{"error":"invalid_scope","error_description":"not\n s3cr3t& or s3cr3t%26"}"#
                    .into(),
                "answered 400: invalid_scope: not *** or ***",
            ),
            (
                401,
                r#"{"error":"invalid_client","error_description":"bad header: Basic dXM6czNjcjN0JTI2"}"#
                    .into(),
                "answered 401: invalid_client: bad header: Basic ***",
            ),
            (
                401,
                r#"{"error":"invalid_client","error_description":"bad: dXM6czNj\r\ncjN0JTI2 s3c\u0007r3t%26"}"#.into(),
                "answered 401: invalid_client: bad: *** ***",
            ),
            (403, "<p>".into(), "answered 403"),
            (302, String::new(), "Redirect"),
            (429, String::new(), "Status(429)"),
            (503, token(""), "Status(503)"),
        ];
        for (status, body, expected) in cases {
            assert_eq!(said(status, &body), expected, "{status} {body}");
        }
        for body in [r#"{"access_token":"\ufefft0ken\n"}"#, "\u{feff}{\"access_token\":\"t0ken\"}"]
        {
            assert_eq!(said(200, body), "Sensitive None", "{body}");
            let granted = granted(&answer(200, body), &Redactor::isolated()).ok().unwrap();
            assert_eq!(granted.presented.header.unwrap().1, "Bearer t0ken");
        }
        let unsendable = said(200, r#"{"access_token":"two\nlines"}"#);
        assert!(unsendable.starts_with("answered 200: the token has a character"), "{unsendable}");
    }
}
