//! One endpoint: what is asked, and what the answer says.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::time::timeout;
use url::Url;

use super::classify::{self, Meaning, meaning};
use super::conditional::Validators;
use super::credential::Credential;
use super::redirect;
use super::transport::{self, Answer, Client};
use crate::change::Missing;
use crate::error::{Asked, ExternalError, HttpError, HttpErrorKind, Result};
use crate::secret::redacted;
use crate::spec::timeout::DEFAULT as DEFAULT_TIMEOUT;
use crate::spec::{HttpSpec, Invalid};

/// What an endpoint says of its value.
pub(super) enum Observed {
    /// It is what it was.
    Unchanged,
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
    /// `None` is the default; a client that is brought may have one of its own.
    pub(super) timeout: Option<Duration>,
    pub(super) body_limit: u64,
    /// Of the last content that was taken, with the credential that it was given for.
    validators: Option<(Validators, Option<HeaderValue>)>,
    /// What the server wants between polls.
    pub(super) poll_interval: Option<Duration>,
}

impl Endpoint {
    pub(super) fn new(spec: HttpSpec) -> Result<Self, Invalid> {
        let HttpSpec { url, headers, auth, timeout, body_limit, .. } = spec;
        let credential = Credential::new(auth.as_ref())?;
        Ok(Self {
            client: None,
            url,
            headers,
            credential,
            timeout: Some(timeout),
            body_limit,
            validators: None,
            poll_interval: None,
        })
    }

    /// Sends requests by another client, which may carry other credentials.
    pub(super) fn set_client(&mut self, client: Client) {
        self.forget();
        self.client = Some(client);
    }

    /// One more header; an `Authorization` takes the place of the one before. Validators belong to the
    /// headers that they were given for.
    pub(super) fn add_header(&mut self, name: HeaderName, value: HeaderValue) {
        self.forget();
        if name == AUTHORIZATION {
            self.headers.retain(|(known, _)| *known != name);
        }
        self.headers.push((name, value));
    }

    /// Asks, within the timeout.
    pub(super) async fn observe(&mut self, watcher: &str) -> Result<Observed> {
        let token = self.credential.header(watcher).await?;
        if self.validators.as_ref().is_some_and(|(_, given_for)| *given_for != token) {
            self.validators = None;
        }
        let limit = self.limit();
        let answered = timeout(limit, self.ask(token.as_ref())).await;
        let (answer, conditional) = match answered {
            Ok(Ok(answered)) => answered,
            Ok(Err(error)) => return Err(self.error(watcher, error)),
            Err(_) => return Err(self.error(watcher, timed_out(limit))),
        };
        let wish = classify::poll_interval(answer.response.headers());
        let observed = self.read(answer, conditional, token);
        if wish.is_some() || observed.is_ok() {
            self.poll_interval = wish;
        }
        observed.map_err(|error| self.error(watcher, error))
    }

    /// The time for a request. A client that is brought may have a timeout of its own, and no other is set
    /// to it by default.
    fn limit(&self) -> Duration {
        let default = if self.client.is_some() { Duration::MAX } else { DEFAULT_TIMEOUT };
        self.timeout.unwrap_or(default)
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
            let asked = self.url(to.as_ref());
            let answer = transport::get(client, &asked, headers, self.body_limit).await;
            let mut answer = answer.map_err(|error| redirected(error, to.as_ref()))?;
            if meaning(answer.response.status()) != Meaning::Redirect {
                answer.url = answer.url.or_else(|| to.map(Box::new));
                return Ok((answer, conditional));
            }
            let credentials = self.carries_credentials();
            let from = answer.url.as_deref().unwrap_or(&asked);
            to = Some(redirect::next(from, answer.response.headers(), credentials)?);
        }
        Err(redirect::too_many())
    }

    /// The URL of a request. Where there is userinfo, redirects stay within the origin.
    fn url(&self, to: Option<&Url>) -> Cow<'_, Url> {
        let Some(to) = to else { return Cow::Borrowed(&self.url) };
        let (username, password) = (self.url.username(), self.url.password());
        Cow::Owned(redirect::with_userinfo(to.clone(), username, password))
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

    /// Whether the request has something that only this origin may see: any header may be a key, and a
    /// client that is brought may add some.
    fn carries_credentials(&self) -> bool {
        let harmless = [ACCEPT, ACCEPT_LANGUAGE, USER_AGENT];
        self.credential.is_some()
            || self.client.is_some()
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
        let from = answer.url.filter(|url| !transport::same(url, &self.url));
        match meaning(head.status) {
            Meaning::Content => {
                let validators = Validators::of(&head.headers, from);
                let (status, headers) = (head.status, head.headers);
                let content = Content { status, headers, body, validators, token };
                Ok(Observed::Content(content.into()))
            }
            Meaning::NotModified => match &mut self.validators {
                Some((validators, _)) if conditional && validators.are_of(from.as_deref()) => {
                    validators.renew(&head.headers);
                    Ok(Observed::Unchanged)
                }
                _ => {
                    self.validators = None;
                    Err(unexpected_not_modified())
                }
            },
            Meaning::Missing(missing) => Ok(Observed::Missing(missing)),
            Meaning::Redirect => Err(redirect::too_many()),
            Meaning::Failure => {
                if head.status == StatusCode::UNAUTHORIZED {
                    self.credential.refused();
                }
                let error = classify::failure(head.status, &head.headers);
                Err(redirected(error, from.as_deref()))
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

    pub(super) fn asked(&self, watcher: &str) -> Box<Asked> {
        Box::new(Asked { watcher: watcher.to_owned(), url: redacted(self.url.as_str()) })
    }

    fn error(&self, watcher: &str, error: HttpError) -> ExternalError {
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
