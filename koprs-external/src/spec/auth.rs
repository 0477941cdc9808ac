//! `http.auth`: the credential of the requests.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use http::HeaderName;
use url::Url;

use super::settings::Settings;
use super::table::row;
use super::url as url_setting;
use crate::secret::{Hidden, Redactor, Secret, Show};

/// How requests are authenticated.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Auth {
    /// `Authorization: Bearer …` (RFC 6750).
    Bearer(SecretSource),
    /// `Authorization: Basic …` (RFC 7617).
    Basic { username: String, password: SecretSource },
    /// Any header; the prefix stands before the secret.
    Header { name: HeaderName, prefix: String, secret: SecretSource },
    /// A query parameter.
    Query { name: String, secret: SecretSource },
    /// A token of a token endpoint (RFC 6749 §4.4), sent as a bearer.
    OAuth2(OAuth2),
}

/// Neither the username nor the prefix, which may be a key or hold one.
impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, secret) = match self {
            Self::Bearer(secret) => ("Bearer", secret),
            Self::Basic { password, .. } => ("Basic", password),
            Self::Header { secret, .. } => ("Header", secret),
            Self::Query { secret, .. } => ("Query", secret),
            Self::OAuth2(credentials) => return credentials.fmt(f),
        };
        f.debug_tuple(kind).field(secret).finish()
    }
}

/// OAuth 2.0 client credentials (RFC 6749 §4.4).
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct OAuth2 {
    pub(crate) token_url: Url,
    /// How much of the URL errors and `Debug` show.
    pub(crate) show: Show,
    /// What was brought into its URL from elsewhere.
    pub(crate) secrets: Hidden,
    pub(crate) client_id: String,
    pub(crate) client_secret: SecretSource,
    pub(crate) scopes: Vec<String>,
    pub(crate) audience: Option<String>,
    /// A token is renewed so long before it expires.
    pub(crate) margin: Duration,
}

impl fmt::Debug for OAuth2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth2")
            .field("token_url", &Redactor::of(&self.secrets).url(self.show, &self.token_url))
            .field("client_id", &self.client_id)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

/// Where a secret comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SecretSource {
    /// An environment variable of the process, by its name; read when the source is made.
    Env(String),
    /// A file, as a mounted Secret; white space around its content is cut off. Read again after 60 s,
    /// and after a 401 before the next request.
    File(PathBuf),
    /// The secret itself.
    Value(Secret),
}

impl SecretSource {
    /// A secret that is written out has neither a byte order mark nor the line break that a block of text ends with.
    pub(super) fn written_out(self) -> Self {
        match self {
            Self::Value(value) => Self::Value(value.written()),
            other => other,
        }
    }
}

/// OAuth 2.0 client credentials (RFC 6749 §4.4), for [`WatcherBuilder::oauth2`](super::WatcherBuilder::oauth2).
///
/// The token is renewed before it expires, at once after a 401 (or a 400 or 403 with `invalid_token`), and at most once
/// a minute after another 403. A token that was refused is not sent again while the token endpoint gives no other: the
/// polls fail without a request. Watchers with the same credentials share a token, which is kept until it expires, at
/// most an hour after its last use.
///
/// ```
/// use koprs_external::spec::{ClientCredentials, SecretSource};
///
/// let secret = SecretSource::Env("CLIENT_SECRET".to_owned());
/// let credentials =
///     ClientCredentials::new("https://login.example.com/token", "operator", secret).scope("read");
/// ```
#[derive(Clone)]
#[must_use = "credentials do nothing until they are given to a declaration"]
pub struct ClientCredentials {
    pub(super) token_url: String,
    pub(super) client_id: String,
    pub(super) client_secret: SecretSource,
    pub(super) scopes: Vec<String>,
    pub(super) audience: Option<String>,
    pub(super) margin: Option<Duration>,
}

impl ClientCredentials {
    /// Of a token endpoint, by the name of the client and its secret.
    pub fn new(
        token_url: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: SecretSource,
    ) -> Self {
        Self {
            token_url: token_url.into(),
            client_id: client_id.into(),
            client_secret,
            scopes: Vec::new(),
            audience: None,
            margin: None,
        }
    }

    /// One more scope to ask for.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// The `audience` to ask for, as some servers want it.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// How long before it expires a token is renewed. Default: 30 s.
    pub fn margin(mut self, margin: Duration) -> Self {
        self.margin = Some(margin);
        self
    }
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCredentials")
            .field("client_id", &self.client_id)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

impl Auth {
    pub(super) fn from_settings(settings: &Settings, secrets: &Hidden) -> Option<Self> {
        let kind = settings.choice("http.auth")?;
        let secret = |block: &str| settings.secret(block);
        Some(match kind.name {
            "basic" => Self::Basic {
                username: settings.get(row!("http.auth.basic.username"))?,
                password: secret("http.auth.basic.password")?,
            },
            "header" => Self::Header {
                name: settings
                    .get(row!("http.auth.header.name"))
                    .and_then(|name: &str| HeaderName::try_from(name).ok())?,
                prefix: settings.get(row!("http.auth.header.prefix")).unwrap_or_default(),
                secret: secret("http.auth.header")?,
            },
            "query" => Self::Query {
                name: settings.get(row!("http.auth.query.name"))?,
                secret: secret("http.auth.query")?,
            },
            "oauth2" => Self::OAuth2(OAuth2::from_settings(settings, secrets)?),
            _ => Self::Bearer(secret("http.auth.bearer")?),
        })
    }
}

impl OAuth2 {
    fn from_settings(settings: &Settings, secrets: &Hidden) -> Option<Self> {
        let scopes = settings.list(row!("http.auth.oauth2.scopes"));
        let token_url: &str = settings.get(row!("http.auth.oauth2.token_url"))?;
        Some(Self {
            token_url: url_setting::check("", token_url).ok()?,
            show: Show::default(),
            secrets: secrets.clone(),
            client_id: settings.get(row!("http.auth.oauth2.client_id"))?,
            client_secret: settings.secret("http.auth.oauth2.client_secret")?,
            scopes: scopes.iter().map(|scope| scope.text.clone()).collect(),
            audience: settings.get(row!("http.auth.oauth2.audience")),
            margin: settings.or_default(row!("http.auth.oauth2.margin")),
        })
    }
}
