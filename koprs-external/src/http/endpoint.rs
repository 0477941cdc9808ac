//! One endpoint: what is asked, and what the answer says.

mod answer;
mod request;
mod secrets;

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::time::{Instant, sleep, timeout};
use url::{Origin, Url};

use self::request::harmless;
use self::secrets::{declared_secrets, header_secret};
use super::classify::{self, Refusal};
use super::conditional::Validators;
use super::credential::{Credential, Presented};
use super::kept::Failure;
use super::pacing::Lane;
use super::query;
use super::reach::Reach;
use super::retry;
use super::sender::Sender;
use super::transport::{Answer, Client, Limits};
use crate::change::{Fingerprint, Missing};
use crate::error::{Asked, DecodeError, ExternalError, HttpError, HttpErrorKind, Result};
use crate::printable::printable;
use crate::secret::{Redactor, Secret, Show};
use crate::spec::{Body, HttpSpec, Invalid, Method, Tls, header};
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

/// A shorter value that was brought into a URL may stand in any other.
const SHORTEST_KEPT: usize = 8;

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
    /// The poll that is under way, if it makes several requests.
    walk: Option<Walk>,
    /// The credential that was refused last, until another one is accepted. A token that was refused is not sent
    /// again while no other can be had; after a 403, which may be about something else, only if the token endpoint
    /// then asked for a pause.
    refused: Option<Fingerprint>,
    /// For how long the last answer is fresh, where that is respected.
    fresh: Option<Duration>,
    redactor: Redactor,
    /// What variables and parameters brought into the URL. It goes to no other origin.
    secrets: Box<[Secret]>,
    /// The credential of which the redactor knows.
    presented: Fingerprint,
}

