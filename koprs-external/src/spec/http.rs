//! The `http` block, checked.

use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use url::Url;

use super::{
    Auth, Body, Invalid, Method, Pages, Tls, Written, auth, body_limit, header, timeout,
    url as url_setting,
};

/// A checked HTTP endpoint: every part parsed, nothing left that could be wrong.
#[derive(Clone, PartialEq)]
pub struct HttpSpec {
    pub(crate) url: Url,
    pub(crate) method: Method,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Option<Body>,
    pub(crate) auth: Option<Auth>,
    pub(crate) tls: Tls,
    pub(crate) unix_socket: Option<PathBuf>,
    pub(crate) pages: Option<Pages>,
    pub(crate) timeout: Duration,
    /// Requests after the first that a poll may make for one that failed by itself.
    pub(crate) retries: u32,
    /// Whether `Cache-Control: max-age` lengthens the wait.
    pub(crate) respect_max_age: bool,
    /// The most requests at a time to this host, counted over all watchers of the process.
    pub(crate) max_in_flight: usize,
    pub(crate) body_limit: u64,
    /// The most bytes of the headers of an answer.
    pub(crate) header_limit: u64,
    pub(crate) redirect_limit: u32,
}

/// Requests after the first that a poll may make: a blip must not cost a watcher with an interval of 1 h two.
pub(crate) const RETRIES: u32 = 2;
pub(crate) const MAX_IN_FLIGHT: usize = 8;
pub(crate) const HEADER_LIMIT: u64 = 64 * 1024;
pub(crate) const REDIRECT_LIMIT: u32 = 5;

impl HttpSpec {
    pub(super) fn check(written: &Written, mistakes: &mut Vec<Invalid>) -> Option<Self> {
        let mut keep = |mistake| mistakes.push(mistake);
        let url = url_setting::check(&written.url).map_err(&mut keep).ok();
        let headers = header::check_all(&written.header, &mut keep);
        let auth = auth::check(written.auth.clone(), &written.header).map_err(&mut keep).ok();
        let timeout = timeout::check(written.timeout).map_err(&mut keep).ok();
        let body_limit = body_limit::check(written.body_limit).map_err(&mut keep).ok();
        Some(Self {
            headers,
            auth: auth?,
            timeout: timeout?,
            body_limit: body_limit?,
            ..Self::of(url_setting::with_query(url?, &written.query))
        })
    }

    /// A URL and the defaults.
    pub(crate) fn bare(url: &str) -> Result<Self, Invalid> {
        Ok(Self::of(url_setting::check(url)?))
    }

    fn of(url: Url) -> Self {
        Self {
            url,
            method: Method::Get,
            headers: Vec::new(),
            body: None,
            auth: None,
            tls: Tls::default(),
            unix_socket: None,
            pages: None,
            timeout: timeout::DEFAULT,
            retries: RETRIES,
            respect_max_age: false,
            max_in_flight: MAX_IN_FLIGHT,
            body_limit: body_limit::DEFAULT,
            header_limit: HEADER_LIMIT,
            redirect_limit: REDIRECT_LIMIT,
        }
    }

    /// The URL with its query, as it is requested. It may hold secrets: do not log it.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The time for one request with its body.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The most bytes of a body, after decompression.
    pub fn body_limit(&self) -> u64 {
        self.body_limit
    }
}

impl std::fmt::Debug for HttpSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpSpec")
            .field("url", &crate::secret::redacted(self.url.as_str()))
            .field("headers", &self.headers)
            .field("auth", &self.auth)
            .field("timeout", &self.timeout)
            .field("body_limit", &self.body_limit)
            .finish()
    }
}
