//! OAuth 2.0 client credentials (RFC 6749 §4.4): a secret is traded for a token, which is sent as a bearer.
//!
//! All watchers of the process with the same declaration share one token. It is renewed before it expires,
//! and after a 401 to it, by one request however many ask.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::{Instant, timeout};
use url::form_urlencoded::Serializer;

use super::form::{Form, UNSENDABLE, sendable};
use super::secret::{FromFile, Held};
use super::{Presented, encoded};
use crate::change::Fingerprint;
use crate::error::{HttpError, HttpErrorKind};
use crate::http::classify::{self, Meaning, meaning};
use crate::http::kept::{Failure, Kept, Made, Rules};
use crate::http::registry::Registry;
use crate::http::sender::Sender;
use crate::http::transport::{self, Limits, Request};
use crate::secret::{Secret, redacted};
use crate::spec::{Invalid, Method, OAuth2, Tls};

/// The time for one request to the token endpoint.
const WITHIN: Duration = Duration::from_secs(10);
const LIMITS: Limits = Limits { body: 64 * 1024, headers: 64 * 1024, redirects: 0 };
/// A token endpoint that fails is left alone for a second, or as long as it asks.
const TOKENS: Rules = Rules {
    patience: Duration::MAX,
    abandon: Duration::from_secs(20),
    hold: Duration::from_secs(1),
};
/// Of what a server says of its error.
const MOST_WORDS: usize = 200;

/// The token of one declaration.
pub(super) struct Tokens {
    client: Arc<Client>,
    kept: Kept<Presented>,
}

/// Who asks for tokens, and where.
struct Client {
    declared: OAuth2,
    identity: Fingerprint,
    secret: Trade,
    /// Of the declared TLS files; a `unix_socket` is for the endpoint that is polled.
    sender: Sender,
}

enum Trade {
    Fixed(Secret),
    File(Box<FromFile<Secret>>),
}

static SHARED: Registry<(OAuth2, Tls), Tokens> = Registry::new();

impl Tokens {
    pub(super) fn of(declared: &OAuth2, tls: &Tls) -> Result<Arc<Self>, Invalid> {
        SHARED.get((declared.clone(), tls.clone()), |(declared, tls)| {
            let client = Arc::new(Client::new(declared, tls)?);
            Ok(Self { kept: Kept::new("token", client.shown(), TOKENS), client })
        })
    }

    pub(super) fn identity(&self) -> Fingerprint {
        self.client.identity
    }

    pub(super) async fn present(&self, watcher: &str) -> Result<Presented, Failure> {
        let make = |_| {
            let (client, watcher) = (Arc::clone(&self.client), watcher.to_owned());
            async move { client.token(&watcher).await }.boxed()
        };
        self.kept.get(watcher, make).await
    }

    /// A token that was refused is dropped, unless another one is there already.
    pub(super) fn refused(&self, given: &Presented) {
        self.kept.forget(|known| known.token == given.token);
    }
}

impl Client {
    fn new(declared: &OAuth2, tls: &Tls) -> Result<Self, Invalid> {
        let held = Held::new("http.auth.oauth2.client_secret", &declared.client_secret)?;
        let OAuth2 { token_url, client_id, client_secret: _, scopes, audience, margin: _ } =
            declared;
        let kind = Fingerprint::of(b"oauth2");
        let parts = [token_url.as_str(), client_id, audience.as_deref().unwrap_or_default()];
        let parts = parts.into_iter().chain(scopes.iter().map(String::as_str));
        let identity = parts.fold(kind, |mark, part| Fingerprint::seeded(part.as_bytes(), mark));
        let identity = held.identity(identity);
        let secret = match held {
            Held::Fixed { secret, .. } => Trade::Fixed(secret),
            Held::File(path) => Trade::File(Box::new(FromFile::new("client secret", path))),
        };
        let sender = Sender::new(tls.clone(), None);
        Ok(Self { declared: declared.clone(), identity, secret, sender })
    }

    fn shown(&self) -> String {
        format!("the token endpoint `{}`", redacted(self.declared.token_url.as_str()))
    }

    /// A token. When a secret of a file is refused and the file has another one by now, it is tried again.
    async fn token(&self, watcher: &str) -> Result<Made<Presented>, Failure> {
        let secret = self.secret.get(watcher).await?;
        let asked = self.ask(watcher, &secret).await;
        let refused = asked.as_ref().is_err_and(|failure| failure.kind.is_none());
        if !refused || !self.secret.stale() {
            return asked;
        }
        match self.secret.get(watcher).await? {
            another if another != secret => self.ask(watcher, &another).await,
            _ => asked,
        }
    }

    async fn ask(&self, watcher: &str, secret: &Secret) -> Result<Made<Presented>, Failure> {
        let failed = |error: HttpError| {
            let message = format!("{}: {}", self.shown(), error.message);
            Failure::from(HttpError { message, ..error })
        };
        let client = self.sender.client(watcher).await.map_err(failed)?;
        let headers = self.headers(secret);
        let headers =
            headers.ok_or_else(|| Failure::new(format!("the client secret {UNSENDABLE}")))?;
        let url = &self.declared.token_url;
        let request = Request { method: Method::Post, url, headers, body: Some(self.body()) };
        let begun = Instant::now();
        let answer = transport::send_and_read(&client, request, &LIMITS, |_| true);
        let answer = timeout(WITHIN, answer).await.unwrap_or_else(|_| {
            Err(HttpError::new(
                HttpErrorKind::Timeout,
                format!("no whole answer within {WITHIN:?}"),
            ))
        });
        let answer = answer.inspect_err(|error| self.sender.failed(error)).map_err(failed)?;
        let granted = granted(&answer.response, secret).map_err(|refused| match refused {
            Refused::Failed(error) => failed(error),
            Refused::Said(why) => Failure::new(format!("{} {why}", self.shown())),
        })?;
        let (renew, end) = life(granted.life, self.declared.margin);
        let [renew, end] = [renew, end].map(|after| begun.checked_add(after?));
        // It is another token each hour, and the same client.
        let value = Presented { mark: self.identity, ..granted.presented };
        Ok(Made { value, renew, end })
    }

