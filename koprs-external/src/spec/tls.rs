//! `http.tls`: a private CA, and a certificate of our own. Files are read again, as secrets are.

use std::path::{Path, PathBuf};

use url::Url;

use super::{Invalid, meant};

/// The files of a TLS configuration, in PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Tls {
    /// The certificates that the server's must descend from, in place of the system's.
    pub(crate) ca: Option<PathBuf>,
    /// Our certificate (with its chain) and its key, for mutual TLS.
    pub(crate) identity: Option<(PathBuf, PathBuf)>,
}

/// The files as they were written.
#[derive(Clone, Default)]
pub(crate) struct TlsFiles {
    pub(crate) ca: Option<PathBuf>,
    pub(crate) cert: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
}

pub(super) fn check(
    files: Option<&TlsFiles>,
    url: Option<&Url>,
    mut refuse: impl FnMut(Invalid),
) -> Tls {
    let Some(TlsFiles { ca, cert, key }) = files else {
        return Tls::default();
    };
    for (setting, path) in [("http.tls.ca", ca), ("http.tls.cert", cert), ("http.tls.key", key)] {
        if path.as_ref().is_some_and(|path| path.as_os_str().is_empty()) {
            refuse(Invalid::empty(setting));
        }
        if let Some((message, help)) = path.as_deref().and_then(Path::to_str).and_then(meant::path)
        {
            refuse(Invalid::new(setting, "bad-path", message).help(help));
        }
    }
    match (ca, cert, key) {
        (None, None, None) => refuse(
            Invalid::new("http.tls", "missing-choice", "`tls` names no file")
                .help("name a `ca`, or a `cert` with its `key`"),
        ),
        (_, Some(_), None) => refuse(half("cert", "key")),
        (_, None, Some(_)) => refuse(half("key", "cert")),
        _ => {}
    }
    if url.is_some_and(|url| url.scheme() == "http") {
        refuse(Invalid::no_use("http.tls", "http://").help("write `https://`, or leave `tls` out"));
    }
    Tls { ca: ca.clone(), identity: cert.clone().zip(key.clone()) }
}

fn half(given: &str, missing: &str) -> Invalid {
    let message = format!("`{given}` is given without `{missing}`");
    Invalid::new(format!("http.tls.{given}"), "half-identity", message)
        .help("name both files: the certificate and its key")
}

/// `http.unix_socket`: the socket that is connected to, in place of the host of the URL.
pub(super) fn check_socket(
    path: Option<&PathBuf>,
    url: Option<&Url>,
    mut refuse: impl FnMut(Invalid),
) {
    const SETTING: &str = "http.unix_socket";
    let Some(path) = path else { return };
    if cfg!(not(unix)) {
        refuse(
            Invalid::new(SETTING, "missing-platform", "this platform has no Unix sockets")
                .help("take the endpoint over TCP"),
        );
    }
    if path.as_os_str().is_empty() {
        refuse(Invalid::empty(SETTING));
    }
    if url.is_some_and(|url| url.scheme() == "https") {
        refuse(
            Invalid::no_use(SETTING, "https://")
                .help("write `http://`: on a socket nothing is encrypted"),
        );
    }
}
