//! OAuth 2.0 client credentials (RFC 6749 §4.4): a secret is traded for a token, which is sent as a bearer.
//!
//! All watchers of the process with the same declaration share one token. It is renewed before it expires,
//! and after a 401 to it, by one request however many ask.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use tokio::time::{Instant, timeout};
use url::form_urlencoded::Serializer;

use super::Presented;
use super::form::{Form, UNSENDABLE, sendable};
use super::grant::{Refused, granted, life};
use super::secret::{FromFile, Held};
use crate::change::Fingerprint;
use crate::error::{HttpError, HttpErrorKind};
use crate::http::kept::{Failure, Kept, Made, Rules};
use crate::http::query::encoded;
use crate::http::reach::Reach;
use crate::http::registry::Registry;
use crate::http::sender::Sender;
use crate::http::transport::{self, Limits, Request};
use crate::secret::Secret;
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

static SHARED: Registry<(OAuth2, Tls, bool), Tokens> = Registry::new();

impl Tokens {
    /// What is guarded shares no token with what is not.
    pub(super) fn of(declared: &OAuth2, tls: &Tls, reach: &Reach) -> Result<Arc<Self>, Invalid> {
        let is_guarded = matches!(reach, Reach::Guarded(_));
        SHARED.get((declared.clone(), tls.clone(), is_guarded), |(declared, tls, _)| {
            let client = Arc::new(Client::new(declared, tls, reach)?);
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

    /// A token that was refused is renewed, unless another one is there already. While there is no other it
    /// stays: it was refused to one watcher, and may be good for the rest.
    pub(super) fn refused(&self, given: &Presented) -> bool {
        self.kept.stale(|known| known.token == given.token)
    }
}

impl Client {
    fn new(declared: &OAuth2, tls: &Tls, reach: &Reach) -> Result<Self, Invalid> {
        let held = Held::new("http.auth.oauth2.client_secret", &declared.client_secret)?;
        let OAuth2 { token_url, show: _, client_id, client_secret: _, scopes, audience, margin: _ } =
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
        let sender = Sender::new(reach, tls.clone(), None);
        Ok(Self { declared: declared.clone(), identity, secret, sender })
    }

    fn shown(&self) -> String {
        format!("the token endpoint `{}`", self.declared.show.url(&self.declared.token_url))
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
        let sent = headers.get(AUTHORIZATION).and_then(|sent| sent.to_str().ok());
        let pair =
            Secret::new(sent.and_then(|sent| sent.strip_prefix("Basic ")).unwrap_or_default());
        let secrets = [pair, secret.clone(), Secret::new(encoded(secret.expose()))];
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
        let granted = granted(&answer.response, &secrets).map_err(|refused| match refused {
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