    /// The client's name and secret are encoded as in a form first (RFC 6749 §2.3.1).
    fn headers(&self, secret: &Secret) -> Option<HeaderMap> {
        let form = Form::Basic { username: encoded(&self.declared.client_id) };
        let authorization = form.present(&Secret::new(encoded(secret.expose())))?.header?;
        let content_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        let accept = HeaderValue::from_static("application/json");
        Some([authorization, (CONTENT_TYPE, content_type), (ACCEPT, accept)].into_iter().collect())
    }

    fn body(&self) -> Bytes {
        let OAuth2 { scopes, audience, .. } = &self.declared;
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if !scopes.is_empty() {
            form.append_pair("scope", &scopes.join(" "));
        }
        if let Some(audience) = audience {
            form.append_pair("audience", audience);
        }
        form.finish().into()
    }
}

impl Trade {
    async fn get(&self, watcher: &str) -> Result<Secret, Failure> {
        match self {
            Self::Fixed(secret) => Ok(secret.clone()),
            Self::File(file) => file.get(watcher, |secret| sendable(&secret).cloned()).await,
        }
    }

    fn stale(&self) -> bool {
        matches!(self, Self::File(file) if file.stale())
    }
}

/// A token, and how long it lives, if that was said.
struct Granted {
    presented: Presented,
    life: Option<Duration>,
}

/// Why there is no token.
enum Refused {
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

/// What the answer of a token endpoint says. What stands in it is never shown but for the words of an error.
fn granted(answer: &Response<Bytes>, secret: &Secret) -> Result<Granted, Refused> {
    let (status, headers) = (answer.status(), answer.headers());
    let said = |why: &str| Refused::Said(format!("answered {}{why}", status.as_u16()));
    if meaning(status) == Meaning::Redirect {
        let message = format!("it answered {}: a redirect is not followed", status.as_u16());
        return Err(Refused::Failed(HttpError::new(HttpErrorKind::Redirect, message)));
    }
    if transient(status) {
        return Err(Refused::Failed(classify::failure(status, headers)));
    }
    if !status.is_success() {
        let failed: Failed = serde_json::from_slice(answer.body()).unwrap_or_default();
        let words = [failed.error, failed.error_description].into_iter().flatten();
        let words: String = words.map(|words| format!(": {}", harmless(&words, secret))).collect();
        return Err(said(&words));
    }
    let success: Success = serde_json::from_slice(answer.body())
        .map_err(|_| said(", and no JSON with an `access_token`"))?;
    let token = Secret::new(success.access_token);
    let kind = success.token_type.unwrap_or_else(|| "bearer".to_owned());
    if !kind.eq_ignore_ascii_case("bearer") {
        return Err(said(" with a token that is no bearer token"));
    }
    let presented = match token.expose() {
        "" => return Err(said(" with an empty token")),
        _ => Form::Bearer.present(&token),
    };
    let presented = presented.ok_or_else(|| said(&format!(": the token {UNSENDABLE}")))?;
    Ok(Granted { presented, life: success.expires_in.as_ref().and_then(seconds) })
}

fn transient(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429)
}

fn seconds(value: &Value) -> Option<Duration> {
    let seconds = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// When a token is renewed, and when it is of no use, from its request on. One that lives no longer than the
/// margin is used for half of its life; one of which nothing is said, until a 401.
fn life(expires_in: Option<Duration>, margin: Duration) -> (Option<Duration>, Option<Duration>) {
    let Some(life) = expires_in else { return (None, None) };
    let renew = life.checked_sub(margin).filter(|left| !left.is_zero());
    (Some(renew.unwrap_or(life / 2)), Some(life))
}

/// The characters that RFC 6749 §5.2 allows, not too many of them, and without the secret.
fn harmless(words: &str, secret: &Secret) -> String {
    let words = words.replace(secret.expose(), "***").replace(&encoded(secret.expose()), "***");
    words.chars().filter(|c| *c == ' ' || c.is_ascii_graphic()).take(MOST_WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Response<Bytes> {
        Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
    }

    fn said(status: u16, body: &str) -> String {
        match granted(&answer(status, body), &Secret::new("s3cr3t&")) {
            Ok(granted) => format!("{:?} {:?}", granted.presented.header.unwrap().1, granted.life),
            Err(Refused::Failed(error)) => format!("{:?}", error.kind),
            Err(Refused::Said(why)) => why,
        }
    }

    #[test]
    fn a_token_is_renewed_before_it_expires() {
        let cases = [
            (Some(3600), 30, (Some(3570), Some(3600))),
            (Some(31), 30, (Some(1), Some(31))),
            (Some(30), 30, (Some(15), Some(30))),
            (Some(10), 30, (Some(5), Some(10))),
            (Some(1), 0, (Some(1), Some(1))),
            (Some(0), 30, (Some(0), Some(0))),
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
            (200, token(r#","expires_in":-1"#), "Sensitive None"),
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
            (403, "<p>".into(), "answered 403"),
            (302, String::new(), "Redirect"),
            (429, String::new(), "Status(429)"),
            (503, token(""), "Status(503)"),
        ];
        for (status, body, expected) in cases {
            assert_eq!(said(status, &body), expected, "{status} {body}");
        }
        let unsendable = said(200, r#"{"access_token":"two\nlines"}"#);
        assert!(unsendable.starts_with("answered 200: the token has a character"), "{unsendable}");
    }
}
