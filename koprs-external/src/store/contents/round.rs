//! A round: a listing, and the reads of what it found new or changed, over one poll or several.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use object_store::ObjectStore;
use tokio::time::{Instant, timeout};

use super::super::StoredObject;
use super::super::content::{self, Read};
use super::super::source::asked;
use super::wanted::{Suspect, Verdict, Wanted, verdict};
use super::{ContentPoller, Known, Object};
use crate::error::{ExternalError, Result, StoreError};
use crate::secret::Redactor;
use crate::watcher::{ExternalEvent, Pace};

/// The most objects that a poll reads before it delivers what they hold.
const PIECE: usize = 256;
/// A poll reads for so long before it delivers. Reads that take longer go on with the next poll, so that they neither
/// hold up what others brought nor meet the deadline of a poll.
const READING: Duration = Duration::from_millis(500);
/// Reads that were left alone for longer, while the consumer took events or a failed poll waited, begin again: the
/// time that they have would be used up by us.
const LEFT_ALONE: Duration = Duration::from_secs(2);
/// How many objects are read at a time: their contents take at most half of what a poll may hold. The other half is for
/// values.
fn most_reads(concurrency: usize, body_limit: u64, walk_limit: u64) -> usize {
    let most = walk_limit / 2 / body_limit.max(1);
    usize::try_from(most).unwrap_or(usize::MAX).clamp(1, concurrency.max(1))
}

/// The objects that were read before and are read again, to learn whether the store serves any.
const PROBES: usize = 3;

/// What a round has come to so far.
#[derive(Debug)]
pub(super) struct Round {
    pub(super) number: u64,
    began: Instant,
    /// Whether there may be more to list.
    pub(super) lists: bool,
    /// Whether something of it was listed.
    listed: bool,
    /// Whether nothing more is read: so many reads failed that the others are left for the next round.
    stopped: bool,
    /// Whether an object was served.
    pub(super) served: bool,
    /// Failures that take the time or the strength of the store.
    pub(super) costly: usize,
    /// Objects that could not be read, and are not judged.
    pub(super) suspects: Vec<Suspect>,
    /// Why the store is at fault. The round goes on, and the poll fails at its end.
    failure: Option<ExternalError>,
}

impl Round {
    pub(super) fn new(number: u64) -> Self {
        Self {
            number,
            began: Instant::now(),
            lists: true,
            listed: false,
            stopped: false,
            served: false,
            costly: 0,
            suspects: Vec::new(),
            failure: None,
        }
    }

    /// There is no room for another value.
    pub(super) fn is_full(&mut self, error: ExternalError) {
        self.stopped = true;
        self.failure.get_or_insert(error);
    }

    /// Whether an object is to be read in this round, and was not.
    fn is_due(&self, wanted: &Wanted) -> bool {
        !self.stopped && wanted.is_due(self.number, self.began)
    }
}

/// Reads that are under way. They outlive a poll, so that one that stalls does not hold up what others brought.
pub(super) type Running = FuturesUnordered<BoxFuture<'static, Done>>;

/// A read that has ended.
pub(super) struct Done {
    pub(super) object: StoredObject,
    pub(super) read: Read,
    pub(super) took: Duration,
}

/// Reads an object, on the condition that it is what was listed where `matches`.
async fn read(
    store: Arc<dyn ObjectStore>,
    object: StoredObject,
    matches: bool,
    limit: u64,
    redactor: Redactor,
) -> Done {
    let began = Instant::now();
    let read = content::read(&*store, &object, matches, limit, &redactor).await;
    Done { object, read, took: began.elapsed() }
}

