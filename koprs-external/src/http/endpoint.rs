//! One endpoint: what is asked, and what the answer says.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, COOKIE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::time::{sleep, timeout};
use url::Url;

use super::classify::{self, Meaning, meaning};
use super::conditional::Validators;
use super::credential::{Credential, Presented};
use super::kept::Failure;
use super::pacing::Lane;
use super::redirect::{self, Road};
use super::retry;
use super::sender::Sender;
use super::transport::{self, Answer, Client, Limits, Request};
use crate::change::{Fingerprint, Missing};
use crate::error::{Asked, ExternalError, HttpError, HttpErrorKind, Result};
use crate::secret::redacted;
use crate::spec::timeout::DEFAULT as DEFAULT_TIMEOUT;
use crate::spec::{Body, HttpSpec, Invalid, Method};

/// What an endpoint says of its value.
pub(super) enum Observed {
    /// It is what it was. The headers may renew its validators.
    Unchanged(HeaderMap),
    /// It is this.
    Content(Box<Content>),
    /// It is not there.
    Missing(Missing),
}

/// A value as it came.
pub(crate) struct Content {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The URL that gave it, if not the one that was asked.
    pub(super) from: Option<Box<Url>>,
    pub(super) validators: Validators,
}

/// One question.
pub(super) struct Ask<'a> {
    /// `None` is the endpoint's own.
    pub(super) url: Option<&'a Url>,
    /// Sent with a POST; `None` is the endpoint's own.
    pub(super) body: Option<&'a Bytes>,
    /// What is known of the value that this URL gave.
    pub(super) known: Option<&'a Validators>,
    /// Whether the credential goes there.
    pub(super) trusted: bool,
}

/// A place to ask, again and again.
pub(super) struct Endpoint {
    sender: Sender,
    pub(super) url: Url,
    method: Method,
    headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Option<Bytes>,
    credential: Credential,
    lane: Option<Lane>,
    /// `None` is the default; a client that is brought may have one of its own.
    pub(super) timeout: Option<Duration>,
    retries: u32,
    respect_max_age: bool,
    max_in_flight: usize,
    pub(super) limits: Limits,
    /// What the server wants between polls.
    pub(super) poll_interval: Option<Duration>,
}

impl Endpoint {
    pub(super) fn new(spec: HttpSpec) -> Result<Self, Invalid> {
        let credential = Credential::new(spec.auth.as_ref(), &spec.tls)?;
        let mut headers = spec.headers;
        let (body, content_type) = match spec.body {
            None => (None, None),
            Some(Body::Json(text)) => (Some(text), Some("application/json")),
            Some(Body::Text(text)) => (Some(text), Some("text/plain; charset=utf-8")),
        };
        if let Some(content_type) = content_type
            && !headers.iter().any(|(name, _)| name == CONTENT_TYPE)
        {
            headers.push((CONTENT_TYPE, HeaderValue::from_static(content_type)));
        }
        Ok(Self {
            sender: Sender::new(spec.tls, spec.unix_socket),
            url: spec.url,
            method: spec.method,
            headers,
            body: body.map(Bytes::from),
            credential,
            lane: None,
            timeout: Some(spec.timeout),
            retries: spec.retries,
            respect_max_age: spec.respect_max_age,
            max_in_flight: spec.max_in_flight,
            limits: Limits {
                body: spec.body_limit,
                headers: spec.header_limit,
                redirects: spec.redirect_limit,
            },
            poll_interval: None,
        })
    }

    /// Sends requests by another client, which may carry other credentials.
    pub(super) fn set_client(&mut self, client: Client) {
        self.sender = Sender::Brought(client);
    }

    /// One more header; an `Authorization` takes the place of the one before.
    pub(super) fn add_header(&mut self, name: HeaderName, value: HeaderValue) {
        if name == AUTHORIZATION {
            self.headers.retain(|(known, _)| *known != name);
        }
        self.headers.push((name, value));
    }

    pub(super) fn method(&self) -> Method {
        self.method
    }

    /// Asks for the value itself.
    pub(super) async fn observe(
        &mut self,
        watcher: &str,
        known: Option<&Validators>,
    ) -> Result<Observed> {
        self.ask(watcher, Ask { url: None, body: None, known, trusted: true }).await
    }

    /// Asks. After a 401 the credential is read again, and when it is another one, the question is asked
    /// again with it.
    pub(super) async fn ask(&mut self, watcher: &str, ask: Ask<'_>) -> Result<Observed> {
        let mut given = self.present(watcher, ask.trusted).await?;
        let mut answered = self.exchange(watcher, &ask, &given).await;
        if unauthorized(&answered) && ask.trusted && self.credential.refused(&given) {
            let again = self.present(watcher, true).await?;
            if again.token != given.token {
                given = again;
                answered = self.exchange(watcher, &ask, &given).await;
            }
        }
        let observed = answered.and_then(|answered| self.read(answered, &ask, &given));
        observed.map_err(|error| self.error(watcher, error))
    }

