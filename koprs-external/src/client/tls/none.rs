//! No TLS: this crate was compiled without a crypto provider.

use super::FEATURES;

/// Nothing: only `http://` can be requested.
#[derive(Clone)]
pub(crate) struct Tls;

/// What connects without TLS.
pub(in crate::client) type Connector<C> = C;
/// A connection without TLS.
pub(in crate::client) type Stream<S> = S;

/// The certificates of the system, which are not looked at.
pub(crate) struct Roots;

/// There is none.
pub(crate) enum Identity {}

impl Roots {
    pub(crate) fn system() -> Self {
        Self
    }

    pub(crate) fn only(_pem: &[u8]) -> Result<Self, String> {
        Err(no_tls())
    }

    #[cfg(feature = "_remote-store")]
    pub(crate) fn system_and(_pem: &[u8]) -> Result<Self, String> {
        Err(no_tls())
    }

    #[cfg(feature = "_remote-store")]
    pub(crate) fn none() -> Self {
        Self
    }

    #[cfg(feature = "_remote-store")]
    pub(crate) fn any() -> Self {
        Self
    }
}

impl Identity {
    pub(crate) fn parse(_pem: &[u8]) -> Result<Self, String> {
        Err(no_tls())
    }
}

impl Tls {
    pub(crate) fn new(_roots: Roots, _identity: Option<Identity>) -> Result<Self, String> {
        Ok(Self)
    }

    pub(crate) fn with_alpn(self, _protocols: &[&str]) -> Self {
        self
    }

    pub(in crate::client) fn connector<C>(&self, plain: C) -> Connector<C> {
        plain
    }
}

fn no_tls() -> String {
    format!("there is no TLS: {FEATURES}")
}
