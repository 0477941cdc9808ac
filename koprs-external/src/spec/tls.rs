//! `http.tls`: a private CA, and a certificate of our own. Files are read again, as secrets are.

use std::path::PathBuf;

/// The files of a TLS configuration, in PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Tls {
    /// The certificates that the server's must descend from, in place of the system's.
    pub(crate) ca: Option<PathBuf>,
    /// Our certificate (with its chain) and its key, for mutual TLS.
    pub(crate) identity: Option<(PathBuf, PathBuf)>,
}
