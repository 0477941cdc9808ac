//! Who may send when: what one watcher is told to wait holds for all of the same host and credential, and a
//! host gets only so many requests at a time.

use std::time::Duration;

use url::Url;

use crate::change::Fingerprint;
use crate::error::HttpError;

/// The way to a host with a credential, shared by all watchers of the process that go it.
pub(super) struct Lane {}

/// Holds one of the places at a host.
pub(super) struct Permit;

impl Lane {
    /// The lane to the host of a URL; at most so many requests are under way to that host.
    pub(super) fn of(_url: &Url, _credential: Fingerprint, _most: usize) -> Self {
        Self {}
    }

    /// Waits until a request may be sent: for a short wish of the server's, and for a free place.
    pub(super) async fn enter(&self) -> Result<Permit, HttpError> {
        Ok(Permit)
    }

    /// The server asks to be left alone for so long.
    pub(super) fn told(&self, _wait: Duration) {}
}
