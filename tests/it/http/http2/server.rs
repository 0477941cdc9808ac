//! An HTTPS server that speaks HTTP/2, behind a gate that can fall silent: as a NAT that forgot a connection does, it
//! takes what comes and hands on nothing, while new connections work.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use koprs_external_tests::authority::Authority;

pub(super) type Answer = Response<Full<Bytes>>;

pub(super) struct Server {
    pub(super) authority: Authority,
    address: SocketAddr,
    shared: Arc<Shared>,
    /// Connections are asked to end when this changes (GOAWAY).
    leave: watch::Sender<()>,
    _tasks: JoinSet<()>,
}

struct Shared {
    /// What paths answer. Requests to others wait until there is an answer.
    paths: watch::Sender<HashMap<String, Answer>>,
    /// Paths in the order of the requests, and the version.
    requests: watch::Sender<Vec<String>>,
    opened: AtomicUsize,
    /// Connections with a lower number are mute.
    mute_below: AtomicUsize,
    /// Bytes that a mute connection took.
    swallowed: watch::Sender<usize>,
    closed: watch::Sender<usize>,
}

impl Server {
    /// With these protocols (ALPN).
    pub(super) async fn start(protocols: &[&str]) -> Self {
        let authority = Authority::new();
        let leaf = authority.issues();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(leaf.key.serialize_der()));
        let mut config =
            config.with_single_cert(vec![leaf.certificate.der().clone()], key).unwrap();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            paths: watch::Sender::default(),
            requests: watch::Sender::default(),
            opened: AtomicUsize::new(0),
            mute_below: AtomicUsize::new(0),
            swallowed: watch::Sender::default(),
            closed: watch::Sender::default(),
        });
        let leave = watch::Sender::new(());
        let mut tasks = JoinSet::new();
        let (of_all, leaving) = (Arc::clone(&shared), leave.clone());
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let number = of_all.opened.fetch_add(1, Ordering::SeqCst);
                let (inside, outside) = tokio::io::duplex(64 * 1024);
                connections.spawn(gate(Arc::clone(&of_all), number, stream, outside));
                let serving =
                    serve(Arc::clone(&of_all), acceptor.clone(), inside, leaving.subscribe());
                connections.spawn(async move {
                    let _ = serving.await;
                });
            }
        });
        Self { authority, address, shared, leave, _tasks: tasks }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.address)
    }

    pub(super) fn set(&self, path: &str, answer: Answer) {
        self.shared.paths.send_modify(|paths| drop(paths.insert(path.to_owned(), answer)));
    }

    /// Requests to a path wait from now on, until there is an answer.
    pub(super) fn hold(&self, path: &str) {
        self.shared.paths.send_modify(|paths| drop(paths.remove(path)));
    }

    /// All connections that are open now are mute from now on.
    pub(super) fn mute(&self) {
        self.shared.mute_below.store(self.opened(), Ordering::SeqCst);
        self.shared.swallowed.send_replace(0);
    }

    /// Sends GOAWAY on all connections.
    pub(super) fn leave(&self) {
        self.leave.send_replace(());
    }

    pub(super) fn opened(&self) -> usize {
        self.shared.opened.load(Ordering::SeqCst)
    }

    /// The requests that came, `HTTP/2.0 /path`.
    pub(super) fn requests(&self) -> Vec<String> {
        self.shared.requests.borrow().clone()
    }

    /// Waits until so many requests have come.
    pub(super) async fn came(&self, requests: usize) {
        let mut came = self.shared.requests.subscribe();
        came.wait_for(|came| came.len() >= requests).await.unwrap();
    }

    /// Waits until a mute connection took something.
    pub(super) async fn swallowed(&self) {
        let mut swallowed = self.shared.swallowed.subscribe();
        swallowed.wait_for(|bytes| *bytes > 0).await.unwrap();
    }

    /// Waits until the client has closed so many connections.
    pub(super) async fn closed(&self, connections: usize) {
        let mut closed = self.shared.closed.subscribe();
        closed.wait_for(|closed| *closed >= connections).await.unwrap();
    }
}

async fn gate(
    shared: Arc<Shared>,
    number: usize,
    client: TcpStream,
    server: tokio::io::DuplexStream,
) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = tokio::io::split(server);
    let back = hand_on(Arc::clone(&shared), number, from_server, to_client);
    let back = tokio::spawn(back);
    let _ = hand_on(Arc::clone(&shared), number, from_client, to_server).await;
    back.abort();
    shared.closed.send_modify(|closed| *closed += 1);
}

async fn hand_on(
    shared: Arc<Shared>,
    number: usize,
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return to.shutdown().await;
        }
        if number < shared.mute_below.load(Ordering::SeqCst) {
            shared.swallowed.send_modify(|bytes| *bytes += read);
        } else {
            to.write_all(&buffer[..read]).await?;
            to.flush().await?;
        }
    }
}

async fn serve(
    shared: Arc<Shared>,
    acceptor: TlsAcceptor,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    mut leave: watch::Receiver<()>,
) -> io::Result<()> {
    let stream = acceptor.accept(stream).await?;
    let service = service_fn(move |request: Request<Incoming>| {
        let shared = Arc::clone(&shared);
        async move {
            let path = request.uri().path().to_owned();
            let line = format!("{:?} {path}", request.version());
            shared.requests.send_modify(|requests| requests.push(line));
            let mut paths = shared.paths.subscribe();
            let paths = paths.wait_for(|paths| paths.contains_key(&path)).await.unwrap();
            Ok::<_, Infallible>(paths[&path].clone())
        }
    });
    let builder = Builder::new(TokioExecutor::new());
    let mut connection = Box::pin(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        ended = connection.as_mut() => return ended.map_err(io::Error::other),
        _ = leave.changed() => connection.as_mut().graceful_shutdown(),
    }
    connection.await.map_err(io::Error::other)
}
