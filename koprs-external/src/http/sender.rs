//! Which client sends the requests of an endpoint.
//!
//! Without TLS files and a socket of its own, that is the one that all share. Else the watchers with the same
//! files share one. The files are read again as secrets are, and when their content is another, there is
//! another client: new connections have the new certificate, and idle ones with the old go away.
//!
//! What is untrusted has a client of its own, which has a guard.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::FutureExt;
use secrecy::zeroize::Zeroizing;
use url::Url;

use super::file;
use super::kept::{Failure, Kept, Made, Make};
use super::pacing::Place;
use super::reach::{Guarded, Reach};
use super::registry::Registry;
use super::transport::{self, Client};
use crate::change::Fingerprint;
use crate::client::{Identity, Roots, Tls};
use crate::error::{HttpError, HttpErrorKind};
use crate::spec::fixed::TLS_FILE;
use crate::spec::{self, quote};

/// Where the client comes from.
pub(super) enum Sender {
    /// The one that all pollers share.
    Shared,
    /// The one that all share that are untrusted.
    Guarded(Guarded),
    /// The user's.
    Brought(Client),
    /// One with files or a socket of its own.
    Own(Arc<Own>),
}

pub(super) struct Own {
    parts: Parts,
    clients: Kept<Built>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Parts {
    tls: spec::Tls,
    unix_socket: Option<PathBuf>,
}

#[derive(Clone)]
struct Built {
    client: Client,
    /// The content of the files.
    of: Fingerprint,
}

static CLIENTS: Registry<Parts, Own> = Registry::new();

impl Sender {
    /// What is guarded has neither files nor a socket.
    pub(super) fn new(reach: &Reach, tls: spec::Tls, unix_socket: Option<PathBuf>) -> Self {
        if let Reach::Guarded(guarded) = reach {
            return Self::Guarded(guarded.clone());
        }
        let parts = Parts { tls, unix_socket };
        if !parts.has_files() && parts.unix_socket.is_none() {
            return Self::Shared;
        }
        let Ok(own) =
            CLIENTS.get(parts, |parts| Ok::<_, std::convert::Infallible>(Own::new(parts)));
        Self::Own(own)
    }

    pub(super) fn is_brought(&self) -> bool {
        matches!(self, Self::Brought(_))
    }

    /// Whether TLS has files of its own.
    pub(super) fn has_files(&self) -> bool {
        matches!(self, Self::Own(own) if own.parts.has_files())
    }

    /// Whether it says who we are: a client certificate, or whatever a brought client adds.
    pub(super) fn has_identity(&self) -> bool {
        match self {
            Self::Shared | Self::Guarded(_) => false,
            Self::Brought(_) => true,
            Self::Own(own) => own.parts.tls.identity.is_some(),
        }
    }

    /// What is behind a URL, for this client.
    pub(super) fn place(&self, url: &Url) -> Place {
        match self {
            Self::Guarded(_) => Place::Guarded(url.origin()),
            Self::Shared | Self::Brought(_) => Place::Origin(url.origin()),
            Self::Own(own) => {
                let socket = own.parts.unix_socket.clone();
                socket.map_or_else(|| Place::Origin(url.origin()), Place::Socket)
            }
        }
    }

    /// The client to send by now.
    pub(super) async fn client(&self, watcher: &str) -> Result<Client, HttpError> {
        match self {
            Self::Shared => transport::shared().cloned(),
            Self::Guarded(guarded) => guarded.client(),
            Self::Brought(client) => Ok(client.clone()),
            // In a box: most watchers need no room for it.
            Self::Own(own) => Box::pin(own.client(watcher)).await,
        }
    }

    /// A request failed: if it was for a certificate, another one may be there by now. With TLS 1.3, a
    /// server refuses ours only after the connection is made, and some, as nginx, by a status.
    pub(super) fn failed(&self, error: &HttpError) {
        if let Self::Own(own) = self
            && match error.kind {
                HttpErrorKind::Connect | HttpErrorKind::Interrupted => own.parts.has_files(),
                HttpErrorKind::Status(400 | 403) => own.parts.tls.identity.is_some(),
                _ => false,
            }
        {
            own.clients.stale(|_| true);
        }
    }
}

impl Own {
    fn new(parts: &Parts) -> Self {
        let clients = Kept::new("TLS configuration", parts.shown(), file::FILES);
        Self { parts: parts.clone(), clients }
    }

    async fn client(&self, watcher: &str) -> Result<Client, HttpError> {
        let make = |last| self.parts.clone().make(last);
        let built = self.clients.get(watcher, |_| true, make).await;
        built.map(|built| built.client).map_err(|failure| {
            let kind = failure.kind.unwrap_or(HttpErrorKind::Connect);
            HttpError::new(kind, format!("`tls`: {}", failure.message))
        })
    }
}

impl Parts {
    fn has_files(&self) -> bool {
        self.tls.ca.is_some() || self.tls.identity.is_some()
    }

    fn files(&self) -> impl Iterator<Item = &Path> {
        let identity = self.tls.identity.iter().flat_map(|(certificate, key)| [certificate, key]);
        self.tls.ca.iter().chain(identity).map(PathBuf::as_path)
    }

    fn shown(&self) -> String {
        let files: Vec<_> = self.files().map(|file| format!("`{}`", quote::file(file))).collect();
        files.join(", ")
    }

    fn make(self, last: Option<Built>) -> Make<Built> {
        let renew = if self.has_files() { file::again() } else { None };
        async move {
            let mut contents = Vec::new();
            for file in self.files() {
                contents.push(file::read(file, TLS_FILE).await.map_err(Failure::new)?);
            }
            let none = Fingerprint::default();
            let of = contents.iter().fold(none, |mark, content| Fingerprint::seeded(content, mark));
            let value = match last.filter(|last| last.of == of) {
                Some(last) => last,
                None => Built { client: self.build(contents).map_err(Failure::new)?, of },
            };
            Ok(Made { value, renew, end: None })
        }
        .boxed()
    }

    /// The client with these files, in their order.
    fn build(&self, contents: Vec<Zeroizing<Vec<u8>>>) -> Result<Client, String> {
        let mut contents = contents.into_iter();
        let mut next = || contents.next().unwrap_or_default();
        let roots = match &self.tls.ca {
            None => Roots::system(),
            Some(path) => {
                Roots::only(&next()).map_err(|why| format!("`{}`: {why}", quote::file(path)))?
            }
        };
        let identity = match &self.tls.identity {
            None => None,
            Some((path, key)) => {
                let (mut pem, key_pem) = (next(), next());
                let mut both = Zeroizing::new(Vec::with_capacity(pem.len() + key_pem.len() + 1));
                both.append(&mut pem);
                both.push(b'\n');
                both.extend_from_slice(&key_pem);
                let identity = Identity::parse(&both);
                let name = || format!("`{}`, `{}`", quote::file(path), quote::file(key));
                Some(identity.map_err(|why| format!("{}: {why}", name()))?)
            }
        };
        let tls = Tls::new(roots, identity);
        let client = tls.and_then(|tls| transport::own(tls, self.unix_socket.clone()));
        client.map_err(|why| match self.shown() {
            files if files.is_empty() => why,
            files => format!("{files}: {why}"),
        })
    }
}
