//! The credential of requests, from where it is declared to the header that carries it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use http::HeaderValue;
use tokio::time::Instant;

use crate::error::{ExternalError, Result};
use crate::spec::{Auth, Invalid, SecretSource};

/// The kubelet rotates a projected token at 80 % of its life, which is 10 min at the least.
const READ_AGAIN: Duration = Duration::from_secs(60);

/// A credential that is sent as `Authorization`.
#[derive(Debug)]
pub(super) enum Credential {
    None,
    Fixed(HeaderValue),
    File { path: PathBuf, last: Option<Read> },
}

#[derive(Debug)]
pub(super) struct Read {
    header: HeaderValue,
    at: Instant,
    stale: bool,
}

impl Credential {
    /// Reads what does not change: an environment variable, a value.
    pub(super) fn new(auth: Option<&Auth>) -> Result<Self, Invalid> {
        match auth {
            None => Ok(Self::None),
            Some(Auth::Bearer(SecretSource::File(path))) => {
                Ok(Self::File { path: path.clone(), last: None })
            }
            Some(Auth::Bearer(SecretSource::Value(secret))) => fixed("value", secret.expose()),
            Some(Auth::Bearer(SecretSource::Env(name))) => match std::env::var(name) {
                Ok(token) => fixed("env", token.trim()),
                Err(_) => {
                    Err(refused("env", format!("the environment variable `{name}` is not set")))
                }
            },
        }
    }

    pub(super) fn is_some(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// The header to send now. A file is read again when its content is a minute old; while it cannot be
    /// read, or is empty as a half-written one is, the last good token stays.
    pub(super) async fn header(&mut self, watcher: &str) -> Result<Option<HeaderValue>> {
        let (path, last) = match self {
            Self::None => return Ok(None),
            Self::Fixed(header) => return Ok(Some(header.clone())),
            Self::File { path, last } => (path, last),
        };
        if let Some(read) = last
            && !read.stale
            && read.at.elapsed() < READ_AGAIN
        {
            return Ok(Some(read.header.clone()));
        }
        match (read(path).await, last) {
            (Ok(header), last) => {
                *last = Some(Read { header: header.clone(), at: Instant::now(), stale: false });
                Ok(Some(header))
            }
            (Err(message), Some(read)) => {
                tracing::debug!(source = watcher, message, "the last good credential is kept");
                Ok(Some(read.header.clone()))
            }
            (Err(message), None) => {
                Err(ExternalError::Credential { watcher: watcher.to_owned(), message })
            }
        }
    }

    /// The server refused it: a file is read again before the next request.
    pub(super) fn refused(&mut self) {
        if let Self::File { last: Some(read), .. } = self {
            read.stale = true;
        }
    }
}

async fn read(path: &Path) -> Result<HeaderValue, String> {
    let shown = path.display();
    let content = tokio::fs::read(path).await.map_err(|error| format!("`{shown}`: {error}"))?;
    let token = content.trim_ascii();
    if token.is_empty() {
        return Err(format!("`{shown}` is empty"));
    }
    bearer(token).ok_or_else(|| format!("`{shown}` has a character that no header can carry"))
}

fn fixed(from: &str, token: &str) -> Result<Credential, Invalid> {
    if token.is_empty() {
        return Err(refused(from, "the secret is empty"));
    }
    let header = bearer(token.as_bytes());
    header.map(Credential::Fixed).ok_or_else(|| {
        refused(from, "the secret has a character that no header can carry, as a line break")
    })
}

fn bearer(token: &[u8]) -> Option<HeaderValue> {
    let mut header = HeaderValue::from_bytes(&[b"Bearer ", token].concat()).ok()?;
    header.set_sensitive(true);
    Some(header)
}

fn refused(from: &str, why: impl Into<String>) -> Invalid {
    Invalid::new(format!("http.auth.bearer.{from}"), "bad-secret", why)
}
