//! What the scripted stores have in common: objects under any key, listings that misbehave as they are told to, faults,
//! and a journal. [`s3`](crate::s3) and [`azure`](crate::azure) speak a protocol each.

mod objects;
mod page;
mod parameter;
mod xml;

use std::ops::RangeBounds;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;

use bytes::Bytes;

pub use self::objects::{Objects, Stored};
pub(crate) use self::page::{BEHIND, Page};
pub use self::page::{Delivery, Empty, Order, Paging, Tokens};
pub use self::parameter::Parameter;
pub(crate) use self::parameter::Query;
pub(crate) use self::xml::Element;
pub use self::xml::{Format, Syntax, Text};
use crate::reply::Reply;
use crate::request::Recorded;
use crate::server::Server;

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// A page of a listing.
    List,
    /// An object.
    Get,
}

/// A protocol that a scripted store speaks.
pub trait Protocol: Send + 'static {
    /// How the store lists.
    type Listing: Clone + Default + Send;

    #[doc(hidden)]
    fn answer(objects: &Objects, listing: &Self::Listing, request: &Recorded) -> (Op, Reply);
}

/// Objects, and the server that lists them. Clones share both.
pub struct Store<P: Protocol> {
    pub(crate) server: Arc<Server>,
    state: Arc<Mutex<State<P>>>,
}

struct State<P: Protocol> {
    objects: Objects,
    listing: P::Listing,
    faults: Vec<Fault>,
    lists: usize,
    gets: usize,
}

type Spoil = dyn Fn(&Recorded, Reply) -> Reply + Send + Sync;

#[derive(Clone)]
struct Fault {
    op: Op,
    hits: Arc<dyn Fn(usize) -> bool + Send + Sync>,
    spoil: Arc<Spoil>,
}

impl<P: Protocol> Clone for Store<P> {
    fn clone(&self) -> Self {
        Self { server: Arc::clone(&self.server), state: Arc::clone(&self.state) }
    }
}

/// Life.
impl<P: Protocol> Store<P> {
    /// Starts a server without objects.
    pub async fn start() -> Self {
        let state = State {
            objects: Objects::new(),
            listing: P::Listing::default(),
            faults: Vec::new(),
            lists: 0,
            gets: 0,
        };
        let state = Arc::new(Mutex::new(state));
        let server = Server::start().await;
        let answering = Arc::clone(&state);
        server.fallback(Reply::with(move |request| answer(&answering, request)));
        Self { server: Arc::new(server), state }
    }

    /// The URL that a client is given.
    #[must_use]
    pub fn endpoint(&self) -> String {
        self.server.url("")
    }

    fn state(&self) -> MutexGuard<'_, State<P>> {
        self.state.lock().unwrap()
    }
}

/// The objects.
impl<P: Protocol> Store<P> {
    /// Writes an object, under a key of any kind.
    pub fn put(&self, key: &str, content: impl Into<Bytes>) {
        let stored = Stored::new(content.into());
        self.state().objects.insert(key.to_owned(), stored);
    }

    /// Changes the metadata of an object: its ETag, quotes included, and when it was written.
    pub fn touch(&self, key: &str, etag: &str, modified: SystemTime) {
        let mut state = self.state();
        let stored = state.objects.get_mut(key).expect("an object of this key");
        (stored.etag, stored.modified) = (etag.to_owned(), modified);
    }

    /// Deletes an object, if it is there.
    pub fn delete(&self, key: &str) {
        self.state().objects.remove(key);
    }

    /// The keys and the sizes of all objects.
    #[must_use]
    pub fn sizes(&self) -> Vec<(String, u64)> {
        let state = self.state();
        let size = |stored: &Stored| stored.content.len() as u64;
        state.objects.iter().map(|(key, stored)| (key.clone(), size(stored))).collect()
    }

    /// Lists like this from now on.
    pub fn lists(&self, listing: P::Listing) {
        self.state().listing = listing;
    }
}

/// Faults.
impl<P: Protocol> Store<P> {
    /// Changes the answers to such requests, which are counted from now on and from zero. `spoil` may write to the store:
    /// the answer is made by then.
    pub fn spoil(
        &self,
        op: Op,
        which: impl RangeBounds<usize> + Send + Sync + 'static,
        spoil: impl Fn(Reply) -> Reply + Send + Sync + 'static,
    ) {
        self.fault(op, which, move |_, reply| spoil(reply));
    }

    /// Changes the answers to all such requests, by the request.
    pub fn spoil_by_request(
        &self,
        op: Op,
        spoil: impl Fn(&Recorded, Reply) -> Reply + Send + Sync + 'static,
    ) {
        self.fault(op, .., spoil);
    }

    fn fault(
        &self,
        op: Op,
        which: impl RangeBounds<usize> + Send + Sync + 'static,
        spoil: impl Fn(&Recorded, Reply) -> Reply + Send + Sync + 'static,
    ) {
        let mut state = self.state();
        let base = *state.count(op);
        let hits = Arc::new(move |n: usize| which.contains(&(n - base)));
        state.faults.push(Fault { op, hits, spoil: Arc::new(spoil) });
    }

    /// Ends all faults.
    pub fn heal(&self) {
        self.state().faults.clear();
    }
}

/// The journal.
impl<P: Protocol> Store<P> {
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

impl<P: Protocol> State<P> {
    fn count(&mut self, op: Op) -> &mut usize {
        match op {
            Op::List => &mut self.lists,
            Op::Get => &mut self.gets,
        }
    }
}

/// The lock is free again when faults change the answer.
fn answer<P: Protocol>(state: &Mutex<State<P>>, request: &Recorded) -> Reply {
    let mut state = state.lock().unwrap();
    let (op, reply) = P::answer(&state.objects, &state.listing, request);
    let n = *state.count(op);
    *state.count(op) += 1;
    let hit: Vec<_> =
        state.faults.iter().filter(|it| it.op == op && (it.hits)(n)).cloned().collect();
    drop(state);
    hit.into_iter().fold(reply, |reply, fault| (fault.spoil)(request, reply))
}
