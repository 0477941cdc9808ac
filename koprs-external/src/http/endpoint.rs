//! One endpoint: what is asked, and what the answer says.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::time::{sleep, timeout};
use url::{Origin, Url};

use super::classify::{self, Meaning, meaning};
use super::conditional::Validators;
use super::credential::{Credential, Presented};
use super::head;
use super::kept::Failure;
use super::pacing::Lane;
use super::reach::Reach;
use super::redirect::{self, Road};
use super::retry;
use super::sender::Sender;
use super::transport::{self, Answer, Client, Limits, Request};
use crate::change::{Fingerprint, Missing};
use crate::error::{Asked, DecodeError, ExternalError, HttpError, HttpErrorKind, Result};
use crate::secret::Show;
use crate::spec::timeout::DEFAULT as DEFAULT_TIMEOUT;
use crate::spec::{Body, HttpSpec, Invalid, Method, Tls};
use crate::watcher::Pace;

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
    /// What is known of the value that this URL gave.
    pub(super) known: Option<&'a Validators>,
    /// Whether the credential goes there.
    pub(super) trusted: bool,
    /// Whether it begins a poll.
    pub(super) first: bool,
}

impl Observed {
    /// For how long it stays as it is, as the answer says.
    fn freshness(&self) -> Option<Duration> {
        match self {
            Self::Unchanged(headers) => classify::max_age(headers),
            Self::Content(content) => classify::max_age(&content.headers),
            Self::Missing(_) => None,
        }
    }
}

/// A place to ask, again and again.
pub(super) struct Endpoint {
    sender: Sender,
    /// To other origins, where nobody has to know who we are.
    elsewhere: Sender,
    pub(super) url: Url,
    show: Show,
    method: Method,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Option<Bytes>,
    credential: Credential,
    /// The file of our certificate.
    certificate: Option<PathBuf>,
    /// To the endpoint's own host; made for the first request.
    lane: Option<Lane>,
    /// To other origins, as long as they wish something: nobody else may keep that in mind.
    others: Vec<(Origin, Lane)>,
    /// `None` is the default; a client that is brought may have one of its own.
    pub(super) timeout: Option<Duration>,
    pub(super) retries: u32,
    respect_max_age: bool,
    max_in_flight: usize,
    pub(super) limits: Limits,
    /// What the server wants between polls.
    poll_interval: Option<Duration>,
    /// For how long the last answer is fresh, where that is respected.
    fresh: Option<Duration>,
}

impl Endpoint {
    pub(super) fn new(spec: HttpSpec, reach: &Reach) -> Result<Self, Invalid> {
        let credential = Credential::new(spec.auth.as_ref(), &spec.tls, reach)?;
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
        let certificate = spec.tls.identity.as_ref().map(|(certificate, _)| certificate.clone());
        let elsewhere = Sender::new(reach, Tls { identity: None, ..spec.tls.clone() }, None);
        Ok(Self {
            elsewhere,
            sender: Sender::new(reach, spec.tls, spec.unix_socket),
            url: spec.url,
            show: spec.show,
            method: spec.method,
            headers,
            body: body.map(Bytes::from),
            credential,
            certificate,
            lane: None,
            others: Vec::new(),
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
            fresh: None,
        })
    }

    /// Sends requests by another client, which may carry other credentials.
    pub(super) fn set_client(&mut self, client: Client) {
        self.sender = Sender::Brought(client);
        self.lane = None;
    }

    /// One more header; an `Authorization` takes the place of the one before.
    pub(super) fn add_header(&mut self, name: HeaderName, value: HeaderValue) {
        if name == AUTHORIZATION {
            self.headers.retain(|(known, _)| *known != name);
        }
        self.headers.push((name, value));
        self.lane = None;
    }

    /// The longest of what the server wishes, or the interval.
    pub(super) fn pace(&self) -> Pace {
        let lanes = self.lane.iter().chain(self.others.iter().map(|(_, lane)| lane));
        let lane = lanes.map(Lane::rest).max();
        let wish = [self.poll_interval, self.fresh, lane].into_iter().flatten().max();
        wish.filter(|wish| !wish.is_zero()).map_or(Pace::Interval, Pace::NotBefore)
    }

    /// Asks for the value itself.
    pub(super) async fn observe(
        &mut self,
        watcher: &str,
        known: Option<&Validators>,
    ) -> Result<Observed> {
        self.ask(watcher, Ask { url: None, known, trusted: true, first: true }).await
    }