impl<T: Clone + Send + 'static> ContentPoller<T> {
    pub(super) async fn look(&mut self) -> Result<Vec<ExternalEvent<Object<T>>>> {
        if self.left.elapsed() > LEFT_ALONE {
            self.give_up_reads();
        }
        let looked = self.look_on().await;
        self.left = Instant::now();
        looked
    }

    async fn look_on(&mut self) -> Result<Vec<ExternalEvent<Object<T>>>> {
        self.state.idle().await;
        if let Some(mistake) = &self.mistake {
            return Err(mistake.clone().into());
        }
        if std::mem::take(&mut self.polling) {
            // The last poll was cut off. What it could not read may be readable by now.
            self.give_up_reads();
            self.round = Round::new(self.round.number + 1);
            if !self.state.get().told.is_empty() {
                self.pace = Pace::Now;
                return Ok(self.deliver());
            }
        }
        if self.failed.is_none() {
            if self.pace == Pace::Interval {
                self.round = Round::new(self.round.number + 1);
            }
            // A poll that is dropped does not end the round.
            self.pace = Pace::Now;
            self.polling = true;
            self.list().await;
            self.read().await;
            self.conclude().await;
            self.polling = false;
        }
        self.pace = Pace::Interval;
        if self.state.get().told.is_empty()
            && let Some(error) = self.failed.take()
        {
            return Err(error);
        }
        if self.failed.is_some() || !self.is_over() {
            self.pace = Pace::Now;
        }
        Ok(self.deliver())
    }

    /// The next piece of the listing, unless there is enough to read that is new.
    async fn list(&mut self) {
        let news = self.wanted.values().filter(|wanted| wanted.asked == 0).count();
        let waits = self.round.listed && !self.round.stopped && news >= PIECE;
        if !self.round.lists || waits {
            return;
        }
        self.round.listed = true;
        let listed = self.follow.poll(&mut self.source, PIECE).await;
        self.round.lists = self.follow.pace() == Pace::Now;
        match listed {
            Ok(news) => news.into_iter().for_each(|event| self.learn(event)),
            Err(error) => self.failed = Some(error),
        }
    }

    /// Reads a piece of what is due. Returns when all of it was read, or after a while.
    async fn read(&mut self) {
        let Some(store) = self.source.store() else { return };
        let began = Instant::now();
        let mut piece = self.piece();
        let walk_limit = self.follow.view.memory.walk;
        let most = most_reads(self.concurrency, self.body_limit, walk_limit);
        loop {
            while self.running.len() < most
                && let Some(path) = piece.pop_front()
            {
                self.start(&store, &path);
            }
            let left = READING.saturating_sub(began.elapsed());
            match timeout(left, self.running.next()).await {
                Ok(Some(done)) => self.has(done).await,
                Ok(None) | Err(_) => return,
            }
            if self.state.get().told_size > walk_limit / 4 {
                return;
            }
            if self.round.suspects.len() >= PIECE {
                self.judge().await;
            }
            if self.round.stopped || self.round.costly >= self.concurrency.max(2) {
                self.round.stopped = true;
                return self.give_up_reads();
            }
        }
    }

    /// The paths of what is due: what was not read for the longest comes first.
    fn piece(&self) -> VecDeque<String> {
        let mut piece: Vec<_> = self.wanted.values().filter(|it| self.round.is_due(it)).collect();
        piece.sort_by_key(|wanted| wanted.asked);
        piece.into_iter().take(PIECE).map(|wanted| wanted.object.path.clone()).collect()
    }

    fn start(&mut self, store: &Arc<dyn ObjectStore>, path: &str) {
        let Some(wanted) = self.wanted.get_mut(path) else { return };
        (wanted.asked, wanted.is_reading) = (self.round.number, true);
        let object = wanted.object.clone();
        // Some servers list ETags that their objects do not have.
        let matches = wanted.changed < 2;
        let redactor = self.source.redactor.clone();
        let read = read(Arc::clone(store), object, matches, self.body_limit, redactor);
        self.running.push(Box::pin(read));
    }

    /// What is under way is read again: in the next round, or in this one if it goes on.
    fn give_up_reads(&mut self) {
        self.running = Running::new();
        let last = self.round.number.saturating_sub(1);
        for wanted in self.wanted.values_mut().filter(|wanted| wanted.is_reading) {
            (wanted.asked, wanted.is_reading) = (last, false);
        }
    }

    /// Whether all was listed, and all was read that was due.
    fn is_over(&self) -> bool {
        let is_due = |wanted: &Wanted| self.round.is_due(wanted);
        !self.round.lists && self.running.is_empty() && !self.wanted.values().any(is_due)
    }

    /// Whether this was the end of a round, and what is wrong with it.
    async fn conclude(&mut self) {
        if self.failed.is_some() || !self.is_over() {
            return;
        }
        self.judge().await;
        self.failed = self.round.failure.take().or_else(|| self.strange());
    }

    /// Decides whose fault it is that objects could not be read.
    async fn judge(&mut self) {
        if self.round.suspects.is_empty() {
            return;
        }
        let objects = match verdict(self.round.served, &self.round.suspects) {
            Verdict::Objects => true,
            Verdict::Store => false,
            Verdict::Unknown => {
                let served =
                    async |done: Done| matches!(done.read, Read::Content(_) | Read::TooLarge);
                self.probes().any(served).await
            }
        };
        let suspects = std::mem::take(&mut self.round.suspects);
        if objects {
            self.round.served = true;
            suspects.into_iter().for_each(|suspect| self.is_at_fault(suspect));
        } else {
            self.round.stopped = true;
            let failure = self.failure(suspects);
            self.round.failure = self.round.failure.take().or(failure);
        }
    }

    /// Reads some objects again that were read before, to learn whether the store serves any.
    fn probes(&self) -> Running {
        let Some(store) = self.source.store() else { return Running::new() };
        let state = self.state.get();
        let known: Vec<_> =
            state.known.iter().filter(|(path, known)| self.is_good(path, known)).collect();
        let last = known.len().saturating_sub(1);
        let mut places: Vec<_> = (0..PROBES).map(|n| last * n / (PROBES - 1)).collect();
        places.dedup();
        let probes = places.into_iter().filter_map(|place| known.get(place));
        let probe = |(_, known): &(&String, &Known<T>)| {
            let redactor = self.source.redactor.clone();
            read(Arc::clone(&store), known.object.clone(), false, self.body_limit, redactor).boxed()
        };
        probes.map(probe).collect()
    }

    fn failure(&self, suspects: Vec<Suspect>) -> Option<ExternalError> {
        let more = suspects.len().saturating_sub(1);
        let StoreError { kind, message, .. } = suspects.into_iter().next()?.error;
        let more = if more == 0 { String::new() } else { format!("; and {more} more") };
        let message = self.source.redacted(&(message + &more));
        Some(asked(&self.source.asked, StoreError::new(kind, message)))
    }
}
