//! Certificates of a private CA.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use tokio_rustls::rustls::RootCertStore;

/// A private CA.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key.
pub struct Leaf {
    /// The certificate, of `127.0.0.1`.
    pub certificate: rcgen::Certificate,
    /// Its key.
    pub key: KeyPair,
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

impl Authority {
    /// A CA that nobody knew before.
    #[must_use]
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        // A leaf that had the name of its issuer would be one that signed itself, to OpenSSL.
        params.distinguished_name.push(DnType::CommonName, "authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A certificate that is valid for long.
    #[must_use]
    pub fn issues(&self) -> Leaf {
        self.issues_until(4000)
    }

    /// A certificate that is valid until this year begins.
    #[must_use]
    pub fn issues_until(&self, year: i32) -> Leaf {
        let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        params.not_after = date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().unwrap();
        Leaf { certificate: params.signed_by(&key, &self.0).unwrap(), key }
    }

    /// The certificate of the CA.
    #[must_use]
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// The CA as the only one that is trusted.
    #[must_use]
    pub fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        Arc::new(roots)
    }
}