    /// Asks. After a 401 the credential is read again, and when it is another one, the question is asked
    /// again with it.
    pub(super) async fn ask(&mut self, watcher: &str, ask: Ask<'_>) -> Result<Observed> {
        let first = ask.first;
        // Of a failure nothing stays that says to wait for long.
        let fresh = self.fresh.take().filter(|_| !first);
        let mut given = self.present(watcher, ask.trusted).await?;
        let mut again = false;
        let answered = loop {
            // In boxes of their own: one that is too large for the allocator's cache costs more than three.
            let answered = Box::pin(self.exchange(watcher, &ask, &given)).await;
            let refused = !again && ask.trusted && unauthorized(&answered);
            if !refused || !self.credential.refused(&given) {
                break answered;
            }
            let other = self.present(watcher, true).await?;
            if other.token == given.token {
                break answered;
            }
            (given, again) = (other, true);
        };
        let observed = answered.and_then(|answered| self.read(answered, &ask, &given));
        let observed = observed.map_err(|error| self.error(watcher, error))?;
        self.fresh = match first && self.respect_max_age {
            true => observed.freshness(),
            false => fresh,
        };
        Ok(observed)
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
            let lane = self.lane(ask);
            // First: files are read for it, and nobody waits for a place meanwhile.
            let client = self.sender(ask).client(watcher).await?;
            let permit = lane.enter().await?;
            let answered = timeout(limit, Box::pin(self.follow(&client, ask, given))).await;
            let answered = answered.unwrap_or_else(|_| Err(timed_out(limit)));
            let answered = answered.and_then(|answered| self.heed(answered, ask, &lane));
            let answered = answered.inspect_err(|error| self.sender(ask).failed(error));
            // Not before the server's wish is known: the next one would be sent in spite of it.
            drop(permit);
            let failed = answered.as_ref().err();
            let pause =
                failed.and_then(|failed| retry::pause(tried, most, failed, fastrand::f64()));
            match pause {
                Some(pause) => sleep(pause).await,
                None => return answered,
            }
            tried += 1;
        }
    }

    fn sender(&self, ask: &Ask<'_>) -> &Sender {
        if ask.trusted { &self.sender } else { &self.elsewhere }
    }

    /// The lane to where a question goes. Another origin knows nothing of the credential.
    fn lane(&mut self, ask: &Ask<'_>) -> Lane {
        let most = self.max_in_flight;
        if let Some(url) = ask.url.filter(|_| !ask.trusted) {
            let origin = url.origin();
            self.others.retain(|(known, lane)| *known == origin || !lane.rest().is_zero());
            if let Some((_, lane)) = self.others.iter().find(|(known, _)| *known == origin) {
                return lane.clone();
            }
            let place = self.elsewhere.place(url);
            let lane = Lane::of(place, Some(Fingerprint::default()), most);
            self.others.push((origin, lane.clone()));
            return lane;
        }
        if let Some(lane) = &self.lane {
            return lane.clone();
        }
        let lane = Lane::of(self.sender.place(&self.url), self.identity(), most);
        self.lane.insert(lane).clone()
    }

    /// Whose requests these are, in the eyes of the server. Any header may be a key, and of a client that is
    /// brought nothing is known.
    fn identity(&self) -> Option<Fingerprint> {
        if self.sender.is_brought() {
            return None;
        }
        let headers = self.headers.iter().filter(|(name, _)| !harmless(name));
        let headers = headers.map(|(_, value)| value.as_bytes());
        let userinfo = [self.url.username(), self.url.password().unwrap_or_default()];
        let certificate = self.certificate.iter().map(|path| path.as_os_str().as_encoded_bytes());
        let parts = headers.chain(userinfo.map(str::as_bytes)).chain(certificate);
        // Who has none of them is the same as one at another origin.
        let parts = parts.filter(|part| !part.is_empty());
        Some(parts.fold(self.credential.identity(), |mark, part| Fingerprint::seeded(part, mark)))
    }

    /// The first request of all, with this credential.
    #[cfg(feature = "yaml")]
    pub(super) fn first<'a>(&self, given: &Presented, url: &'a Url) -> Request<'a> {
        let headers = self.headers(given, true);
        Request { method: self.method, url, headers, body: self.body.clone() }
    }

    /// Takes note of what the server wishes, and makes a failure of an answer that is one.
    fn heed(
        &mut self,
        answered: Answered,
        ask: &Ask<'_>,
        lane: &Lane,
    ) -> Result<Answered, HttpError> {
        let head = &answered.answer.response;
        let (status, headers) = (head.status(), head.headers());
        let wish = classify::poll_interval(headers);
        if !ask.first {
            self.poll_interval = self.poll_interval.max(wish);
        } else if wish.is_some() || meaning(status) != Meaning::Failure {
            self.poll_interval = wish;
        }
        let from = answered.answer.url.as_deref();
        if let Some(wait) = classify::rate_limit(status, headers)
            && from.is_none_or(|from| from.origin() == self.url(ask).origin())
        {
            lane.told(wait);
        }
        if meaning(status) != Meaning::Failure || status == StatusCode::UNAUTHORIZED {
            return Ok(answered);
        }
        let mut error = classify::failure(status, headers);
        if status == StatusCode::BAD_REQUEST && self.sender.has_files() {
            // As nginx does: the handshake succeeds all the same.
            error.message += ": some servers say so where they want a certificate of ours, or another one (`tls`)";
        }
        Err(redirected(error, from, self.show))
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
            show: self.show,
        };
        let mut to: Option<Url> = None;
        for _ in 0..=self.limits.redirects {
            let known = ask.known.filter(|_| self.method != Method::Post);
            let known = known.filter(|known| known.given_for == given.mark);
            let mut headers = self.headers(given, ask.trusted);
            let conditional = known.is_some_and(|known| known.write(to.as_ref(), &mut headers));
            let url = to.as_ref().map(|to| self.with_userinfo(to, ask.trusted));
            let url = url.as_ref().unwrap_or(self.url(ask));
            let url = match ask.trusted {
                true => given.url(url),
                false => self.credential.kept_out_of(url),
            };
            let body = self.body.clone().filter(|_| ask.trusted);
            let request = Request { method: self.method, url: &url, headers, body };
            let answer = transport::send(client, request, &self.limits).await;
            let mut answer = answer.map_err(|error| redirected(error, to.as_ref(), self.show))?;
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
        let (parts, body) = answer.response.into_parts();
        let from = answer.url.filter(|url| !transport::same(url, self.url(ask)));
        match meaning(parts.status) {
            Meaning::Content => {
                let validators = Validators::of(&parts.headers, from.clone(), given.mark);
                let (status, mut headers) = (parts.status, parts.headers);
                let body = match self.method {
                    Method::Head => head::value(&headers)?,
                    Method::Get | Method::Post => body,
                };
                if self.method == Method::Head {
                    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                }
                Ok(Observed::Content(Content { status, headers, body, from, validators }.into()))
            }
            Meaning::NotModified => match ask.known {
                Some(known) if conditional && known.are_of(from.as_deref()) => {
                    Ok(Observed::Unchanged(parts.headers))
                }
                _ => Err(unexpected_not_modified()),
            },
            Meaning::Missing(missing) => Ok(Observed::Missing(missing)),
            Meaning::Redirect => Err(redirect::too_many(self.limits.redirects)),
            Meaning::Failure => {
                let error = classify::failure(parts.status, &parts.headers);
                Err(redirected(error, from.as_deref(), self.show))
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

/// What says what is wanted, and not by whom.
fn harmless(name: &HeaderName) -> bool {
    [ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, USER_AGENT].contains(name)
}

impl Endpoint {
    /// As a URL may stand in a message.
    pub(super) fn shown(&self, url: &Url) -> String {
        self.show.url(url)
    }

    pub(super) fn asked(&self, watcher: &str) -> Box<Asked> {
        Box::new(Asked { watcher: watcher.to_owned(), url: self.shown(&self.url) })
    }

    pub(super) fn error(&self, watcher: &str, error: HttpError) -> ExternalError {
        ExternalError::Http(HttpError { asked: Some(self.asked(watcher)), ..error })
    }

    /// A content that could not be read.
    pub(super) fn undecoded(&self, watcher: &str, error: DecodeError) -> ExternalError {
        ExternalError::Decode(DecodeError { asked: Some(self.asked(watcher)), ..error })
    }
}

/// Says where a request ended that began elsewhere.
fn redirected(mut error: HttpError, to: Option<&Url>, show: Show) -> HttpError {
    if let Some(to) = to {
        error.message += &format!(" (redirected to `{}`)", show.url(to));
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
