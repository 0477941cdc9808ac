//! Clients that a test brings, with a crypto provider of their own.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

/// As [`reqwest::Client::builder`], which needs rustls' process default. It trusts no server.
pub fn client_builder() -> reqwest::ClientBuilder {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider);
    let config = config.with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(RootCertStore::empty()).with_no_client_auth();
    reqwest::Client::builder().tls_backend_preconfigured(config)
}

/// As [`reqwest::Client::new`].
#[must_use]
pub fn client() -> reqwest::Client {
    client_builder().build().unwrap()
}