    async fn present(&self, watcher: &str, trusted: bool) -> Result<Presented> {
        if !trusted {
            return Ok(Presented::none());
        }
        self.credential.present(watcher).await.map_err(|Failure { kind, message, retry_after }| {
            match kind {
                Some(kind) => {
                    let error = HttpError { retry_after, ..HttpError::new(kind, message) };
                    self.error(watcher, error)
                }
                None => ExternalError::Credential { watcher: watcher.to_owned(), message },
            }
        })
    }

    /// Sends the request, again where it failed by itself.
    async fn exchange(
        &mut self,
        watcher: &str,
        ask: &Ask<'_>,
        given: &Presented,
    ) -> Result<Answered, HttpError> {
        let limit = self.limit();
        let most = if self.method == Method::Post { 0 } else { self.retries };
        let mut tried = 0;
        loop {
            let client = self.sender.client(watcher).await?;
            let lane = self.lane.get_or_insert_with(|| {
                let credential = identity(&self.url, &self.headers, &self.credential);
                Lane::of(&self.url, credential, self.max_in_flight)
            });
            let permit = lane.enter().await?;
            let answered = timeout(limit, self.follow(&client, ask, given)).await;
            drop(permit);
            let answered = answered.unwrap_or_else(|_| Err(timed_out(limit)));
            let answered = answered.inspect_err(|error| self.sender.failed(error));
            let answered = answered.and_then(|answered| self.heed(answered, ask.url.is_none()));
            let pause =
                answered.as_ref().err().and_then(|failed| retry::pause(tried, most, failed));
            match pause {
                Some(pause) => sleep(pause).await,
                None => return answered,
            }
            tried += 1;
        }
    }

    /// Takes note of what the server wishes, and makes a failure of an answer that is one.
    fn heed(&mut self, answered: Answered, first: bool) -> Result<Answered, HttpError> {
        let head = &answered.answer.response;
        let (status, headers) = (head.status(), head.headers());
        let wish = classify::poll_interval(headers);
        if !first {
            self.poll_interval = self.poll_interval.max(wish);
        } else if wish.is_some() || meaning(status) != Meaning::Failure {
            self.poll_interval = wish;
        }
        if let Some(wait) = classify::rate_limit(status, headers)
            && let Some(lane) = &self.lane
        {
            lane.told(wait);
        }
        if meaning(status) != Meaning::Failure || status == StatusCode::UNAUTHORIZED {
            return Ok(answered);
        }
        let error = classify::failure(status, headers);
        Err(redirected(error, answered.answer.url.as_deref()))
    }

    /// The time for a request. A client that is brought may have a timeout of its own, and no other is set
    /// to it by default.
    fn limit(&self) -> Duration {
        let default = if self.sender.is_brought() { Duration::MAX } else { DEFAULT_TIMEOUT };
        self.timeout.unwrap_or(default)
    }

    /// Sends the request and follows redirects. Says whether the last one was conditional.
    async fn follow(
        &self,
        client: &Client,
        ask: &Ask<'_>,
        given: &Presented,
    ) -> Result<Answered, HttpError> {
        let road = Road {
            credentials: ask.trusted && self.carries_credentials(),
            keeps_method: self.method == Method::Post,
        };
        let mut to: Option<Url> = None;
        for _ in 0..=self.limits.redirects {
            let known = ask.known.filter(|_| self.method != Method::Post);
            let known = known.filter(|known| known.given_for == given.mark);
            let mut headers = self.headers(given, ask.trusted);
            let conditional = known.is_some_and(|known| known.write(to.as_ref(), &mut headers));
            let url = to.as_ref().map(|to| self.with_userinfo(to, ask.trusted));
            let url = given.url(url.as_ref().unwrap_or(self.url(ask)));
            let body = ask.body.or(self.body.as_ref()).cloned();
            let request = Request { method: self.method, url: &url, headers, body };
            let answer = transport::send(client, request, &self.limits).await;
            let mut answer = answer.map_err(|error| redirected(error, to.as_ref()))?;
            if meaning(answer.response.status()) != Meaning::Redirect {
                answer.url = answer.url.or_else(|| to.map(Box::new));
                return Ok(Answered { answer, conditional });
            }
            let from = answer.url.as_deref().unwrap_or(to.as_ref().unwrap_or(self.url(ask)));
            to = Some(redirect::next(from, &answer.response, road)?);
        }
        Err(redirect::too_many(self.limits.redirects))
    }

