//! The `http` block, checked.

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use url::Url;

use super::{Auth, Invalid, Written, auth, body_limit, header, timeout, url as url_setting};

/// A checked HTTP endpoint: every part parsed, nothing left that could be wrong.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpSpec {
    pub(crate) url: Url,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) auth: Option<Auth>,
    pub(crate) timeout: Duration,
    pub(crate) body_limit: u64,
}

impl HttpSpec {
    pub(super) fn check(written: &Written, mistakes: &mut Vec<Invalid>) -> Option<Self> {
        let mut keep = |mistake| mistakes.push(mistake);
        let url = url_setting::check(&written.url).map_err(&mut keep).ok();
        let headers = header::check_all(&written.header, &mut keep);
        let auth = auth::check(written.auth.clone(), &written.header).map_err(&mut keep).ok();
        let timeout = timeout::check(written.timeout).map_err(&mut keep).ok();
        let body_limit = body_limit::check(written.body_limit).map_err(&mut keep).ok();
        Some(Self {
            url: url_setting::with_query(url?, &written.query),
            headers,
            auth: auth?,
            timeout: timeout?,
            body_limit: body_limit?,
        })
    }

    /// A URL and the defaults.
    pub(crate) fn bare(url: &str) -> Result<Self, Invalid> {
        Ok(Self {
            url: url_setting::check(url)?,
            headers: Vec::new(),
            auth: None,
            timeout: timeout::DEFAULT,
            body_limit: body_limit::DEFAULT,
        })
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
