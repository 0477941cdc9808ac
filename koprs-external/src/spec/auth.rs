//! `http.auth`: the credential of the requests.

use std::path::PathBuf;
use std::time::Duration;

use http::HeaderName;
use http::header::AUTHORIZATION;
use url::Url;

use super::Invalid;
use crate::secret::Secret;

/// How requests are authenticated.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// OAuth 2.0 client credentials (RFC 6749 §4.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OAuth2 {
    pub(crate) token_url: Url,
    pub(crate) client_id: String,
    pub(crate) client_secret: SecretSource,
    pub(crate) scopes: Vec<String>,
    pub(crate) audience: Option<String>,
    /// A token is renewed so long before it expires.
    pub(crate) margin: Duration,
}

/// Databricks refuses tokens with less (r-lib/httr2#861).
pub(crate) const MARGIN: Duration = Duration::from_secs(30);

/// Where a secret comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
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

pub(super) fn check(
    auth: Option<Auth>,
    header: &[(String, String)],
) -> Result<Option<Auth>, Invalid> {
    let Some(Auth::Bearer(secret)) = &auth else {
        return Ok(auth);
    };
    if header.iter().any(|(name, _)| name.eq_ignore_ascii_case(AUTHORIZATION.as_str())) {
        return Err(Invalid::new(
            "http.auth",
            "two-credentials",
            "`auth` and an `Authorization` header are both given",
        )
        .help("keep one of them"));
    }
    let empty = match secret {
        SecretSource::Env(name) => name.is_empty(),
        SecretSource::File(path) => path.as_os_str().is_empty(),
        SecretSource::Value(value) => value.expose().is_empty(),
    };
    if empty {
        return Err(Invalid::new("http.auth.bearer", "empty-secret", "the secret is empty")
            .help("name an environment variable (`env`) or a file (`file`)"));
    }
    if let SecretSource::Env(name) = secret
        && !is_variable(name)
    {
        // It is not shown: it may be the secret.
        return Err(Invalid::new(
            "http.auth.bearer",
            "bad-variable",
            "the name of an environment variable has only letters, digits and `_`",
        )
        .help("name the variable that holds the secret, as `FLAGS_TOKEN`"));
    }
    Ok(auth)
}

fn is_variable(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}
