//! A question on its way: what is sent, and through which redirects.

use std::time::Duration;

use http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName};
use tokio::time::Instant;
use url::Url;

use super::super::classify::{Meaning, meaning};
use super::super::credential::Presented;
use super::super::query;
use super::super::redirect::{self, Road};
use super::super::transport::{self, Client, Request};
use super::answer::redirected;
use super::{Answered, Ask, Endpoint};
use crate::error::{HttpError, HttpErrorKind};
use crate::spec::table::TIMEOUT as DEFAULT_TIMEOUT;
use crate::spec::url::is_too_long;
use crate::spec::{Method, bounds};

impl Endpoint {
    /// The first request of all, with this credential.
    #[cfg(feature = "yaml")]
    pub(in super::super) fn first<'a>(&self, given: &Presented, url: &'a Url) -> Request<'a> {
        let headers = self.headers(given, true);
        let (method, body) = (self.method, self.body.clone());
        Request { method, url, headers, body, watcher: "", until: None }
    }

    /// The time for a request. A client that is brought may have a timeout of its own, and no other is set
    /// to it by default.
    pub(super) fn limit(&self) -> Duration {
        let default = if self.sender.is_brought() { Duration::MAX } else { DEFAULT_TIMEOUT };
        self.timeout.unwrap_or(default)
    }

    /// Sends the request and follows redirects. Says whether the last one was conditional.
    pub(super) async fn follow(
        &self,
        client: &Client,
        watcher: &str,
        ask: &Ask<'_>,
        given: &Presented,
        until: Option<Instant>,
    ) -> Result<Answered, HttpError> {
        let road = Road {
            url: &self.url,
            credentials: ask.trusted && self.carries_credentials(),
            keeps_method: self.method == Method::Post,
            show: self.show,
            secrets: &self.secrets,
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
                false if query::repeats(&self.secrets, url) => return Err(holds_secret()),
                false => query::without_secrets(&self.url, self.credential.kept_out_of(url))
                    .ok_or_else(holds_secret)?,
            };
            if is_too_long(&url) {
                let message = format!("the URL has more than {} bytes", bounds::URL);
                return Err(HttpError::new(HttpErrorKind::Client, message));
            }
            let body = self.body.clone().filter(|_| ask.trusted);
            let method = self.method;
            let request = Request { method, url: &url, headers, body, watcher, until };
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

    pub(super) fn url<'a>(&'a self, ask: &Ask<'a>) -> &'a Url {
        ask.url.unwrap_or(&self.url)
    }

    /// Where there is userinfo, redirects stay within the origin.
    pub(super) fn with_userinfo(&self, to: &Url, trusted: bool) -> Url {
        let (username, password) = match trusted {
            true => (self.url.username(), self.url.password()),
            false => ("", None),
        };
        redirect::with_userinfo(to.clone(), username, password)
    }

    /// The headers of a request. To an origin that is not trusted go only those that say what is wanted.
    pub(super) fn headers(&self, given: &Presented, trusted: bool) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(self.headers.len() + 4);
        for (name, value) in self.headers.iter().filter(|(name, _)| trusted || harmless(name)) {
            headers.append(name.clone(), value.clone());
        }
        if let Some((name, value)) = &given.header {
            headers.insert(name.clone(), value.clone());
        }
        headers
    }

    /// Whether the request has something that only this origin may see: any header may be a key, a body may hold
    /// one, and a client that is brought may add some.
    pub(super) fn carries_credentials(&self) -> bool {
        self.credential.is_some()
            || self.body.is_some()
            || self.sender.has_identity()
            || !self.url.username().is_empty()
            || self.url.password().is_some()
            || self.headers.iter().any(|(name, _)| !harmless(name))
    }
}

/// What says what is wanted, and not by whom.
pub(super) fn harmless(name: &HeaderName) -> bool {
    [ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, USER_AGENT].contains(name)
}

fn holds_secret() -> HttpError {
    let message =
        "the URL of the next page is at another origin, and repeats a secret of the declared URL";
    HttpError::new(HttpErrorKind::Client, message)
}
