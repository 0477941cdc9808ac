//! The credential of requests, from where it is declared to the header that carries it.

use std::borrow::Cow;
use std::env::VarError;
use std::fmt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::time::{Instant, timeout};
use url::Url;

use super::transport::Client;
use crate::change::Fingerprint;
use crate::error::{ExternalError, Result};
use crate::spec::{Auth, Invalid, SecretSource};

/// The kubelet rotates a projected token at 80 % of its life, which is 10 min at the least.
const READ_AGAIN: Duration = Duration::from_secs(60);
/// A file that takes longer, as on a mount that hangs, counts as one that cannot be read.
const READ_WITHIN: Duration = Duration::from_secs(5);
/// No server takes headers of this size.
const MOST_BYTES: u64 = 64 * 1024;

/// A credential as it is sent with one request.
pub(super) struct Presented {
    pub(super) header: Option<(HeaderName, HeaderValue)>,
    /// What tells it from another one.
    pub(super) mark: Fingerprint,
}

impl Presented {
    pub(super) fn none() -> Self {
        Self { header: None, mark: Fingerprint::default() }
    }

    /// The URL of a request with it.
    pub(super) fn url<'a>(&self, url: &'a Url) -> Cow<'a, Url> {
        Cow::Borrowed(url)
    }
}

/// A credential that is sent as `Authorization`.
#[derive(Debug)]
pub(super) enum Credential {
    None,
    Fixed(HeaderValue),
    File { path: PathBuf, last: Option<Read>, reading: Reading },
}

/// A read that is on its way. It is waited for again and again and never begun anew beside itself: each
/// would take a thread for as long as the file hangs.
#[derive(Default)]
pub(super) struct Reading(Option<(Instant, Pin<Box<Pending>>)>);

type Pending = dyn Future<Output = Result<HeaderValue, String>> + Send + Sync;

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reading").field(&self.0.is_some()).finish()
    }
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
            Some(
                Auth::Basic { .. } | Auth::Header { .. } | Auth::Query { .. } | Auth::OAuth2(_),
            ) => Err(refused("kind", "is not supported yet")),
            Some(Auth::Bearer(SecretSource::File(path))) => {
                Ok(Self::File { path: path.clone(), last: None, reading: Reading::default() })
            }
            Some(Auth::Bearer(SecretSource::Value(secret))) => fixed("value", secret.expose()),
            Some(Auth::Bearer(SecretSource::Env(name))) => match std::env::var(name) {
                Ok(token) => fixed("env", token.trim()),
                Err(error) => {
                    let why = match error {
                        VarError::NotPresent => "is not set",
                        VarError::NotUnicode(_) => "is not UTF-8",
                    };
                    Err(refused("env", format!("the environment variable `{name}` {why}"))
                        .help("set it, or take the secret from a `file`"))
                }
            },
        }
    }

    /// Which credential it is, however often its secret changes.
    pub(super) fn identity(&self) -> Fingerprint {
        match self {
            Self::None => Fingerprint::default(),
            Self::Fixed(header) => Fingerprint::of(header.as_bytes()),
            Self::File { path, .. } => Fingerprint::of(path.as_os_str().as_encoded_bytes()),
        }
    }

    /// What to send now.
    pub(super) async fn present(&mut self, watcher: &str, _client: &Client) -> Result<Presented> {
        Ok(match self.header(watcher).await? {
            None => Presented::none(),
            Some(header) => {
                let mark = Fingerprint::of(header.as_bytes());
                Presented { header: Some((AUTHORIZATION, header)), mark }
            }
        })
    }

    pub(super) fn is_some(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// The header to send now. A file is read again when its content is a minute old; while it cannot be
    /// read, or is empty as a half-written one is, the last good token stays.
    async fn header(&mut self, watcher: &str) -> Result<Option<HeaderValue>> {
        let (path, last, reading) = match self {
            Self::None => return Ok(None),
            Self::Fixed(header) => return Ok(Some(header.clone())),
            Self::File { path, last, reading } => (path, last, reading),
        };
        if let Some(read) = last
            && !read.stale
            && read.at.elapsed() < READ_AGAIN
        {
            return Ok(Some(read.header.clone()));
        }
        match (reading.of(path).await, last) {
            (Ok(read), last) => {
                let header = read.header.clone();
                *last = Some(read);
                Ok(Some(header))
            }
            (Err(error), Some(read)) => {
                tracing::debug!(source = watcher, error, "the last good credential is kept");
                Ok(Some(read.header.clone()))
            }
            (Err(message), None) => {
                Err(ExternalError::Credential { watcher: watcher.to_owned(), message })
            }
        }
    }

    /// The server refused it: a file is read again before the next request. Returns whether that may help.
    pub(super) fn refused(&mut self) -> bool {
        match self {
            Self::File { last: Some(read), .. } => {
                read.stale = true;
                true
            }
            _ => false,
        }
    }
}

impl Reading {
    /// What is read is as old as the moment when the read began.
    async fn of(&mut self, path: &Path) -> Result<Read, String> {
        let begin = || (Instant::now(), Box::pin(read(path.to_owned())) as Pin<Box<Pending>>);
        let (at, reading) = self.0.get_or_insert_with(begin);
        let (at, Ok(read)) = (*at, timeout(READ_WITHIN, reading).await) else {
            return Err(format!("`{}` was not read within {READ_WITHIN:?}", path.display()));
        };
        self.0 = None;
        Ok(Read { header: read?, at, stale: false })
    }
}

async fn read(path: PathBuf) -> Result<HeaderValue, String> {
    let shown = path.display();
    let unreadable = |error| format!("`{shown}`: {error}");
    if !tokio::fs::metadata(&path).await.map_err(unreadable)?.is_file() {
        return Err(format!("`{shown}` is no file"));
    }
    let mut content = Vec::new();
    let mut file = File::open(&path).await.map_err(unreadable)?.take(MOST_BYTES + 1);
    file.read_to_end(&mut content).await.map_err(unreadable)?;
    if file.limit() == 0 {
        return Err(format!("`{shown}` has more than {MOST_BYTES} bytes: that is no token"));
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_read_that_hangs_is_waited_for_again_and_not_begun_anew() {
        let begin = Instant::now();
        let hangs = async {
            tokio::time::sleep(Duration::from_secs(7)).await;
            Ok(HeaderValue::from_static("Bearer one"))
        };
        let mut reading = Reading(Some((begin, Box::pin(hangs))));
        let path = Path::new("no-such-file");
        let error = reading.of(path).await.unwrap_err();
        assert_eq!(error, "`no-such-file` was not read within 5s");
        let read = reading.of(path).await.unwrap();
        assert_eq!((read.header.as_bytes(), read.at), (b"Bearer one".as_slice(), begin));
        assert!(reading.of(path).await.is_err(), "the next one is another read");
    }
}