    fn url<'a>(&'a self, ask: &Ask<'a>) -> &'a Url {
        ask.url.unwrap_or(&self.url)
    }

    /// Where there is userinfo, redirects stay within the origin.
    fn with_userinfo(&self, to: &Url, trusted: bool) -> Url {
        let (username, password) = match trusted {
            true => (self.url.username(), self.url.password()),
            false => ("", None),
        };
        redirect::with_userinfo(to.clone(), username, password)
    }

    /// The headers of a request. To an origin that is not trusted go only those that say what is wanted.
    fn headers(&self, given: &Presented, trusted: bool) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(self.headers.len() + 4);
        for (name, value) in self.headers.iter().filter(|(name, _)| trusted || harmless(name)) {
            headers.append(name.clone(), value.clone());
        }
        if let Some((name, value)) = &given.header {
            headers.insert(name.clone(), value.clone());
        }
        headers
    }

    /// Whether the request has something that only this origin may see: any header may be a key, and a
    /// client that is brought may add some.
    fn carries_credentials(&self) -> bool {
        self.credential.is_some()
            || self.sender.has_identity()
            || !self.url.username().is_empty()
            || self.url.password().is_some()
            || self.headers.iter().any(|(name, _)| !harmless(name))
    }

    fn read(
        &mut self,
        answered: Answered,
        ask: &Ask<'_>,
        given: &Presented,
    ) -> Result<Observed, HttpError> {
        let Answered { answer, conditional } = answered;
        let (head, body) = answer.response.into_parts();
        let from = answer.url.filter(|url| !transport::same(url, self.url(ask)));
        match meaning(head.status) {
            Meaning::Content => {
                let validators = Validators::of(&head.headers, from.clone(), given.mark);
                let (status, headers) = (head.status, head.headers);
                Ok(Observed::Content(Content { status, headers, body, from, validators }.into()))
            }
            Meaning::NotModified => match ask.known {
                Some(known) if conditional && known.are_of(from.as_deref()) => {
                    Ok(Observed::Unchanged(head.headers))
                }
                _ => Err(unexpected_not_modified()),
            },
            Meaning::Missing(missing) => Ok(Observed::Missing(missing)),
            Meaning::Redirect => Err(redirect::too_many(self.limits.redirects)),
            Meaning::Failure => {
                let error = classify::failure(head.status, &head.headers);
                Err(redirected(error, from.as_deref()))
            }
        }
    }
}

/// An answer that came, and whether it was asked for under a condition.
struct Answered {
    answer: Answer,
    conditional: bool,
}

fn unauthorized(answered: &Result<Answered, HttpError>) -> bool {
    let status = answered.as_ref().map(|answered| answered.answer.response.status());
    matches!(status, Ok(StatusCode::UNAUTHORIZED))
}

/// Whose requests these are, in the eyes of the server.
fn identity(
    url: &Url,
    headers: &[(HeaderName, HeaderValue)],
    credential: &Credential,
) -> Fingerprint {
    let secret = headers.iter().filter(|(name, _)| [AUTHORIZATION, COOKIE].contains(name));
    let secret = secret.map(|(_, value)| value.as_bytes());
    let userinfo = [url.username(), url.password().unwrap_or_default()].map(str::as_bytes);
    let mark = credential.identity();
    secret.chain(userinfo).fold(mark, |mark, part| Fingerprint::seeded(part, mark))
}

/// What says what is wanted, and not by whom.
fn harmless(name: &HeaderName) -> bool {
    [ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, USER_AGENT].contains(name)
}

impl Endpoint {
    pub(super) fn asked(&self, watcher: &str) -> Box<Asked> {
        Box::new(Asked { watcher: watcher.to_owned(), url: redacted(self.url.as_str()) })
    }

    pub(super) fn error(&self, watcher: &str, error: HttpError) -> ExternalError {
        ExternalError::Http(HttpError { asked: Some(self.asked(watcher)), ..error })
    }
}

/// Says where a request ended that began elsewhere.
fn redirected(mut error: HttpError, to: Option<&Url>) -> HttpError {
    if let Some(to) = to {
        error.message += &format!(" (redirected to `{}`)", redacted(to.as_str()));
    }
    error
}

fn timed_out(timeout: Duration) -> HttpError {
    let message = format!("no whole answer within `timeout`, {timeout:?}");
    HttpError::new(HttpErrorKind::Timeout, message)
}

fn unexpected_not_modified() -> HttpError {
    let message = "the server answered 304, and there is nothing to compare with";
    HttpError::new(HttpErrorKind::UnexpectedNotModified, message)
}
