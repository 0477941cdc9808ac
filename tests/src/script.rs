//! The script and the journal: what is to be answered, and what has been asked.
//!
//! One lock holds both, so that who has seen the n-th request may change the script without
//! changing the answer to that request. The lock is not held across an await, nor while a
//! [`Reply::with`] function runs. Counts are published after it is released.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::watch;

use crate::reply::Reply;
use crate::request::Recorded;

pub(crate) struct Script {
    lines: Mutex<Lines>,
    /// Requests read so far.
    pub(crate) seen: watch::Sender<usize>,
    /// Connections accepted so far.
    pub(crate) accepted: watch::Sender<usize>,
    /// Connections open now.
    pub(crate) open: watch::Sender<usize>,
}

pub(crate) struct Lines {
    pub(crate) queued: HashMap<String, VecDeque<Reply>>,
    pub(crate) standing: HashMap<String, Reply>,
    pub(crate) fallback: Reply,
    pub(crate) requests: Vec<Arc<Recorded>>,
    pub(crate) keep_requests: bool,
}

impl Script {
    pub(crate) fn new() -> Self {
        let lines = Lines {
            queued: HashMap::new(),
            standing: HashMap::new(),
            fallback: Reply::status(404),
            requests: Vec::new(),
            keep_requests: true,
        };
        let count = || watch::Sender::new(0);
        Self { lines: Mutex::new(lines), seen: count(), accepted: count(), open: count() }
    }

    pub(crate) fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap()
    }

    /// Counts a new connection.
    pub(crate) fn connected(self: &Arc<Self>) -> Connected {
        self.open.send_modify(|open| *open += 1);
        self.accepted.send_modify(|accepted| *accepted += 1);
        Connected { number: *self.accepted.borrow(), script: Arc::clone(self) }
    }

    /// Records a request and takes the reply to it.
    pub(crate) fn reply_to(&self, request: &Arc<Recorded>) -> Reply {
        let mut lines = self.lines();
        let reply = lines.take(request);
        if lines.keep_requests {
            lines.requests.push(Arc::clone(request));
        }
        drop(lines);
        self.seen.send_modify(|seen| *seen += 1);
        reply
    }

    pub(crate) fn hits(&self, key: &str) -> usize {
        self.lines().requests.iter().filter(|request| request.is_for(key)).count()
    }
}

impl Lines {
    /// What is queued goes before what stands; of each, what was said of path and query goes before
    /// what was said of the path.
    fn take(&mut self, request: &Recorded) -> Reply {
        let keys = [request.target(), request.path()];
        let queued = keys.iter().find_map(|key| self.queued.get_mut(*key)?.pop_front());
        let standing = || keys.iter().find_map(|key| self.standing.get(*key));
        queued.unwrap_or_else(|| standing().unwrap_or(&self.fallback).clone())
    }
}

/// A connection's share in the script; it counts as open for as long as this lives.
pub(crate) struct Connected {
    pub(crate) script: Arc<Script>,
    /// The first one is 1.
    pub(crate) number: usize,
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.script.open.send_modify(|open| *open -= 1);
    }
}
