mod learn;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures_core::future::BoxFuture;
use futures_util::StreamExt;
use futures_util::stream::iter;

use super::content;
use super::follow::Follow;
use super::source::Source;
use super::untold::{Untold, untold};
use super::{Object, ObjectStorePoller, StoredObject, mark};
use crate::change::{Fingerprint, KnownValue, ReadAs, Single, Snapshot};
use crate::error::{DecodeError, ExternalError, Result, StoreError};
use crate::spec::{Invalid, body_limit, object_store as defaults};
use crate::watcher::{ExternalEvent, ExternalSource, KnownItems, Pace, Report};

/// Objects that are read at a time, before what they hold is handed over.
const PIECE: usize = 256;

/// How a content becomes a value: formats and types are not known here.
pub(crate) trait ReadsObject<T>: Send + Sync {
    /// Of what counts of it; `None` is all of it.
    fn counted(&self, raw: &Raw<'_>) -> Result<Option<Fingerprint>, DecodeError>;

    fn decode(&self, raw: &Raw<'_>) -> Result<T, DecodeError>;

    /// How contents become values.
    fn read_as(&self) -> ReadAs;
}

/// A content as it came.
pub(crate) struct Raw<'a> {
    pub(crate) path: &'a str,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) body: &'a Bytes,
    /// The most bytes of a content.
    pub(crate) body_limit: u64,
}

/// Polls an object store, and tells what its objects hold; made by [`ObjectStorePoller::contents`].
///
/// - What [`ObjectStorePoller`] finds new or changed is read, at most sixteen objects at a time
///   ([`with_concurrency`](Self::with_concurrency)), each on the condition that it is what was listed
///   (`If-Match`, RFC 9110 §13.1.1). One that changes between is read at the next poll.
/// - [`Added`](ExternalEvent::Added) and [`Modified`](ExternalEvent::Modified) are told of contents: a new ETag
///   over the same bytes is no change. [`Removed`](ExternalEvent::Removed) has the last value.
/// - An object that cannot be decoded, or is larger than 8 MiB ([`with_body_limit`](Self::with_body_limit)),
///   keeps its last good value, holds up no other, and is a [bad item](crate::watcher::Report::bad_items)
///   until it changes. When no object was ever good, the poll fails.
/// - An object that the store does not hand out is asked for again by the next poll. The poll fails, once the
///   others were handed over; when more fail than are read at a time, the others wait for the next one, and what was
///   not asked for the longest comes first. Leave out what is never handed out, as archives, by
///   [`with_exclude`](ObjectStorePoller::with_exclude).
/// - An object that twice was not what was listed, by its ETag, is read without that condition: some servers list
///   ETags that their objects do not have.
/// - The format is the declared one, else that of the extension (`.json`, `.yaml`, `.yml`, `.txt`), else that of
///   the content type, else JSON.
/// - An object has 20 s, with its content.
/// - At most 100 000 objects ([`with_object_limit`](ObjectStorePoller::with_object_limit) before).
///
/// # Cancellation safety
///
/// A poll that is dropped loses nothing: what it had learned is told by the next one.
#[must_use = "a poller does nothing until it is polled"]
pub struct ContentPoller<T> {
    source: Source,
    follow: Follow,
    mistake: Option<Invalid>,
    pub(crate) reads: Box<dyn ReadsObject<T>>,
    equal: Option<fn(&T, &T) -> bool>,
    /// The same of what is inherited.
    equal_at_first: Option<fn(&T, &T) -> bool>,
    concurrency: usize,
    body_limit: u64,
    known: BTreeMap<String, Known<T>>,
    /// What is listed and not read yet.
    wanted: BTreeMap<String, Wanted>,
    bad: BTreeMap<String, Bad>,
    bad_seen: u64,
    last_bad: Option<String>,
    /// What was learned and not handed over.
    told: Vec<ExternalEvent<Object<T>>>,
    round: Round,
    /// Told when what was learned before it was handed over.
    failed: Option<ExternalError>,
    /// Whether a poll has begun and not come to its end.
    polling: bool,
    pace: Pace,
}

/// A look at everything, over one poll or several.
#[derive(Debug, Default)]
struct Round {
    number: u64,
    /// Whether there may be more to list.
    lists: bool,
    /// Whether something of it was listed.
    listed: bool,
    /// Whether nothing more is read: so many could not be that it is not them that is wrong.
    stopped: bool,
    /// Objects that could not be read, and why not the first of them.
    failures: usize,
    first: Option<StoreError>,
}

/// A value, and what was last known of its object.
struct Known<T> {
    object: StoredObject,
    value: Single<T>,
}

struct Wanted {
    object: StoredObject,
    /// The round in which it was asked for last.
    asked: u64,
    /// How often in a row it was not there,
    missing: u32,
    /// and how often another one than was listed.
    changed: u32,
}

/// Why an object is bad: where in its content, and what.
struct Bad {
    at: String,
    message: String,
}

impl<T> ContentPoller<T> {
    pub(crate) fn new(
        poller: ObjectStorePoller,
        reads: Box<dyn ReadsObject<T>>,
        equal: Option<fn(&T, &T) -> bool>,
    ) -> Self {
        let ObjectStorePoller { source, mut follow, mistake, limited } = poller;
        if !limited {
            follow.view.limit = defaults::CONTENT_LIMIT;
        }
        Self {
            source,
            follow,
            mistake,
            reads,
            equal,
            equal_at_first: None,
            concurrency: defaults::CONCURRENCY,
            body_limit: body_limit::DEFAULT,
            known: BTreeMap::new(),
            wanted: BTreeMap::new(),
            bad: BTreeMap::new(),
            bad_seen: 0,
            last_bad: None,
            told: Vec::new(),
            round: Round::default(),
            failed: None,
            polling: false,
            pace: Pace::Interval,
        }
    }

