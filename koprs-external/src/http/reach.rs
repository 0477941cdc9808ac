//! How far the requests of a declaration may go.

use std::sync::{Arc, LazyLock, OnceLock};

use super::guard::Guard;
use super::transport::{self, Client};
use crate::error::HttpError;
use crate::secret::Redactor;
use crate::spec::Trust;

/// Where requests may go.
#[derive(Clone)]
pub(crate) enum Reach {
    /// Wherever they lead.
    Anywhere,
    /// Only where a guard lets them.
    Guarded(Guarded),
}

impl Reach {
    /// Whose requests these are.
    pub(super) fn trust(&self) -> Trust {
        match self {
            Self::Anywhere => Trust::Trusted,
            Self::Guarded(_) => Trust::Untrusted,
        }
    }
}

/// The client of all that is untrusted: it shares no connection with others.
#[derive(Clone)]
pub(crate) struct Guarded {
    shared: Arc<Shared>,
    /// Those that the operator allows this declaration.
    ports: Arc<[u16]>,
}

struct Shared {
    guard: Guard,
    client: OnceLock<Client>,
}

impl Guarded {
    /// The client; made when it is first asked for.
    pub(super) fn client(&self) -> Result<Client, HttpError> {
        let client = match self.shared.client.get() {
            Some(client) => client,
            None => {
                let client = transport::guarded(self.shared.guard.clone())?;
                self.shared.client.get_or_init(|| client)
            }
        };
        Ok(client.clone().with_ports(&self.ports))
    }
}

impl Reach {
    /// What takes secrets out of the messages of who goes so far: those of a tenant are known to nobody else.
    pub(super) fn redactor(&self) -> Redactor {
        match self {
            Self::Anywhere => Redactor::trusted(),
            Self::Guarded(_) => Redactor::isolated(),
        }
    }
}

impl From<Guard> for Reach {
    fn from(guard: Guard) -> Self {
        let shared = Arc::new(Shared { guard, client: OnceLock::new() });
        Self::Guarded(Guarded { shared, ports: Arc::default() })
    }
}

impl Reach {
    /// What is untrusted may ask these ports beside the usual ones.
    pub(crate) fn new(trust: Trust, ports: &[u16]) -> Self {
        static PUBLIC: LazyLock<Reach> = LazyLock::new(|| Guard::system().into());
        match trust {
            Trust::Trusted => Self::Anywhere,
            Trust::Untrusted => PUBLIC.clone().with_ports(ports),
        }
    }

    pub(crate) fn with_ports(self, ports: &[u16]) -> Self {
        match self {
            Self::Guarded(guarded) if !ports.is_empty() => {
                Self::Guarded(Guarded { ports: ports.into(), ..guarded })
            }
            other => other,
        }
    }
}
