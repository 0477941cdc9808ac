//! Keeps the requests of untrusted declarations on the public internet.
//!
//! A name is looked up here, and connected to are its public addresses and no others: those that were looked at,
//! so that a name which leads elsewhere a moment later (DNS rebinding) changes nothing. An address in a URL needs
//! no lookup: it is looked at before each request, behind a redirect, for a page and for a token as well.
//!
//! A declaration must not be a scanner of networks. So whatever there is no answer for has one error: no such name, none
//! that is public, a port that is closed, filtered or mute, what is no HTTP or no TLS. It comes after the same time, that
//! of the request. Only the log of the operator says more. A request that meets the end of a connection which has
//! answered before is sent once more, before there is an error to conceal: that connection has shown that there is a server.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_core::future::BoxFuture;
use futures_util::FutureExt;
use tokio::time::{Instant, sleep_until};
use url::Url;

use super::lookup::look_up;
use super::transport::dns;
use crate::error::{HttpError, HttpErrorKind};
use crate::printable::printable;
use crate::spec::address;
use crate::spec::fixed::UNTRUSTED_CONNECTIONS;

/// Looks up a name.
pub(crate) type Lookup =
    dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync;

/// Says where a request may go.
#[derive(Clone)]
pub(crate) struct Guard {
    lookup: Arc<Lookup>,
    is_public: fn(IpAddr) -> bool,
    /// Those that the operator allows, beside the usual ones.
    ports: Arc<[u16]>,
    /// Whether all failures take the same time.
    is_even: bool,
    /// How many connections may be open.
    connections: usize,
}

impl Guard {
    /// Failures come when they come.
    #[cfg(test)]
    pub(crate) fn new(lookup: Arc<Lookup>, is_public: fn(IpAddr) -> bool) -> Self {
        Self {
            lookup,
            is_public,
            ports: Arc::default(),
            is_even: false,
            connections: UNTRUSTED_CONNECTIONS,
        }
    }

    #[cfg(test)]
    pub(crate) fn with_connections(self, connections: usize) -> Self {
        Self { connections, ..self }
    }

    #[cfg(test)]
    pub(crate) fn even(self) -> Self {
        Self { is_even: true, ..self }
    }

    /// Of the public internet, as the resolver of the system sees it.
    pub(super) fn system() -> Self {
        let lookup = Arc::new(|name| look_up(name).boxed());
        let (is_public, connections) = (address::is_public, UNTRUSTED_CONNECTIONS);
        Self { lookup, is_public, ports: Arc::default(), is_even: true, connections }
    }

    pub(super) fn connections(&self) -> usize {
        self.connections
    }

    pub(super) fn with_ports(self, ports: &Arc<[u16]>) -> Self {
        Self { ports: Arc::clone(ports), ..self }
    }

    /// Whether a URL may be asked, as far as it says so itself.
    pub(super) fn check(&self, url: &Url) -> Result<(), HttpError> {
        if !address::is_public_url(url, self.is_public) {
            return Err(unreachable(url));
        }
        if address::is_open_port(url, &self.ports) {
            return Ok(());
        }
        let origin = url.origin().ascii_serialization();
        let message = format!(
            "`{}` has a port below 1024, and an untrusted declaration may ask 80 and 443 alone of these",
            printable(&origin)
        );
        Err(HttpError::new(HttpErrorKind::Unreachable, message))
    }

    /// What may be said of a request that got no answer, and when.
    pub(super) async fn conceal(
        &self,
        watcher: &str,
        url: &Url,
        error: HttpError,
        until: Option<Instant>,
    ) -> HttpError {
        match error.kind {
            HttpErrorKind::Connect | HttpErrorKind::Timeout | HttpErrorKind::Interrupted => {}
            // There is a server, which speaks HTTP.
            _ => return error,
        }
        tracing::debug!(
            source = %printable(watcher),
            host = %printable(url.host_str().unwrap_or_default()),
            error = %printable(&error.message),
            "no answer for an untrusted declaration"
        );
        if let Some(until) = until.filter(|_| self.is_even) {
            sleep_until(until).await;
        }
        unreachable(url)
    }
}

impl dns::Resolve for Guard {
    fn resolve(&self, name: dns::Name) -> dns::Resolving {
        let host = name.as_str().to_owned();
        let (found, is_public) = ((self.lookup)(absolute(&host)), self.is_public);
        async move {
            let found = found.await?;
            let (public, others): (Vec<_>, _) =
                found.into_iter().partition(|address| is_public(*address));
            if public.is_empty() {
                let why = format!("the host has no public address; its addresses are {others:?}");
                return Err(why.into());
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

/// The error of all that is not reached.
fn unreachable(url: &Url) -> HttpError {
    let message = format!(
        "`{}` cannot be reached on the public internet, where alone an untrusted declaration may ask; is it spelt \
         right, and does it answer?",
        printable(url.host_str().unwrap_or_default())
    );
    HttpError::new(HttpErrorKind::Unreachable, message)
}