    /// What is inherited is compared by this where its content differs.
    pub(crate) fn with_comparison(mut self, equal: Option<fn(&T, &T) -> bool>) -> Self {
        self.equal_at_first = equal;
        self
    }

    /// The most objects that are read at a time. Default: 16.
    pub fn with_concurrency(mut self, objects: usize) -> Self {
        self.concurrency = objects.max(1);
        self
    }

    /// The most bytes of an object. Default: 8 MiB.
    pub fn with_body_limit(mut self, bytes: u64) -> Self {
        self.body_limit = bytes;
        self
    }
}

impl<T: Clone + Send + 'static> ContentPoller<T> {
    async fn look(&mut self) -> Result<Vec<ExternalEvent<Object<T>>>> {
        if let Some(mistake) = &self.mistake {
            return Err(mistake.clone().into());
        }
        if std::mem::take(&mut self.polling) && !self.told.is_empty() {
            // The last poll was cut off.
            self.pace = Pace::Now;
            return Ok(self.deliver());
        }
        if self.failed.is_none() {
            if self.pace == Pace::Interval {
                self.round =
                    Round { number: self.round.number + 1, lists: true, ..Round::default() };
            }
            // A poll that is dropped goes on with this round.
            self.pace = Pace::Now;
            self.polling = true;
            self.list().await;
            self.read().await;
            self.conclude();
            self.polling = false;
        }
        self.pace = Pace::Interval;
        if self.told.is_empty()
            && let Some(error) = self.failed.take()
        {
            return Err(error);
        }
        if self.failed.is_some() || self.round.lists || self.unread().next().is_some() {
            self.pace = Pace::Now;
        }
        Ok(self.deliver())
    }

