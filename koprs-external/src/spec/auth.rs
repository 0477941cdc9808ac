//! `http.auth`: the credential of the requests.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use url::Url;

use super::quote::{Content, is_visible};
use super::{Invalid, Written, header, meant, url as url_setting};
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

/// Databricks refuses tokens with less (r-lib/httr2#861).
pub(crate) const MARGIN: Duration = Duration::from_secs(30);

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

/// The credential as it was written.
#[derive(Clone)]
pub(super) enum Credential {
    Bearer(SecretSource),
    Basic { username: String, password: SecretSource },
    Header { name: String, prefix: String, secret: SecretSource },
    Query { name: String, secret: SecretSource },
    OAuth2(ClientCredentials),
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

/// Reads the credential.
pub(super) fn check(written: &Written, mut refuse: impl FnMut(Invalid)) -> Option<Auth> {
    let credential = written.auth.as_ref()?;
    let secrets = written.secrets.clone();
    let mut keep = |mistake| refuse(mistake);
    let twice = twice(credential, written);
    let auth = match credential {
        Credential::Bearer(source) => {
            keep_secret("http.auth.bearer", source, &mut keep).map(Auth::Bearer)
        }
        Credential::Basic { username, password } => {
            let username = check_username(username).map_err(&mut keep).ok();
            let password = keep_secret("http.auth.basic.password", password, &mut keep);
            username.zip(password).map(|(username, password)| Auth::Basic { username, password })
        }
        Credential::Header { name, prefix, secret } => {
            let at = |_: &str| "http.auth.header.name".to_owned();
            let name = header::check_name(at, name).map_err(&mut keep).ok();
            let prefix = check_prefix(prefix).map_err(&mut keep).ok();
            let secret = keep_secret("http.auth.header", secret, &mut keep);
            name.zip(prefix).zip(secret).map(|((name, prefix), secret)| Auth::Header {
                name,
                prefix,
                secret,
            })
        }
        Credential::Query { name, secret } => {
            let name = not_empty("http.auth.query.name", name).map_err(&mut keep).ok();
            let secret = keep_secret("http.auth.query", secret, &mut keep);
            name.zip(secret).map(|(name, secret)| Auth::Query { name, secret })
        }
        Credential::OAuth2(written) => {
            check_oauth2(written, &mut keep).map(|it| Auth::OAuth2(OAuth2 { secrets, ..it }))
        }
    };
    twice.map_err(keep).ok().and(auth)
}

/// A credential stands in one place: not in `header` or `query` too.
fn twice(credential: &Credential, written: &Written) -> Result<(), Invalid> {
    let name = match credential {
        Credential::Header { name, .. } => name,
        Credential::Query { name, .. } => {
            if !written.query.iter().any(|(query, _)| query == name) {
                return Ok(());
            }
            return Err(two_credentials("query parameter", name));
        }
        _ => "Authorization",
    };
    if !written.header.iter().any(|(header, _)| header.eq_ignore_ascii_case(name)) {
        return Ok(());
    }
    Err(two_credentials("header", name))
}

fn two_credentials(what: &str, name: &str) -> Invalid {
    let message = format!("`auth` and the {what} `{name}` are both given");
    let message = match is_visible(Content::Name, name) {
        true => message,
        false => format!("`auth` and a {what} of its name are both given"),
    };
    Invalid::new("http.auth", "two-credentials", message).help("keep one of them")
}

fn check_oauth2(written: &ClientCredentials, mut refuse: impl FnMut(Invalid)) -> Option<OAuth2> {
    let ClientCredentials { token_url, client_id, client_secret, scopes, audience, margin } =
        written;
    if cfg!(not(feature = "oauth2")) {
        refuse(Invalid::feature("http.auth.oauth2", "oauth2"));
    }
    let token_url = check_token_url(token_url).map_err(&mut refuse).ok();
    let client_id = not_empty("http.auth.oauth2.client_id", client_id).map_err(&mut refuse).ok();
    let client_secret = keep_secret("http.auth.oauth2.client_secret", client_secret, &mut refuse);
    let scopes = scopes.iter().enumerate();
    let scopes = scopes.map(|(n, scope)| check_scope(n, scope).map_err(&mut refuse).ok());
    let scopes: Vec<_> = scopes.collect();
    let audience = audience.as_deref().map(|it| not_empty("http.auth.oauth2.audience", it));
    let audience = audience.transpose().map_err(&mut refuse).ok();
    Some(OAuth2 {
        token_url: token_url?,
        show: Show::default(),
        secrets: Hidden::default(),
        client_id: client_id?,
        client_secret: client_secret?,
        scopes: scopes.into_iter().collect::<Option<_>>()?,
        audience: audience?,
        margin: margin.unwrap_or(MARGIN),
    })
}

fn check_token_url(text: &str) -> Result<Url, Invalid> {
    const SETTING: &str = "http.auth.oauth2.token_url";
    let url = url_setting::check(SETTING, text)?;
    if url.username().is_empty() && url.password().is_none() {
        return Ok(url);
    }
    Err(Invalid::new(SETTING, "bad-url", "the URL of the tokens has userinfo")
        .help("write `client_id` and `client_secret`"))
}

/// A scope (RFC 6749 §3.3); a list of them has spaces between.
fn check_scope(n: usize, scope: &str) -> Result<String, Invalid> {
    let inner = |c: char| c.is_ascii_graphic() && !['"', '\\'].contains(&c);
    if !scope.is_empty() && scope.chars().all(inner) {
        return Ok(scope.to_owned());
    }
    let setting = format!("http.auth.oauth2.scopes.{n}");
    // It is not shown, as nothing of `auth` is but names.
    Err(Invalid::new(setting, "bad-scope", "the text is not a scope")
        .help("a scope has no spaces: write each of several by itself"))
}

/// It is not shown: it may be a username with its password.
fn check_username(username: &str) -> Result<String, Invalid> {
    let refused = |why: &str| {
        Invalid::new("http.auth.basic.username", "bad-username", format!("the username has {why}"))
            .help("the password stands beside it, in `password`")
    };
    if username.contains(':') {
        return Err(refused("a `:`, where it would end"));
    }
    if username.contains(char::is_control) {
        return Err(refused("a control character"));
    }
    Ok(username.to_owned())
}

/// It is not shown: it may hold the secret.
fn check_prefix(prefix: &str) -> Result<String, Invalid> {
    if HeaderValue::try_from(prefix).is_ok() {
        return Ok(prefix.to_owned());
    }
    let message = "`prefix` has a character that no header can carry";
    Err(Invalid::new("http.auth.header.prefix", "bad-header-value", message)
        .help("visible ASCII characters, spaces and tabs"))
}

pub(super) fn not_empty(setting: &str, text: &str) -> Result<String, Invalid> {
    if text.is_empty() { Err(Invalid::empty(setting)) } else { Ok(text.to_owned()) }
}

fn keep_secret(
    setting: &str,
    source: &SecretSource,
    refuse: impl FnMut(Invalid),
) -> Option<SecretSource> {
    let source = written_out(source);
    let checked = check_secret(setting, &source).and_then(|()| check_sendable(setting, &source));
    checked.map_err(refuse).ok().map(|()| source)
}

/// A secret that is written out, as it is meant.
pub(super) fn written_out(source: &SecretSource) -> SecretSource {
    match source {
        SecretSource::Value(value) => SecretSource::Value(value.written()),
        other => other.clone(),
    }
}

/// What is written out is known now; what is read is checked when it is.
fn check_sendable(setting: &str, source: &SecretSource) -> Result<(), Invalid> {
    match source {
        SecretSource::Value(value) if !value.is_sendable() => {
            let message = "the secret has a character that no header can carry";
            Err(Invalid::new(setting, "bad-header-value", message).help(
                "write it in one line, without a line break or another control character in its middle",
            ))
        }
        _ => Ok(()),
    }
}

pub(super) fn check_secret(setting: &str, source: &SecretSource) -> Result<(), Invalid> {
    let empty = match source {
        SecretSource::Env(name) => name.is_empty(),
        SecretSource::File(path) => path.as_os_str().is_empty(),
        SecretSource::Value(value) => value.expose().is_empty(),
    };
    if empty {
        return Err(Invalid::new(setting, "empty-secret", "the secret is empty")
            .help("name an environment variable (`env`) or a file (`file`)"));
    }
    match source {
        SecretSource::Env(name) if !is_variable(name) => {
            // It is not shown: it may be the secret.
            Err(Invalid::new(
                setting,
                "bad-variable",
                "the name of an environment variable has only letters, digits and `_`",
            )
            .help(match name.starts_with('$') {
                true => "write the name alone, without the dollar sign and braces",
                false => "name the variable that holds the secret, as `FLAGS_TOKEN`",
            }))
        }
        SecretSource::File(path) => match path.to_str().and_then(meant::path) {
            Some((message, help)) => Err(Invalid::new(setting, "bad-path", message).help(help)),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn is_variable(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}
