//! Keeps the requests of untrusted declarations on the public internet.
//!
//! A name is looked up here, and connected to are its public addresses and no others: those that were looked at,
//! so that a name which leads elsewhere a moment later (DNS rebinding) changes nothing. An address in a URL needs
//! no lookup: it is looked at before each request, behind a redirect, for a page and for a token as well.
//!
//! What is refused and what is not found are told alike, so that no message says what is inside.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_core::future::BoxFuture;
use futures_util::FutureExt;
use url::Url;

use super::lookup::look_up;
use super::transport::dns;
use crate::error::{HttpError, HttpErrorKind};
use crate::spec::address;

/// Looks up a name.
pub(crate) type Lookup =
    dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync;

/// Says where a request may go.
#[derive(Clone)]
pub(crate) struct Guard {
    lookup: Arc<Lookup>,
    is_public: fn(IpAddr) -> bool,
}

impl Guard {
    pub(crate) fn new(lookup: Arc<Lookup>, is_public: fn(IpAddr) -> bool) -> Self {
        Self { lookup, is_public }
    }

    /// Of the public internet, as the resolver of the system sees it.
    pub(super) fn system() -> Self {
        Self::new(Arc::new(|name| look_up(name).boxed()), address::is_public)
    }

    /// Whether a URL may be asked, as far as it says so itself.
    pub(super) fn check(&self, url: &Url) -> Result<(), HttpError> {
        if address::is_public_url(url, self.is_public) {
            return Ok(());
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        Err((&NotPublic { host }).into())
    }
}

impl dns::Resolve for Guard {
    fn resolve(&self, name: dns::Name) -> dns::Resolving {
        let host = name.as_str().to_owned();
        let (found, is_public) = ((self.lookup)(absolute(&host)), self.is_public);
        async move {
            let found = found.await.inspect_err(|error| {
                tracing::debug!(%host, %error, "cannot resolve the host of an untrusted declaration");
            });
            let mut public = found.unwrap_or_default();
            public.retain(|address| is_public(*address));
            if public.is_empty() {
                return Err(NotPublic { host }.into());
            }
            let addresses = public.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as dns::Addrs)
        }
        .boxed()
    }
}

/// A name that no search list is applied to: in a cluster, `api.shop` may else be a service.
fn absolute(name: &str) -> String {
    if name.ends_with('.') { name.to_owned() } else { format!("{name}.") }
}

/// A host that is not asked.
#[derive(Debug)]
pub(super) struct NotPublic {
    host: String,
}

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not found on the public internet, where alone an untrusted declaration may ask; is it \
             spelt right?",
            self.host
        )
    }
}

impl std::error::Error for NotPublic {}

impl From<&NotPublic> for HttpError {
    fn from(refused: &NotPublic) -> Self {
        Self::new(HttpErrorKind::NotPublic, refused.to_string())
    }
}
