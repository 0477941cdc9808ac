//! OAuth 2.0 client credentials (RFC 6749 §4.4): a secret is traded for a token, which is sent as a bearer.
//!
//! All watchers of the process with the same declaration share one token. It is renewed before it expires,
//! and after a refusal, by one request however many ask. It outlives its watchers for up to an hour, and so does the
//! delay that a token endpoint asked for: a watcher that restarts begins where it was.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use tokio::time::{Instant, timeout};
use url::form_urlencoded::Serializer;

use super::Presented;
use super::form::{Form, UNSENDABLE, sendable};
use super::grant::{Refused, granted, life};
use super::secret::{FromFile, Held};
use crate::change::Fingerprint;
use crate::error::{HttpError, HttpErrorKind};
use crate::http::classify::Refusal;
use crate::http::kept::{Failure, Kept, Made, Rules};
use crate::http::query::encoded;
use crate::http::reach::Reach;
use crate::http::registry::Registry;
use crate::http::sender::Sender;
use crate::http::transport::{self, Limits, Request};
use crate::printable::printable;
use crate::secret::{Redactor, Secret};
use crate::spec::fixed::TOKEN_ANSWER;
use crate::spec::{Invalid, Method, OAuth2, Tls};

/// The time for one request to the token endpoint.
const WITHIN: Duration = Duration::from_secs(10);
const LIMITS: Limits =
    Limits { body: TOKEN_ANSWER, headers: 64 * 1024, redirects: 0, budget: None };
/// A token endpoint that fails is left alone for a second, or as long as it asks.
const TOKENS: Rules = Rules {
    patience: Duration::MAX,
    abandon: Duration::from_secs(20),
    hold: Duration::from_secs(1),
};

/// After a 403, which may mean something else, a token is renewed at most so often.
const AFTER_FORBIDDEN: Duration = Duration::from_secs(60);
/// A token that nobody has used for so long is dropped with its secrets.
const IDLE: Duration = Duration::from_secs(3600);
/// How many are kept that no watcher has.
const MOST_IDLE: usize = 1000;

/// The tokens of one declaration, in the hands of a watcher.
pub(super) struct Tokens(Arc<Shared>);

struct Shared {
    client: Arc<Client>,
    kept: Kept<Presented>,
    is_guarded: bool,
    times: Mutex<Times>,
}

struct Times {
    /// When a token was last asked for.
    used: Instant,
    /// When one was last renewed because of a 403.
    forbidden: Option<Instant>,
}

/// Who asks for tokens, and where.
struct Client {
    declared: OAuth2,
    identity: Fingerprint,
    secret: Trade,
    /// Of the declared TLS files; a `unix_socket` is for the endpoint that is polled.
    sender: Sender,
    redactor: Redactor,
}

enum Trade {
    Fixed(Secret),
    File(Box<FromFile<Secret>>),
}

static SHARED: Registry<(OAuth2, Tls, bool), Shared> = Registry::new();

/// What no watcher has at the moment; that of the untrusted apart, so that it evicts nothing else.
static IDLERS: [Mutex<Vec<Arc<Shared>>>; 2] = [Mutex::new(Vec::new()), Mutex::new(Vec::new())];

impl Tokens {
    /// What is guarded shares no token with what is not.
    pub(super) fn of(declared: &OAuth2, tls: &Tls, reach: &Reach) -> Result<Self, Invalid> {
        let is_guarded = matches!(reach, Reach::Guarded(_));
        // First, so that none is taken up that is due to be dropped.
        Shared::tidy(is_guarded, None);
        let shared =
            SHARED.get((declared.clone(), tls.clone(), is_guarded), |(declared, tls, _)| {
                let client = Arc::new(Client::new(declared, tls, reach)?);
                let times = Mutex::new(Times { used: Instant::now(), forbidden: None });
                let kept = Kept::new("token", client.shown(), TOKENS);
                Ok(Shared { kept, client, is_guarded, times })
            });
        shared.map(Self)
    }

    pub(super) fn identity(&self) -> Fingerprint {
        self.0.client.identity
    }

    /// A token, and not the one that was refused to this watcher, unless the token endpoint gives just that again.
    /// It may still be good for others: they go on with it while there is no other.
    pub(super) async fn present(
        &self,
        watcher: &str,
        refused: Option<Fingerprint>,
    ) -> Result<Presented, Failure> {
        let shared = &self.0;
        shared.times().used = Instant::now();
        let make = |_| {
            let (client, watcher) = (Arc::clone(&shared.client), watcher.to_owned());
            async move { client.token(&watcher).await }.boxed()
        };
        let presented = shared.kept.get(watcher, |known| Some(known.token) != refused, make).await;
        presented.map_err(|failure| match refused {
            Some(_) => {
                let message = format!(
                    "{}; the last token was refused, and is not sent again",
                    failure.message
                );
                Failure { message, ..failure }
            }
            None => failure,
        })
    }

