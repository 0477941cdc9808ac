//! A secret, from where it is declared to its type.

use std::env::VarError;
use std::path::PathBuf;

use futures_util::FutureExt;

use super::form::UNSENDABLE;
use crate::change::Fingerprint;
use crate::http::file;
use crate::http::kept::{Failure, Kept, Made};
use crate::secret::Secret;
use crate::spec::{Invalid, SecretSource, bounds, quote};

/// No server takes headers of this size.
pub(super) const TOO_LONG: &str = "the secret is longer than `64KiB`";

/// A secret that is known, or where to read it.
pub(super) enum Held {
    Fixed { secret: Secret, from: &'static str },
    File(PathBuf),
}

impl Held {
    /// Reads what does not change.
    pub(super) fn new(setting: &str, source: &SecretSource) -> Result<Self, Invalid> {
        let (secret, from) = match source {
            SecretSource::File(path) => return Ok(Self::File(path.clone())),
            SecretSource::Value(secret) => (secret.clone(), "value"),
            SecretSource::Env(name) => (variable(setting, name)?, "env"),
        };
        if secret.expose().is_empty() {
            return Err(refused(setting, from, "the secret is empty"));
        }
        if secret.expose().len() > bounds::SECRET {
            return Err(refused(setting, from, TOO_LONG));
        }
        if !secret.is_sendable() {
            return Err(refused(setting, from, format!("the secret {UNSENDABLE}")));
        }
        Ok(Self::Fixed { secret, from })
    }

    pub(super) fn identity(&self, before: Fingerprint) -> Fingerprint {
        let (kind, of) = match self {
            Self::Fixed { secret, .. } => ("value", secret.expose().as_bytes()),
            Self::File(path) => ("file", path.as_os_str().as_encoded_bytes()),
        };
        Fingerprint::seeded(of, Fingerprint::seeded(kind.as_bytes(), before))
    }
}

fn variable(setting: &str, name: &str) -> Result<Secret, Invalid> {
    match std::env::var(name).map(Secret::new) {
        Ok(value) => Ok(Secret::read(value.expose())),
        Err(error) => {
            let why = match error {
                VarError::NotPresent => "is not set",
                VarError::NotUnicode(_) => "is not UTF-8",
            };
            Err(refused(setting, "env", format!("{} {why}", quote::variable(name)))
                .help("set it, or take the secret from a `file`"))
        }
    }
}

/// What is made of the secret in a file. It is read again when its content is a minute old; while it cannot be
/// read, or is half written, the last good one stays.
pub(super) struct FromFile<T> {
    path: PathBuf,
    kept: Kept<T>,
}

impl<T: Clone + Send + Sync + 'static> FromFile<T> {
    pub(super) fn new(what: &'static str, path: PathBuf) -> Self {
        let kept = Kept::new(what, format!("`{}`", quote::file(&path)), file::FILES);
        Self { path, kept }
    }

    /// What to use now. `make` gives nothing of a secret that no header can carry.
    pub(super) async fn get(
        &self,
        watcher: &str,
        make: impl FnOnce(Secret) -> Option<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let read = |_| {
            let (path, renew) = (self.path.clone(), file::again());
            async move {
                let refused = |why| Failure::new(format!("`{}` {why}", quote::file(&path)));
                let content =
                    file::read(&path, bounds::SECRET as u64).await.map_err(Failure::new)?;
                let text = std::str::from_utf8(&content).map_err(|_| refused("is not UTF-8"))?;
                let secret = Secret::read(text);
                if secret.expose().is_empty() {
                    return Err(refused("is empty"));
                }
                let value = make(secret).ok_or_else(|| refused(UNSENDABLE))?;
                Ok(Made { value, renew, end: None })
            }
            .boxed()
        };
        self.kept.get(watcher, |_| true, read).await
    }

    /// It is read again when it is asked for next. Returns whether it was read before.
    pub(super) fn stale(&self) -> bool {
        self.kept.stale(|_| true)
    }
}

pub(super) fn refused(setting: &str, from: &str, why: impl Into<String>) -> Invalid {
    Invalid::new(format!("{setting}.{from}"), "bad-secret", why)
}
