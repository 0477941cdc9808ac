//! TLS by rustls, with the crypto provider of this crate's features.

use std::sync::Arc;

use hyper_rustls::{DefaultServerNameResolver, HttpsConnector, MaybeHttpsStream};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, Error, RootCertStore};
use rustls_platform_verifier::Verifier;

/// The TLS configuration of a client; cheap to clone.
#[derive(Clone)]
pub(crate) struct Tls(ClientConfig);

/// What connects by TLS, or without it.
pub(in crate::client) type Connector<C> = HttpsConnector<C>;
/// A connection by TLS, or without it.
pub(in crate::client) type Stream<S> = MaybeHttpsStream<S>;

/// Which servers are trusted.
pub(crate) enum Roots {
    /// Those whose certificate the platform accepts, or that descends from one of these.
    System(Vec<CertificateDer<'static>>),
    /// Those whose certificate descends from one of these.
    Only(RootCertStore),
    /// All: whoever is in between reads what is sent.
    #[cfg(feature = "_remote-store")]
    Any,
}

/// A certificate with its chain, and its key.
pub(crate) struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Roots {
    pub(crate) fn system() -> Self {
        Self::System(Vec::new())
    }

    #[cfg(feature = "_remote-store")]
    pub(crate) fn system_and(pem: &[u8]) -> Result<Self, String> {
        certificates(pem).map(Self::System)
    }

    /// At least one certificate, in PEM.
    pub(crate) fn only(pem: &[u8]) -> Result<Self, String> {
        let mut store = RootCertStore::empty();
        for certificate in certificates(pem)? {
            store.add(certificate).map_err(shown)?;
        }
        if store.is_empty() {
            return Err("there is no certificate in it".to_owned());
        }
        Ok(Self::Only(store))
    }

    #[cfg(feature = "_remote-store")]
    pub(crate) fn none() -> Self {
        Self::Only(RootCertStore::empty())
    }

    #[cfg(feature = "_remote-store")]
    pub(crate) fn any() -> Self {
        Self::Any
    }
}

impl Identity {
    /// Certificates and a key, in PEM and in any order.
    pub(crate) fn parse(pem: &[u8]) -> Result<Self, String> {
        let chain = certificates(pem)?;
        match PrivateKeyDer::pem_slice_iter(pem).last() {
            Some(Ok(key)) if !chain.is_empty() => Ok(Self { chain, key }),
            _ => Err("private key or certificate not found".to_owned()),
        }
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates: Result<_, _> = CertificateDer::pem_slice_iter(pem).collect();
    certificates.map_err(|_| "invalid certificate encoding".to_owned())
}

impl Tls {
    /// A configuration for HTTP/2 and HTTP/1.1.
    pub(crate) fn new(roots: Roots, identity: Option<Identity>) -> Result<Self, String> {
        let provider = provider();
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(shown)?;
        let config = match roots {
            Roots::Only(store) => config.with_root_certificates(store),
            Roots::System(more) => {
                config.dangerous().with_custom_certificate_verifier(system(more, provider)?)
            }
            #[cfg(feature = "_remote-store")]
            Roots::Any => {
                let any = super::any::Any::new(&provider);
                config.dangerous().with_custom_certificate_verifier(Arc::new(any))
            }
        };
        let config = match identity {
            None => config.with_no_client_auth(),
            Some(Identity { chain, key }) => {
                config.with_client_auth_cert(chain, key).map_err(shown)?
            }
        };
        Ok(Self(config).with_alpn(&["h2", "http/1.1"]))
    }

    /// The same with these protocols (ALPN).
    pub(crate) fn with_alpn(mut self, protocols: &[&str]) -> Self {
        self.0.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        self
    }

    /// Connects by TLS where the URL says so.
    pub(in crate::client) fn connector<C>(&self, plain: C) -> Connector<C> {
        let names = Arc::new(DefaultServerNameResolver::default());
        HttpsConnector::new(plain, self.0.clone(), false, names)
    }
}

/// The crypto provider. Who enables `aws-lc-rs` asks for it, while `ring` is a default feature.
fn provider() -> Arc<CryptoProvider> {
    #[cfg(feature = "aws-lc-rs")]
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    #[cfg(not(feature = "aws-lc-rs"))]
    let provider = rustls::crypto::ring::default_provider();
    Arc::new(provider)
}

/// Verifies as the platform does.
fn system(
    more: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<Verifier>, String> {
    if more.is_empty() {
        return Verifier::new(provider).map(Arc::new).map_err(shown);
    }
    #[cfg(any(all(unix, not(target_os = "android")), target_os = "windows"))]
    return Verifier::new_with_extra_roots(more, provider).map(Arc::new).map_err(shown);
    #[cfg(not(any(all(unix, not(target_os = "android")), target_os = "windows")))]
    return Err("this platform does not take certificates beside its own".to_owned());
}

fn shown(error: Error) -> String {
    error.to_string()
}
