//! Which client sends the requests of an endpoint.

use std::path::PathBuf;

use super::transport::{self, Client};
use crate::error::HttpError;
use crate::spec::Tls;

/// Where the client comes from.
pub(super) enum Sender {
    /// The one that all pollers share.
    Shared,
    /// The user's.
    Brought(Client),
}

impl Sender {
    pub(super) fn new(_tls: Tls, _unix_socket: Option<PathBuf>) -> Self {
        Self::Shared
    }

    pub(super) fn is_brought(&self) -> bool {
        matches!(self, Self::Brought(_))
    }

    /// Whether it says who we are: a client certificate, or whatever a brought client adds.
    pub(super) fn has_identity(&self) -> bool {
        self.is_brought()
    }

    /// The client to send by now.
    pub(super) async fn client(&mut self) -> Result<Client, HttpError> {
        match self {
            Self::Shared => transport::shared().cloned(),
            Self::Brought(client) => Ok(client.clone()),
        }
    }
}
