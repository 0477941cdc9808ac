//! A server of HTTPS.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;

use crate::Server;
use crate::authority::{Authority, Leaf};

type Certificates = Arc<Mutex<Vec<Option<CertificateDer<'static>>>>>;

/// Ends TLS, and passes on what is in it to a scripted server.
pub struct Door {
    /// The server behind it.
    pub server: Server,
    pub(crate) address: SocketAddr,
    certificates: Certificates,
    _task: JoinSet<()>,
}

impl Door {
    /// With this certificate; asks for one of a client where there is an authority for it.
    pub async fn open(leaf: &Leaf, clients: Option<&Authority>) -> Self {
        let server = Server::start().await;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = acceptor(leaf, clients);
        let certificates = Certificates::default();
        let (inner, shown) = (server.address(), Arc::clone(&certificates));
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(pass_on(acceptor.clone(), stream, inner, Arc::clone(&shown)));
            }
        });
        Self { server, address, certificates, _task: task }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of a path, which begins with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.address)
    }

    /// The client certificates that were shown, one a connection.
    #[must_use]
    pub fn certificates(&self) -> Vec<Option<CertificateDer<'static>>> {
        self.certificates.lock().unwrap().clone()
    }
}

fn acceptor(leaf: &Leaf, clients: Option<&Authority>) -> TlsAcceptor {
    let provider = Arc::new(default_provider());
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let config = config.with_safe_default_protocol_versions().unwrap();
    let config = match clients {
        None => config.with_no_client_auth(),
        Some(clients) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(clients.roots(), provider);
            config.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(leaf.key.serialize_der()));
    let chain = vec![leaf.certificate.der().clone()];
    TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key).unwrap()))
}

async fn pass_on(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    inner: SocketAddr,
    shown: Certificates,
) -> io::Result<()> {
    let mut stream = match acceptor.accept(stream).into_fallible().await {
        Ok(stream) => stream,
        // What is still sent is read, since a reset would overtake the alert.
        Err((_, mut stream)) => {
            return tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.map(drop);
        }
    };
    let certificates = stream.get_ref().1.peer_certificates();
    let certificate =
        certificates.and_then(|chain| chain.first()).map(|it| it.clone().into_owned());
    shown.lock().unwrap().push(certificate);
    let mut inner = TcpStream::connect(inner).await?;
    tokio::io::copy_bidirectional(&mut stream, &mut inner).await.map(drop)
}
