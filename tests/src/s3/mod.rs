//! An S3 bucket on the scripted server: any key, any order, any fault.
//!
//! ```no_run
//! # use koprs_external_tests::s3::{Op, S3, error};
//! # async fn run() {
//! let s3 = S3::start().await;
//! s3.put("a//b", "1");
//! s3.spoil(Op::List, 1..2, |_| error(503, "SlowDown"));
//! // … list the bucket of s3.endpoint(): its second page fails …
//! s3.heal();
//! assert_eq!(s3.count(Op::List), 2);
//! # }
//! ```

mod asked;
mod bucket;
mod reply;

use std::ops::RangeBounds;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;

use bytes::Bytes;

pub use self::asked::{Asked, Get, List};
pub use self::bucket::Listing;
use self::bucket::{Bucket, Stored};
pub use self::reply::{error, nothing};
use crate::reply::Reply;
use crate::request::Recorded;
use crate::server::Server;

/// What the bucket is called.
pub const BUCKET: &str = "bucket";

/// What a client may want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// A page of a listing.
    List,
    /// An object.
    Get,
}

/// A bucket, and the server that it is behind. Clones are of the same.
#[derive(Clone)]
pub struct S3 {
    server: Arc<Server>,
    state: Arc<Mutex<State>>,
}

struct State {
    bucket: Bucket,
    faults: Vec<Fault>,
    lists: usize,
    gets: usize,
}

#[derive(Clone)]
struct Fault {
    op: Op,
    hits: Arc<dyn Fn(usize) -> bool + Send + Sync>,
    spoil: Arc<dyn Fn(Reply) -> Reply + Send + Sync>,
}

/// Life.
impl S3 {
    /// Starts a server with an empty bucket.
    pub async fn start() -> Self {
        let state = State { bucket: Bucket::new(), faults: Vec::new(), lists: 0, gets: 0 };
        let state = Arc::new(Mutex::new(state));
        let server = Server::start().await;
        let answering = Arc::clone(&state);
        server.fallback(Reply::with(move |request| answer(&answering, request)));
        Self { server: Arc::new(server), state }
    }

    /// The URL that a client is told; the bucket is a segment of its path.
    #[must_use]
    pub fn endpoint(&self) -> String {
        self.server.url("")
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

/// What is in the bucket.
impl S3 {
    /// Writes an object, under a key of any kind.
    pub fn put(&self, key: &str, content: impl Into<Bytes>) {
        let stored = Stored::new(content.into());
        self.state().bucket.objects.insert(key.to_owned(), stored);
    }

    /// Says something else of an object: its ETag, quotes included, and when it was written.
    pub fn touch(&self, key: &str, etag: &str, modified: SystemTime) {
        let mut state = self.state();
        let stored = state.bucket.objects.get_mut(key).expect("an object of this key");
        (stored.etag, stored.modified) = (etag.to_owned(), modified);
    }

    /// Deletes an object, if it is there.
    pub fn delete(&self, key: &str) {
        self.state().bucket.objects.remove(key);
    }

    /// How it lists from now on.
    pub fn lists(&self, listing: Listing) {
        self.state().bucket.listing = listing;
    }
}

/// What goes wrong.
impl S3 {
    /// Does this to the answers to such requests, which are counted from now on and from zero. It may
    /// write to the bucket: the answer is made by then.
    pub fn spoil(
        &self,
        op: Op,
        which: impl RangeBounds<usize> + Send + Sync + 'static,
        spoil: impl Fn(Reply) -> Reply + Send + Sync + 'static,
    ) {
        let mut state = self.state();
        let base = *state.count(op);
        let hits = Arc::new(move |n: usize| which.contains(&(n - base)));
        state.faults.push(Fault { op, hits, spoil: Arc::new(spoil) });
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        self.state().faults.clear();
    }
}

/// The journal.
impl S3 {
    /// Every request so far, in the order of arrival.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.server.requests().iter().map(|request| Asked::of(request)).collect()
    }

    /// The access key with which each request was signed, in the order of arrival.
    #[must_use]
    pub fn access_keys(&self) -> Vec<String> {
        let key = |authorization: &str| {
            let (_, rest) = authorization.split_once("Credential=")?;
            rest.split_once('/').map(|(key, _)| key.to_owned())
        };
        let requests = self.server.requests();
        let signed = requests.iter().map(|it| it.header("authorization").and_then(key));
        signed.map(Option::unwrap_or_default).collect()
    }

    /// How many requests there were.
    #[must_use]
    pub fn count(&self, op: Op) -> usize {
        *self.state().count(op)
    }

    /// Waits until there have been so many requests of all kinds.
    pub async fn wait_for(&self, count: usize) {
        self.server.wait_for(count).await;
    }
}

impl State {
    fn count(&mut self, op: Op) -> &mut usize {
        match op {
            Op::List => &mut self.lists,
            Op::Get => &mut self.gets,
        }
    }
}

/// The lock is free again when faults do their work.
fn answer(state: &Mutex<State>, request: &Recorded) -> Reply {
    let mut state = state.lock().unwrap();
    let (op, reply) = match Asked::of(request) {
        Asked::List(asked) => (Op::List, reply::list(&state.bucket, &asked)),
        Asked::Get(asked) => (Op::Get, reply::get(&state.bucket, &asked)),
    };
    let n = *state.count(op);
    *state.count(op) += 1;
    let hit: Vec<_> =
        state.faults.iter().filter(|it| it.op == op && (it.hits)(n)).cloned().collect();
    drop(state);
    hit.into_iter().fold(reply, |reply, fault| (fault.spoil)(reply))
}
