//! How far the requests of a declaration may go.

use std::sync::{Arc, LazyLock, OnceLock};

use super::guard::Guard;
use super::transport::{self, Client};
use crate::error::HttpError;
use crate::spec::Trust;

/// Where requests may go.
#[derive(Clone)]
pub(crate) enum Reach {
    /// Wherever they lead.
    Anywhere,
    /// Only where a guard lets them.
    Guarded(Arc<Guarded>),
}

/// The client of all that is untrusted: it shares no connection with others.
pub(crate) struct Guarded {
    guard: Guard,
    client: OnceLock<Client>,
}

impl Guarded {
    /// The client; made when it is first asked for.
    pub(super) fn client(&self) -> Result<Client, HttpError> {
        if let Some(client) = self.client.get() {
            return Ok(client.clone());
        }
        let client = transport::guarded(self.guard.clone())?;
        Ok(self.client.get_or_init(|| client).clone())
    }
}

impl From<Guard> for Reach {
    fn from(guard: Guard) -> Self {
        Self::Guarded(Arc::new(Guarded { guard, client: OnceLock::new() }))
    }
}

impl From<Trust> for Reach {
    fn from(trust: Trust) -> Self {
        static PUBLIC: LazyLock<Reach> = LazyLock::new(|| Guard::system().into());
        match trust {
            Trust::Trusted => Self::Anywhere,
            Trust::Untrusted => PUBLIC.clone(),
        }
    }
}
