//! One endpoint: what is asked, and what the answer says.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::time::timeout;
use url::{Position, Url};

use super::classify::{self, Meaning, meaning};
use super::conditional::Validators;
use super::credential::Credential;
use super::redirect;
use super::transport::{self, Answer, Client};
use crate::change::Missing;
use crate::error::{Asked, ExternalError, HttpError, HttpErrorKind, Result};
use crate::secret::redacted;
use crate::spec::{HttpSpec, Invalid};

/// What an endpoint says of its value.
pub(super) enum Observed {
    /// It is what it was.
    Unchanged,
    /// It is this.
    Content(Content),
    /// It is not there.
    Missing(Missing),
}

/// A value as it came.
pub(crate) struct Content {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    validators: Validators,
    /// The credential that it was given for.
    token: Option<HeaderValue>,
}

/// A request that can be made again and again.
pub(super) struct Endpoint {
    pub(super) client: Option<Client>,
    url: Url,
    headers: Vec<(HeaderName, HeaderValue)>,
    credential: Credential,
    timeout: Duration,
    body_limit: u64,
    /// Of the last content that was taken, with the credential that it was given for.
    validators: Option<(Validators, Option<HeaderValue>)>,
    /// What the server wants between polls.
    pub(super) poll_interval: Option<Duration>,
}

impl Endpoint {
    pub(super) fn new(spec: HttpSpec) -> Result<Self, Invalid> {
        let HttpSpec { url, headers, auth, timeout, body_limit } = spec;
        let credential = Credential::new(auth.as_ref())?;
        Ok(Self {
            client: None,
            url,
            headers,
            credential,
            timeout,
            body_limit,
            validators: None,
            poll_interval: None,
        })
    }

    pub(super) fn add_header(&mut self, name: HeaderName, value: HeaderValue) {
        self.headers.push((name, value));
    }

    /// Asks, within the timeout.
    pub(super) async fn observe(&mut self, watcher: &str) -> Result<Observed> {
        let token = self.credential.header(watcher).await?;
        if self.validators.as_ref().is_some_and(|(_, given_for)| *given_for != token) {
            self.validators = None;
        }
        let answered = timeout(self.timeout, self.ask(token.as_ref())).await;
        let (answer, conditional) = match answered {
            Ok(Ok(answered)) => answered,
            Ok(Err(error)) => return Err(self.error(watcher, error)),
            Err(_) => return Err(self.error(watcher, timed_out(self.timeout))),
        };
        self.poll_interval = classify::poll_interval(answer.response.headers());
        self.read(answer, conditional, token).map_err(|error| self.error(watcher, error))
    }

    /// Sends the request and follows redirects. Says whether the last one was conditional.
    async fn ask(&self, token: Option<&HeaderValue>) -> Result<(Answer, bool), HttpError> {
        let client = match &self.client {
            Some(client) => client,
            None => transport::shared()?,
        };
        let mut to: Option<Url> = None;
        for _ in 0..=redirect::MOST {
            let (headers, conditional) = self.request(to.as_ref(), token);
            let url = to.as_ref().unwrap_or(&self.url).clone();
            let answer = transport::get(client, url, headers, self.body_limit).await?;
            if meaning(answer.response.status()) != Meaning::Redirect {
                return Ok((answer, conditional));
            }
            let credentials = self.carries_credentials();
            to = Some(redirect::next(&answer.url, answer.response.headers(), credentials)?);
        }
        Err(redirect::too_many())
    }

    /// The headers of a request, and whether it is conditional.
    fn request(&self, to: Option<&Url>, token: Option<&HeaderValue>) -> (HeaderMap, bool) {
        let mut headers = HeaderMap::with_capacity(self.headers.len() + 4);
        for (name, value) in &self.headers {
            headers.append(name.clone(), value.clone());
        }
        if let Some(token) = token {
            headers.insert(AUTHORIZATION, token.clone());
        }
        let conditional = match &self.validators {
            Some((validators, _)) => validators.write(to, &mut headers),
            None => false,
        };
        (headers, conditional)
    }

    /// Whether the request has something that only this origin may see: any header may be a key.
    fn carries_credentials(&self) -> bool {
        let harmless = [ACCEPT, ACCEPT_LANGUAGE, USER_AGENT];
        self.credential.is_some()
            || !self.url.username().is_empty()
            || self.url.password().is_some()
            || self.headers.iter().any(|(name, _)| !harmless.contains(name))
    }

    fn read(
        &mut self,
        answer: Answer,
        conditional: bool,
        token: Option<HeaderValue>,
    ) -> Result<Observed, HttpError> {
        let (head, body) = answer.response.into_parts();
        match meaning(head.status) {
            Meaning::Content => {
                let from = (!same(&answer.url, &self.url)).then_some(answer.url);
                let validators = Validators::of(&head.headers, from);
                let (status, headers) = (head.status, head.headers);
                Ok(Observed::Content(Content { status, headers, body, validators, token }))
            }
            Meaning::NotModified if conditional => {
                if let Some((validators, _)) = &mut self.validators {
                    validators.renew(&head.headers);
                }
                Ok(Observed::Unchanged)
            }
            Meaning::NotModified => {
                self.validators = None;
                Err(unexpected_not_modified())
            }
            Meaning::Missing(missing) => Ok(Observed::Missing(missing)),
            Meaning::Redirect => Err(redirect::too_many()),
            Meaning::Failure { retryable } => {
                if head.status == StatusCode::UNAUTHORIZED {
                    self.credential.refused();
                }
                Err(classify::failure(head.status, retryable, &head.headers))
            }
        }
    }
}

impl Endpoint {
    /// The content was decoded and compared: the next request may be conditional on it.
    pub(super) fn taken(&mut self, content: Content) {
        self.validators = Some((content.validators, content.token));
    }

    /// The value is gone.
    pub(super) fn forget(&mut self) {
        self.validators = None;
    }

    pub(super) fn asked(&self, watcher: &str) -> Asked {
        Asked { watcher: watcher.to_owned(), url: redacted(self.url.as_str()) }
    }

    fn error(&self, watcher: &str, error: HttpError) -> ExternalError {
        ExternalError::Http(HttpError { asked: Some(self.asked(watcher)), ..error })
    }
}

/// The same resource; the client takes userinfo out of a URL and makes a header of it.
fn same(one: &Url, other: &Url) -> bool {
    const RESOURCE: std::ops::Range<Position> = Position::BeforeHost..Position::AfterQuery;
    one.scheme() == other.scheme() && one[RESOURCE] == other[RESOURCE]
}

fn timed_out(timeout: Duration) -> HttpError {
    let message = format!("no whole answer within `timeout`, {timeout:?}");
    HttpError::new(HttpErrorKind::Timeout, true, message)
}

fn unexpected_not_modified() -> HttpError {
    let message = "the server answered 304 to a request that had nothing to compare with";
    HttpError::new(HttpErrorKind::UnexpectedNotModified, true, message)
}
