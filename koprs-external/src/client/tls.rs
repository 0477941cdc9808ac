//! TLS settings of the clients. Without a crypto provider (`ring`, `aws-lc-rs`) there is no HTTPS.

#[cfg(all(feature = "_tls", feature = "_remote-store"))]
mod any;
#[cfg(not(feature = "_tls"))]
mod none;
#[cfg(feature = "_tls")]
mod rustls;

#[cfg(not(feature = "_tls"))]
pub(super) use self::none::{Connector, Stream};
#[cfg(not(feature = "_tls"))]
pub(crate) use self::none::{Identity, Roots, Tls};
#[cfg(feature = "_tls")]
pub(super) use self::rustls::{Connector, Stream};
#[cfg(feature = "_tls")]
pub(crate) use self::rustls::{Identity, Roots, Tls};

/// What HTTPS needs.
pub(crate) const FEATURES: &str =
    "enable the feature `ring` (a default one) or `aws-lc-rs` of koprs-external";
