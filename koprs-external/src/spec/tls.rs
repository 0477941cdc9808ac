//! `http.tls`: a private CA, and a certificate of our own. Files are read again, as secrets are.

use std::path::PathBuf;

use super::settings::Settings;
use super::table::row;

/// The files of a TLS configuration, in PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Tls {
    /// The certificates that the server's must descend from, in place of the system's.
    pub(crate) ca: Option<PathBuf>,
    /// Our certificate (with its chain) and its key, for mutual TLS.
    pub(crate) identity: Option<(PathBuf, PathBuf)>,
}

impl Tls {
    pub(super) fn from_settings(settings: &Settings) -> Self {
        let identity = settings.get(row!("http.tls.cert")).zip(settings.get(row!("http.tls.key")));
        Self { ca: settings.get(row!("http.tls.ca")), identity }
    }
}
