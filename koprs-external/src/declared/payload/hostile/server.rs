//! The hostile server, the trap, and the innocent server, on threads of their own.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;
use koprs_external_tests::{Reply, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{spawn_blocking, yield_now};
use tokio::time::timeout;

use super::answer::{self, Step};

/// What the tests take for public: the hostile server, and the innocent one.
pub(super) const OUTSIDE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
pub(super) const INNOCENT: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3));
/// How long the server goes on with one answer.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) struct Servers {
    // They end with these. The innocent server has one of its own: what it takes to be hostile is not what is measured.
    _runtimes: [Runtime; 2],
    port: u16,
    innocent: String,
    trapped: Arc<AtomicUsize>,
    answered: Arc<Mutex<BTreeMap<&'static str, usize>>>,
}

impl Servers {
    pub(super) fn start(seed: u64) -> Self {
        let runtime = || {
            // Asks for what has come after each task: those that send without end are always ready.
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(1).event_interval(1).enable_all().build().unwrap()
        };
        let runtimes = [runtime(), runtime()];
        let trapped = Arc::new(AtomicUsize::new(0));
        let answered = Arc::new(Mutex::new(BTreeMap::new()));
        let innocent = runtimes[0].block_on(innocent());
        let port = runtimes[1].block_on(async {
            // The same port: who gets the address wrong ends up in the trap.
            let trap = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            let port = trap.local_addr().unwrap().port();
            let hostile = TcpListener::bind(SocketAddr::new(OUTSIDE, port)).await.unwrap();
            tokio::spawn(count(trap, trapped.clone()));
            if let Ok(trap) = TcpListener::bind(("::1", port)).await {
                tokio::spawn(count(trap, trapped.clone()));
            }
            tokio::spawn(serve(hostile, seed, port, answered.clone()));
            port
        });
        Self { _runtimes: runtimes, port, innocent, trapped, answered }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn innocent(&self) -> String {
        self.innocent.clone()
    }

    /// The connections to what is not public.
    pub(super) fn trapped(&self) -> usize {
        self.trapped.load(Ordering::Relaxed)
    }

    /// How often each kind of answer was given.
    pub(super) fn answered(&self) -> BTreeMap<&'static str, usize> {
        self.answered.lock().unwrap().clone()
    }
}

/// A server with another value for each request.
async fn innocent() -> String {
    let server = Server::start_at(SocketAddr::new(INNOCENT, 0)).await;
    let value = Arc::new(AtomicU64::new(0));
    server.keep_requests(false);
    server.set(
        "/v",
        Reply::with(move |_| Reply::json(value.fetch_add(1, Ordering::Relaxed).to_string())),
    );
    let url = server.url("/v");
    // As long as the runtime.
    tokio::spawn(async move {
        let _server = server;
        std::future::pending::<()>().await;
    });
    url
}

async fn count(trap: TcpListener, trapped: Arc<AtomicUsize>) {
    while trap.accept().await.is_ok() {
        trapped.fetch_add(1, Ordering::Relaxed);
    }
}

async fn serve(
    listener: TcpListener,
    seed: u64,
    port: u16,
    answered: Arc<Mutex<BTreeMap<&'static str, usize>>>,
) {
    let mut rng = Rng::with_seed(seed ^ 0x5eed);
    while let Ok((stream, _)) = listener.accept().await {
        let (mut rng, answered) = (rng.fork(), answered.clone());
        tokio::spawn(timeout(PATIENCE, async move {
            let mut stream = stream;
            while request(&mut stream).await {
                let made = spawn_blocking(move || (answer::answer(&mut rng, port), rng)).await;
                let (name, steps);
                ((name, steps), rng) = made.unwrap();
                *answered.lock().unwrap().entry(name).or_default() += 1;
                if !send(&mut stream, steps).await {
                    return;
                }
            }
        }));
    }
}

/// Reads a request; what of a body does not come with the head is left unread.
async fn request(stream: &mut TcpStream) -> bool {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !head.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return false,
            Ok(count) => head.extend_from_slice(&buffer[..count]),
        }
    }
    true
}

/// Whether the connection can go on.
async fn send(stream: &mut TcpStream, steps: Vec<Step>) -> bool {
    for step in steps {
        let sent = match step {
            Step::Write(bytes) => stream.write_all(&bytes).await,
            Step::Repeat(bytes, times) => {
                let mut sent = Ok(());
                for _ in 0..times {
                    sent = stream.write_all(&bytes).await;
                    yield_now().await;
                    if sent.is_err() {
                        break;
                    }
                }
                sent
            }
            Step::Slowly(bytes, delay) => {
                let mut sent = Ok(());
                for byte in bytes {
                    tokio::time::sleep(delay).await;
                    sent = stream.write_all(&[byte]).await;
                    if sent.is_err() {
                        break;
                    }
                }
                sent
            }
            Step::Close => return false,
        };
        if sent.is_err() {
            return false;
        }
    }
    true
}