    fn deliver(&mut self) -> Vec<ExternalEvent<Object<T>>> {
        let mut told = std::mem::take(&mut self.told);
        told.sort_by(|one, other| subject(one).path.cmp(&subject(other).path));
        told
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

    /// What is wanted and was not asked for in this round.
    fn unread(&self) -> impl Iterator<Item = &Wanted> {
        let Round { number, stopped, .. } = self.round;
        self.wanted.values().filter(move |wanted| wanted.asked != number && !stopped)
    }

    /// Reads a piece of what is wanted, what was not asked for the longest first. When more fail than are asked
    /// for at a time, the others are left for the next round.
    async fn read(&mut self) {
        let Some(store) = self.source.store() else { return };
        let (limit, concurrency) = (self.body_limit, self.concurrency);
        let mut piece: Vec<_> = self.unread().collect();
        piece.sort_by_key(|wanted| wanted.asked);
        let piece: Vec<_> = piece
            .into_iter()
            .take(PIECE)
            // An ETag that never matches is told in other words by listings: the next one tells a change.
            .map(|wanted| (wanted.object.clone(), wanted.changed < 2))
            .collect();
        let mut reads = iter(piece)
            .map(|(object, matches)| {
                let store = Arc::clone(&store);
                async move { (content::read(&*store, &object, matches, limit).await, object) }
            })
            .buffer_unordered(concurrency);
        while let Some((read, object)) = reads.next().await {
            self.has(&object.path, read);
            if self.round.failures > self.concurrency {
                self.round.stopped = true;
                return;
            }
        }
    }
}

impl<T> ExternalSource for ContentPoller<T>
where
    T: Clone + fmt::Debug + Send + 'static,
{
    type Item = Object<T>;

    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<Object<T>>>>> {
        Box::pin(self.look())
    }

    fn name(&self) -> &str {
        &self.source.asked.watcher
    }

    fn pace(&self) -> Pace {
        self.pace
    }

    /// Whether all that was listed was read, or cannot be.
    fn complete(&self) -> bool {
        self.wanted.values().all(|wanted| wanted.missing > 1)
    }

    fn report(&self) -> Report {
        let mut report = self.follow.report();
        let missing = self.wanted.values().filter(|wanted| wanted.missing > 1).count();
        report.bad_items += (self.bad.len() + missing) as u64;
        report.bad_items_seen += self.bad_seen;
        report.last_bad_item = self.last_bad.clone().or(report.last_bad_item);
        report
    }

    fn release_removals(&mut self) {
        self.follow.release_removals();
    }

    fn retract(&mut self) -> Vec<ExternalEvent<Object<T>>> {
        let Untold { new, gone } = untold(std::mem::take(&mut self.told), |object| &object.path);
        new.iter().for_each(|path| drop(self.known.remove(path)));
        let mut retracted: Vec<_> = gone.into_iter().map(ExternalEvent::Removed).collect();
        while retracted.len() < PIECE
            && let Some((_, Known { object, mut value })) = self.known.pop_first()
        {
            retracted.extend(value.retract().map(|event| with(event, &object)));
        }
        retracted.sort_by(|one, other| subject(one).path.cmp(&subject(other).path));
        retracted
    }

    fn undelivered(&mut self) -> Vec<ExternalEvent<Object<T>>> {
        self.deliver()
    }

    fn hand_over(&mut self) -> Option<KnownItems> {
        let known = std::mem::take(&mut self.known).into_iter();
        let value = |(path, Known { object, mut value }): (String, Known<T>)| {
            value.hand_over().map(|value| (path, (object, value)))
        };
        let objects = known.filter_map(value).collect();
        Some(KnownItems::new(KnownContents { objects, read_as: self.reads.read_as() }))
    }

    /// Each object is read again.
    fn inherit(&mut self, known: KnownItems) -> std::result::Result<(), KnownItems> {
        let KnownContents::<T> { objects, read_as } = known.take()?;
        let listed = Snapshot::of(objects.keys().map(|path| (path.as_str(), mark::unknown())));
        self.follow.inherit(listed);
        let holds = read_as.holds_for(&self.reads.read_as());
        let (equal, equal_at_first) = (self.equal, self.equal_at_first);
        let value = |(path, (object, mut known)): (String, (StoredObject, KnownValue<T>))| {
            if !holds {
                known.forget_content();
            }
            let mut value = Single::new(1, equal);
            value.inherit(Some(known), equal_at_first);
            (path, Known { object, value })
        };
        self.known = objects.into_iter().map(value).collect();
        Ok(())
    }
}

/// The objects that the consumer knows, by path, and how they were read.
struct KnownContents<T> {
    objects: BTreeMap<String, (StoredObject, KnownValue<T>)>,
    read_as: ReadAs,
}

impl<T> fmt::Debug for ContentPoller<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentPoller").field("source", &self.source).finish_non_exhaustive()
    }
}

fn with<T>(event: ExternalEvent<T>, object: &StoredObject) -> ExternalEvent<Object<T>> {
    let of = |value| {
        let StoredObject { path, etag, size, last_modified, version: _ } = object.clone();
        Object { path, etag, size, last_modified, value }
    };
    match event {
        ExternalEvent::Added(value) => ExternalEvent::Added(of(value)),
        ExternalEvent::Modified(value) => ExternalEvent::Modified(of(value)),
        ExternalEvent::Removed(value) => ExternalEvent::Removed(of(value)),
    }
}

fn subject<T>(event: &ExternalEvent<Object<T>>) -> &Object<T> {
    match event {
        ExternalEvent::Added(object)
        | ExternalEvent::Modified(object)
        | ExternalEvent::Removed(object) => object,
    }
}
