//! The server: a handle for the test, and the task that accepts connections.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::connection;
use crate::reply::Reply;
use crate::request::Recorded;
use crate::script::Script;

/// A scripted server on `127.0.0.1`. Dropping it closes its port and its connections.
///
/// A key of the script is a path (`/items`) or a path with its query (`/items?page=2`), as sent:
/// percent-encoded. The longer key goes first.
#[must_use = "a server stops when it is dropped"]
pub struct Server {
    address: SocketAddr,
    script: Arc<Script>,
    stop: Arc<Notify>,
    task: JoinHandle<()>,
}

/// Life and death.
impl Server {
    /// Starts a server on a free port, as a task of the current runtime.
    ///
    /// No server of the process had this port before: the code under test may remember what that one said.
    pub async fn start() -> Self {
        static USED: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
        loop {
            let server = Self::start_at((Ipv4Addr::LOCALHOST, 0).into()).await;
            let port = server.address.port();
            if USED.lock().expect("no test panics while it holds this").insert(port) {
                return server;
            }
        }
    }

    /// Starts a server at an address, such as that of a server that was [stopped](Self::stop) before.
    pub async fn start_at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("bind the server");
        let address = listener.local_addr().expect("the server's address");
        let (script, stop) = (Arc::new(Script::new()), Arc::new(Notify::new()));
        let task = tokio::spawn(accept(listener, Arc::clone(&script), Arc::clone(&stop)));
        Self { address, script, stop, task }
    }

    /// Stops the server. Once this returns, connections to its address are refused.
    pub async fn stop(mut self) {
        self.stop.notify_one();
        (&mut self.task).await.expect("the accept loop does not panic");
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of a path, which begins with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// The script.
impl Server {
    /// What `key` answers from now on.
    pub fn set(&self, key: &str, reply: Reply) {
        self.script.lines().standing.insert(key.to_owned(), reply);
    }

    /// What `key` answers first, each once and in this order, before what it answers otherwise.
    pub fn queue(&self, key: &str, replies: impl IntoIterator<Item = Reply>) {
        let mut lines = self.script.lines();
        lines.queued.entry(key.to_owned()).or_default().extend(replies);
    }

    /// What everything else answers, in place of 404.
    pub fn fallback(&self, reply: Reply) {
        self.script.lines().fallback = reply;
    }
}

/// The journal.
impl Server {
    /// Every request so far, in the order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Arc<Recorded>> {
        self.script.lines().requests.clone()
    }

    /// How many requests there were for `key`.
    #[must_use]
    pub fn hits(&self, key: &str) -> usize {
        self.script.hits(key)
    }

    /// How many requests there were in all, whether they were kept or not.
    #[must_use]
    pub fn total_hits(&self) -> usize {
        *self.script.seen.borrow()
    }

    /// Waits for the n-th request, counted from zero, and returns it.
    pub async fn request(&self, n: usize) -> Arc<Recorded> {
        self.wait_for(n + 1).await;
        Arc::clone(&self.script.lines().requests[n])
    }

    /// Waits until there have been `count` requests in all.
    pub async fn wait_for(&self, count: usize) {
        until(&self.script.seen, |seen| *seen >= count).await;
    }

    /// Waits until there have been `count` requests for `key`.
    pub async fn wait_for_hits(&self, key: &str, count: usize) {
        until(&self.script.seen, |_| self.hits(key) >= count).await;
    }

    /// How many connections have been accepted so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        *self.script.accepted.borrow()
    }

    /// How many connections are open now.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        *self.script.open.borrow()
    }

    /// Waits until `count` connections have been accepted, whether or not anything was asked on them.
    pub async fn wait_for_connections(&self, count: usize) {
        until(&self.script.accepted, |accepted| *accepted >= count).await;
    }

    /// Waits until every client has gone away, as one does that gives up on a [`Reply::stall`].
    pub async fn wait_until_idle(&self) {
        until(&self.script.open, |open| *open == 0).await;
    }

    /// Whether requests are kept for [`requests`](Self::requests), [`request`](Self::request) and
    /// [`hits`](Self::hits): not, in a long benchmark. They are counted either way.
    pub fn keep_requests(&self, keep: bool) {
        self.script.lines().keep_requests = keep;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The connections belong to this task: they end where it ends.
async fn accept(listener: TcpListener, script: Arc<Script>, stop: Arc<Notify>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = stop.notified() => break,
            Some(_ended) = connections.join_next() => {}
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(connection::serve(stream, script.connected()));
                }
            }
        }
    }
    drop(listener);
    connections.shutdown().await;
}

async fn until(count: &watch::Sender<usize>, enough: impl FnMut(&usize) -> bool + Send) {
    count.subscribe().wait_for(enough).await.expect("the script outlives the wait");
}