    /// A token that was refused is renewed, unless another one is there already. Returns whether there may be
    /// another one.
    pub(super) fn refused(&self, given: &Presented, refusal: Refusal) -> bool {
        let stale = || {
            let mut is_it = false;
            let had_one = self.0.kept.stale(|known| {
                is_it = known.token == given.token;
                is_it
            });
            (had_one, is_it)
        };
        if refusal == Refusal::Invalid {
            return stale().0;
        }
        let mut times = self.0.times();
        if times.forbidden.is_some_and(|last| last.elapsed() < AFTER_FORBIDDEN) {
            // The renewal may have failed so far.
            return self.0.kept.is_stale(|known| known.token == given.token);
        }
        let (had_one, is_it) = stale();
        if is_it {
            times.forbidden = Some(Instant::now());
        }
        had_one
    }
}

/// Its last watcher may be gone.
impl Drop for Tokens {
    fn drop(&mut self) {
        Shared::tidy(self.0.is_guarded, Some(&self.0));
    }
}

impl Shared {
    fn times(&self) -> MutexGuard<'_, Times> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until when it is worth keeping though nobody asks for it.
    fn worth_until(&self) -> Instant {
        let idle = self.times().used + IDLE;
        self.kept.known_until().map_or(idle, |known| known.min(idle))
    }

    /// Puts one with the idle ones, and drops those that are over or in use again.
    fn tidy(is_guarded: bool, idle: Option<&Arc<Self>>) {
        let [open, guarded] = &IDLERS;
        let idlers = if is_guarded { guarded } else { open };
        let mut idlers = idlers.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        idlers.retain(|it| Arc::strong_count(it) == 1 && it.worth_until() > now);
        if let Some(idle) = idle.filter(|it| it.worth_until() > now) {
            idlers.push(Arc::clone(idle));
        }
        if idlers.len() > MOST_IDLE
            && let Some((first, _)) =
                idlers.iter().enumerate().min_by_key(|(_, it)| it.worth_until())
        {
            idlers.swap_remove(first);
        }
    }
}

/// What may be secret of a declaration beside the client secret. Nobody needs to read the query of such a URL.
fn token_secrets(declared: &OAuth2) -> Vec<Secret> {
    let url = &declared.token_url;
    let query = url.query_pairs().map(|(_, value)| Secret::new(value));
    super::url_secrets(url)
        .into_iter()
        .chain(query)
        .chain(declared.secrets.iter().cloned())
        .collect()
}

impl Client {
    fn new(declared: &OAuth2, tls: &Tls, reach: &Reach) -> Result<Self, Invalid> {
        let held = Held::new("http.auth.oauth2.client_secret", &declared.client_secret)?;
        let OAuth2 { token_url, client_id, scopes, audience, .. } = declared;
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
        let redactor = reach.redactor();
        if let Trade::Fixed(secret) = &secret {
            redactor.declare(secret);
        }
        let beside = token_secrets(declared);
        beside.iter().for_each(|secret| redactor.declare(secret));
        Ok(Self { declared: declared.clone(), identity, secret, sender, redactor })
    }

    fn shown(&self) -> String {
        let url = self.redactor.url(self.declared.show, &self.declared.token_url);
        format!("the token endpoint `{}`", printable(&url))
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
            let message = format!("{}: {}", self.shown(), self.redactor.redact(&error.message));
            Failure::from(HttpError { message, ..error })
        };
        let client = self.sender.client(watcher).await.map_err(failed)?;
        let headers = self.headers(secret);
        let headers =
            headers.ok_or_else(|| Failure::new(format!("the client secret {UNSENDABLE}")))?;
        let url = &self.declared.token_url;
        let begun = Instant::now();
        let (method, body, until) = (Method::Post, Some(self.body()), begun.checked_add(WITHIN));
        let request = Request { method, url, headers, body, watcher, until };
        let answer = transport::send_and_read(&client, request, &LIMITS, |_| true);
        let answer = timeout(WITHIN, answer).await.unwrap_or_else(|_| {
            Err(HttpError::new(
                HttpErrorKind::Timeout,
                format!("no whole answer within {WITHIN:?}"),
            ))
        });
        let answer = answer.inspect_err(|error| self.sender.failed(error)).map_err(failed)?;
        let granted =
            granted(&answer.response, &self.redactor).map_err(|refused| match refused {
                Refused::Failed(error) => failed(error),
                Refused::Said(why) => Failure::new(format!("{} {why}", self.shown())),
            })?;
        let (renew, end) = life(granted.life, self.declared.margin);
        let [renew, end] = [renew, end].map(|after| begun.checked_add(after?));
        granted.presented.secrets().iter().for_each(|token| self.redactor.learn(token));
        // It is another token each hour, and the same client.
        let value = Presented { mark: self.identity, ..granted.presented };
        Ok(Made { value, renew, end })
    }

    /// The client's name and secret are encoded as in a form first (RFC 6749 §2.3.1).
    fn headers(&self, secret: &Secret) -> Option<HeaderMap> {
        let form = Form::Basic { username: encoded(&self.declared.client_id) };
        let presented = form.present(&Secret::new(encoded(secret.expose())))?;
        presented.secrets().iter().for_each(|sent| self.redactor.learn(sent));
        self.redactor.learn(secret);
        let authorization = presented.header?;
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