impl Endpoint {
    pub(super) fn new(spec: HttpSpec, reach: &Reach) -> Result<Self, Invalid> {
        let redactor = reach.redactor();
        declared_secrets(&spec).iter().for_each(|secret| redactor.declare(secret));
        let brought = spec.secrets.iter().filter(|it| it.expose().len() >= SHORTEST_KEPT);
        let brought = brought.filter(|it| query::repeats(&[Secret::clone(it)], &spec.url));
        let brought = brought.cloned().collect();
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
                budget: None,
            },
            poll_interval: None,
            walk: None,
            refused: None,
            fresh: None,
            redactor,
            secrets: brought,
            presented: Fingerprint::default(),
        })
    }

    /// Sends requests by another client, which may carry other credentials.
    pub(super) fn set_client(&mut self, client: Client) {
        self.sender = Sender::Brought(client);
        self.lane = None;
    }

    /// One more header; an `Authorization` takes the place of the one before.
    pub(super) fn add_header(
        &mut self,
        name: HeaderName,
        value: HeaderValue,
    ) -> Result<(), Invalid> {
        header_secret(&name, &value).iter().for_each(|secret| self.redactor.declare(secret));
        if name == AUTHORIZATION {
            self.headers.retain(|(known, _)| *known != name);
        }
        header::has_room(&self.headers, &name, &value)?;
        self.headers.push((name, value));
        self.lane = None;
        Ok(())
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

    /// Begins a poll that makes several requests, within this time.
    pub(super) fn begin_walk(&mut self, deadline: Duration) {
        self.walk = Some(Walk { began: Instant::now(), deadline, has_answers: false });
    }

    /// Asks. In the middle of a walk, a server that asks to wait is asked again after that, if the poll lasts so
    /// long: what was walked so far is not lost.
    pub(super) async fn ask(&mut self, watcher: &str, ask: Ask<'_>) -> Result<Observed> {
        // Of a failure nothing stays that says to wait for long.
        let fresh = self.fresh.take().filter(|_| !ask.first);
        let mut refused = 0;
        let observed = loop {
            let asked = self.ask_once(watcher, &ask).await;
            let wait = asked.as_ref().err().and_then(|error| self.wait_in_walk(refused, error));
            let Some(wait) = wait else { break asked? };
            tracing::debug!(
                source = %printable(watcher),
                ?wait,
                "waiting before the next page, as the server asks"
            );
            sleep(wait).await;
            refused += 1;
        };
        if let Some(walk) = &mut self.walk {
            walk.has_answers = true;
        }
        self.fresh = match ask.first && self.respect_max_age {
            true => observed.freshness(),
            false => fresh,
        };
        Ok(observed)
    }

    /// How long to wait before a page is asked for again.
    fn wait_in_walk(&self, refused: u32, failed: &ExternalError) -> Option<Duration> {
        let walk = self.walk.as_ref().filter(|walk| walk.has_answers)?;
        let left = walk.deadline.saturating_sub(walk.began.elapsed());
        retry::wait_in_walk(refused, failed, left, fastrand::f64())
    }

    /// Asks once. After a refusal of the credential it is read again, or another token asked for; if it is another
    /// one, the question is asked again with it.
    async fn ask_once(&mut self, watcher: &str, ask: &Ask<'_>) -> Result<Observed> {
        let mut given = self.present(watcher, ask.trusted).await?;
        self.learn(&given);
        let mut again = self.refused.is_some_and(|refused| refused != given.token);
        let answered = loop {
            // In boxes of their own: one that is too large for the allocator's cache costs more than three.
            let answered = Box::pin(self.exchange(watcher, ask, &given)).await;
            let refusal = match &answered {
                Err(failed) => failed.refusal.filter(|_| ask.trusted),
                Ok(_) => None,
            };
            match refusal {
                Some(Refusal::Invalid) => self.refused = Some(given.token),
                // It may be about something else, so the token is sent again unless a pause follows.
                Some(Refusal::Forbidden) => self.refused = None,
                None if ask.trusted && answered.is_ok() => self.refused = None,
                None => {}
            }
            let Some(refusal) = refusal.filter(|_| !again) else { break answered };
            if !self.credential.refused(&given, refusal) {
                break answered;
            }
            self.refused = Some(given.token);
            let other = self.present(watcher, true).await;
            let is_pause = other.as_ref().is_err_and(|error| error.retry_after().is_some());
            let is_same = other.as_ref().is_ok_and(|other| other.token == given.token);
            if refusal == Refusal::Forbidden && (is_same || (other.is_err() && !is_pause)) {
                self.refused = None;
                break answered;
            }
            let other = other?;
            if is_same {
                break answered;
            }
            self.learn(&other);
            (given, again) = (other, true);
        };
        let answered = answered.map_err(|failed| failed.error);
        let observed = answered.and_then(|answered| self.read(answered, ask, &given));
        observed.map_err(|error| self.error(watcher, error))
    }

    /// Nothing that comes back may show the credential.
    fn learn(&mut self, given: &Presented) {
        if given.token != self.presented {
            given.secrets().iter().for_each(|secret| self.redactor.learn(secret));
            self.presented = given.token;
        }
    }

    async fn present(&self, watcher: &str, trusted: bool) -> Result<Presented> {
        if !trusted {
            return Ok(Presented::none());
        }
        let presented = self.credential.present(watcher, self.refused).await;
        presented.map_err(|Failure { kind, message, retry_after }| match kind {
            Some(kind) => {
                let error = HttpError { retry_after, ..HttpError::new(kind, message) };
                self.error(watcher, error)
            }
            None => {
                let message = self.redacted(&message);
                ExternalError::Credential { watcher: watcher.to_owned(), message }
            }
        })
    }

    /// Sends the request, again where it failed by itself.
    async fn exchange(
        &mut self,
        watcher: &str,
        ask: &Ask<'_>,
        given: &Presented,
    ) -> Result<Answered, Failed> {
        let limit = self.limit();
        let most = if self.method == Method::Post { 0 } else { self.retries };
        let mut tried = 0;
        loop {
            let lane = self.lane(ask);
            // First: files are read for it, and nobody waits for a place meanwhile.
            let client = self.sender(ask).client(watcher).await?;
            let permit = lane.enter().await?;
            // Before the other time begins: what is mute ends by this one.
            let until = Instant::now().checked_add(limit);
            let followed = Box::pin(self.follow(&client, watcher, ask, given, until));
            let answered = timeout(limit, followed).await;
            let answered = answered.unwrap_or_else(|_| Err(timed_out(limit)));
            let answered = answered.map_err(Failed::from);
            let answered = answered.and_then(|answered| self.heed(answered, ask, &lane));
            let answered = answered.inspect_err(|failed| self.sender(ask).failed(&failed.error));
            // Not before the server's wish is known: the next one would be sent in spite of it.
            drop(permit);
            let failed = answered.as_ref().err();
            let pause =
                failed.and_then(|failed| retry::pause(tried, most, &failed.error, fastrand::f64()));
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
}

/// An answer that came, and whether it was asked for under a condition.
struct Answered {
    answer: Answer,
    conditional: bool,
}

/// An exchange that failed, and what that says of the credential.
struct Failed {
    error: HttpError,
    refusal: Option<Refusal>,
}

impl From<HttpError> for Failed {
    fn from(error: HttpError) -> Self {
        Self { error, refusal: None }
    }
}

/// A poll of several requests.
struct Walk {
    began: Instant,
    deadline: Duration,
    /// Before there are any, to fail and come back costs nothing.
    has_answers: bool,
}

impl Endpoint {
    /// As a URL may stand in a message.
    pub(super) fn shown(&self, url: &Url) -> String {
        self.redactor.url(self.show, url)
    }

    /// A text that comes from outside, without secrets.
    pub(super) fn redacted(&self, text: &str) -> String {
        self.redactor.redact(text).into_owned()
    }

    pub(super) fn asked(&self, watcher: &str) -> Box<Asked> {
        Box::new(Asked { watcher: watcher.to_owned(), url: self.shown(&self.url) })
    }

    pub(super) fn error(&self, watcher: &str, error: HttpError) -> ExternalError {
        let error = error.redacted(|text| self.redacted(text));
        ExternalError::Http(HttpError { asked: Some(self.asked(watcher)), ..error })
    }

    /// A content that could not be read.
    pub(super) fn undecoded(&self, watcher: &str, error: DecodeError) -> ExternalError {
        let error = error.redacted(|text| self.redacted(text));
        ExternalError::Decode(DecodeError { asked: Some(self.asked(watcher)), ..error })
    }
}

fn timed_out(timeout: Duration) -> HttpError {
    let message = format!("no whole answer within `timeout`, {timeout:?}");
    HttpError::new(HttpErrorKind::Timeout, message)
}
