//! The `http` block, checked.

use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use url::Url;

use super::dialect::Dialect;
use super::mistake::Place;
use super::settings::{Settings, SourceKind, Value};
use super::table::row;
use super::{Auth, Body, Invalid, Method, Pages, Tls, header, url as url_setting};
use crate::secret::{Hidden, Redactor, Show};

/// A checked HTTP endpoint: every part parsed, nothing left that could be wrong.
#[derive(Clone, PartialEq)]
pub struct HttpSpec {
    pub(crate) url: Url,
    /// How much of the URL errors and `Debug` show.
    pub(crate) show: Show,
    /// What was brought into it from elsewhere, by variables and parameters, and is not shown where it comes back.
    pub(crate) secrets: Hidden,
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

impl HttpSpec {
    /// An endpoint whose settings were checked.
    pub(super) fn from_settings(settings: &Settings, secrets: Hidden) -> Option<Self> {
        let headers = settings.pairs(row!("http.header")).iter();
        let headers = headers.map(|pair| header::check(&pair.name.text, &pair.value.text).ok());
        Some(Self {
            url: Self::full_url(settings)?.ok()?,
            show: Show::default(),
            method: Method::from_settings(settings),
            headers: headers.collect::<Option<_>>()?,
            body: Body::from_settings(settings),
            auth: match settings.has(row!("http.auth")) {
                true => Some(Auth::from_settings(settings, &secrets)?),
                false => None,
            },
            secrets,
            tls: Tls::from_settings(settings),
            unix_socket: settings.get(row!("http.unix_socket")),
            pages: match settings.has(row!("http.pages")) {
                true => Some(Pages::from_settings(settings)?),
                false => None,
            },
            timeout: settings.or_default(row!("http.timeout")),
            retries: settings.or_default(row!("http.retries")),
            respect_max_age: settings.or_default(row!("http.respect_max_age")),
            max_in_flight: settings.or_default(row!("http.max_in_flight")),
            body_limit: settings.or_default(row!("http.body_limit")),
            header_limit: settings.or_default(row!("http.header_limit")),
            redirect_limit: settings.or_default(row!("http.redirect_limit")),
        })
    }

    /// The URL with its query. Nothing, where the URL was reported.
    pub(super) fn full_url(settings: &Settings) -> Option<Result<Url, Invalid>> {
        let url = url_setting::check("http.url", settings.get(row!("http.url"))?).ok()?;
        let query = settings.pairs(row!("http.query")).iter();
        let query = query.map(|pair| (pair.name.text.as_str(), pair.value.text.as_str()));
        Some(url_setting::with_query(url, query))
    }

    /// A URL and the defaults.
    pub(crate) fn bare(url: &str) -> Result<Self, Invalid> {
        url_setting::check("http.url", url)?;
        let mut settings = Settings::new(SourceKind::Http, Dialect::Rust, Place::NOWHERE);
        settings.set(row!("http.url"), Place::NOWHERE, Value::Text(url.to_owned()));
        Self::from_settings(&settings, Hidden::default())
            .ok_or_else(|| Invalid::new("http.url", "bad-url", "the URL cannot be used"))
    }

    /// Fails if a URL needs TLS and this library was compiled without a crypto provider.
    pub(crate) fn validate_features(&self) -> Result<(), Invalid> {
        self.validate_tls(cfg!(feature = "_tls"))
    }

    fn validate_tls(&self, is_compiled_in: bool) -> Result<(), Invalid> {
        let token_url = match &self.auth {
            Some(Auth::OAuth2(credentials)) => Some(&credentials.token_url),
            _ => None,
        };
        let urls = [("http.url", Some(&self.url)), ("http.auth.oauth2.token_url", token_url)];
        let https = |url: Option<&Url>| url.is_some_and(|url| url.scheme() == "https");
        match urls.into_iter().find(|(_, url)| https(*url)) {
            Some((setting, _)) if !is_compiled_in => {
                let message = "`https://` needs a crypto provider, and none is compiled in";
                Err(Invalid::new(setting, "missing-feature", message).help(
                    "enable the feature `ring` (a default one) or `aws-lc-rs` of koprs-external",
                ))
            }
            _ => Ok(()),
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

    /// The method of the requests.
    pub fn method(&self) -> Method {
        self.method
    }

    /// How the next page of a list is found.
    pub fn pages(&self) -> Option<&Pages> {
        self.pages.as_ref()
    }

    /// Requests after the first that a poll may make for one that failed by itself.
    pub fn retries(&self) -> u32 {
        self.retries
    }

    /// Whether `Cache-Control: max-age` lengthens the wait.
    pub fn respect_max_age(&self) -> bool {
        self.respect_max_age
    }

    /// The most requests at a time to this host.
    pub fn max_in_flight(&self) -> usize {
        self.max_in_flight
    }

    /// The most bytes of a body, after decompression.
    pub fn body_limit(&self) -> u64 {
        self.body_limit
    }

    /// The most bytes of the headers of an answer.
    pub fn header_limit(&self) -> u64 {
        self.header_limit
    }

    /// The most redirects that are followed.
    pub fn redirect_limit(&self) -> u32 {
        self.redirect_limit
    }
}

impl std::fmt::Debug for HttpSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpSpec")
            .field("url", &Redactor::of(&self.secrets).url(self.show, &self.url))
            .field("method", &self.method)
            .field("headers", &self.headers)
            .field("auth", &self.auth)
            .field("tls", &self.tls)
            .field("unix_socket", &self.unix_socket)
            .field("pages", &self.pages)
            .field("timeout", &self.timeout)
            .field("body_limit", &self.body_limit)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(feature = "oauth2")]
    use crate::spec::{ClientCredentials, SecretSource};
    use crate::spec::{SourceSpec, WatcherBuilder, WatcherSpec};

    fn refused(declared: WatcherBuilder, is_compiled_in: bool) -> Option<String> {
        let spec = declared.interval(Duration::from_secs(1)).build().unwrap();
        let SourceSpec::Http(http) = &spec.source else { panic!() };
        http.validate_tls(is_compiled_in).err().map(|invalid| invalid.setting)
    }

    #[test]
    fn https_needs_a_crypto_provider() {
        let declared = |url: &str| WatcherSpec::http("flags", url);
        assert_eq!(refused(declared("https://h/v"), false).as_deref(), Some("http.url"));
        assert_eq!(refused(declared("https://h/v"), true), None);
        assert_eq!(refused(declared("http://h/v"), false), None);
    }

    #[cfg(feature = "oauth2")]
    #[test]
    fn a_token_endpoint_with_https_needs_a_crypto_provider() {
        let secret = SecretSource::Env("SECRET".to_owned());
        let tokens = ClientCredentials::new("https://h/token", "operator", secret);
        let declared = WatcherSpec::http("flags", "http://h/v").oauth2(tokens);
        let setting = refused(declared, false);
        assert_eq!(setting.as_deref(), Some("http.auth.oauth2.token_url"));
    }
}
