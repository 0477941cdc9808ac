mod bad;
mod learn;
mod round;
mod wanted;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures_core::future::BoxFuture;
use tokio::time::Instant;

use self::bad::BadObjects;
use self::round::{Round, Running};
use self::wanted::Wanted;
use super::follow::Follow;
use super::source::Source;
use super::untold::{Untold, untold};
use super::{Object, ObjectStorePoller, StoredObject, mark};
use crate::change::{Fingerprint, KnownValue, ReadAs, Single, Snapshot};
use crate::error::{DecodeError, ExternalError, Result};
use crate::memory::Admit;
use crate::offload::Lent;
use crate::spec::table::BODY_LIMIT;
use crate::spec::{Invalid, Trust, object_store as defaults};
use crate::watcher::{ExternalEvent, ExternalSource, KnownItems, Pace, Report};

/// Items that are taken back at a time.
const PIECE: usize = 256;

/// How a content becomes a value: formats and types are not known here.
pub(crate) trait ReadsObject<T>: Send + Sync {
    /// The work that a content takes; see [`offload::IN_PLACE`](crate::offload::IN_PLACE) for its unit.
    fn cost(&self, raw: &Raw<'_>) -> usize;

    /// Of what counts of it; `None` is all of it.
    fn counted(&self, raw: &Raw<'_>) -> Result<Option<Fingerprint>, DecodeError>;

    /// The value, if there is room for it.
    fn decode(&self, raw: &Raw<'_>, admit: Admit<'_>) -> Result<T, DecodeError>;

    /// Why it is refused in the place of another object, if it is a page for people.
    fn page(&self, raw: &Raw<'_>) -> Option<DecodeError>;

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
    /// The most bytes that a poll may hold.
    pub(crate) walk_limit: u64,
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
/// - A content that cannot be decoded, or is an HTML page in the place of a text, and has neither the ETag nor the size
///   that was listed, is what a proxy sent instead: the object is read again, as one that cannot be read.
/// - An object that cannot be read although others can (an archived one, one that is refused, a body that stalls or
///   cannot be decoded) is a bad item too. It keeps its last good value and holds up no other. It is read again after
///   1, 2, 4, … up to 32 polls, later when its read took long, and at once when it changes.
/// - When no object can be read, the poll fails. So it does when the credentials are refused for several objects at
///   once, or the store is overloaded. Where it is unclear, up to three objects that were read before are read again.
/// - A read that takes long does not hold up the events of others.
/// - An object that twice was not what was listed, by its ETag, is read without that condition: some servers list
///   ETags that their objects do not have.
/// - An object with a `Content-Encoding` of `gzip`, `br` or `zstd` is decoded. Its size is that of the stored object,
///   and both that and the decoded size are within the limit.
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
    pub(crate) reads: Arc<dyn ReadsObject<T>>,
    equal: Option<fn(&T, &T) -> bool>,
    /// The same of what is inherited.
    equal_at_first: Option<fn(&T, &T) -> bool>,
    concurrency: usize,
    body_limit: u64,
    state: Lent<State<T>>,
    /// What is listed and not read yet.
    wanted: BTreeMap<String, Wanted>,
    bad: BadObjects,
    bad_seen: u64,
    last_bad: Option<String>,
    round: Round,
    running: Running,
    /// When the last poll ended.
    left: Instant,
    /// Told when what was learned before it was handed over.
    failed: Option<ExternalError>,
    /// Whether a poll has begun and not come to its end.
    polling: bool,
    pace: Pace,
}

/// What is known of the objects, by path.
struct State<T> {
    known: BTreeMap<String, Known<T>>,
    /// What was learned and not handed over.
    told: Vec<ExternalEvent<Object<T>>>,
    /// The size of what is known, and of the values that were not handed over.
    known_size: u64,
    told_size: u64,
}

impl<T> Default for State<T> {
    fn default() -> Self {
        Self { known: BTreeMap::new(), told: Vec::new(), known_size: 0, told_size: 0 }
    }
}

/// A value, and what was last known of its object.
struct Known<T> {
    object: StoredObject,
    value: Single<T>,
    size: u64,
}

impl<T> ContentPoller<T> {
    pub(crate) fn new(
        poller: ObjectStorePoller,
        reads: Arc<dyn ReadsObject<T>>,
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
            body_limit: BODY_LIMIT,
            // Stores are opened for trusted declarations only.
            state: Lent::new(State::default(), Trust::Trusted),
            wanted: BTreeMap::new(),
            bad: BadObjects::default(),
            bad_seen: 0,
            last_bad: None,
            round: Round::new(0),
            running: Running::new(),
            left: Instant::now(),
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
    fn deliver(&mut self) -> Vec<ExternalEvent<Object<T>>> {
        let mut state = self.state.get();
        state.told_size = 0;
        let mut told = std::mem::take(&mut state.told);
        told.sort_by(|one, other| subject(one).path.cmp(&subject(other).path));
        told
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
        self.wanted.values().all(Wanted::is_given_up)
    }

    fn report(&self) -> Report {
        let mut report = self.source.report(self.follow.report());
        let is_unreadable =
            |(path, wanted): &(&String, &Wanted)| wanted.bad.is_some() && !self.bad.contains(path);
        let unreadable = self.wanted.iter().filter(is_unreadable).count();
        report.bad_items += (self.bad.count() + unreadable) as u64;
        report.bad_items_seen += self.bad_seen;
        report.last_bad_item = self.last_bad.clone().or(report.last_bad_item);
        report
    }

    fn release_removals(&mut self) {
        self.follow.release_removals();
    }

    fn retract(&mut self) -> Vec<ExternalEvent<Object<T>>> {
        let mut state = self.state.get();
        let State { known, told, known_size, told_size } = &mut *state;
        *told_size = 0;
        let Untold { new, gone } = untold(std::mem::take(told), |object| &object.path);
        for known in new.iter().filter_map(|path| known.remove(path)) {
            *known_size = known_size.saturating_sub(known.size);
        }
        let mut retracted: Vec<_> = gone.into_iter().map(ExternalEvent::Removed).collect();
        while retracted.len() < PIECE
            && let Some((_, Known { object, mut value, size })) = known.pop_first()
        {
            *known_size = known_size.saturating_sub(size);
            retracted.extend(value.retract().map(|event| with(event, &object)));
        }
        retracted.sort_by(|one, other| subject(one).path.cmp(&subject(other).path));
        retracted
    }

    fn idle(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(self.state.idle())
    }

    fn undelivered(&mut self) -> Vec<ExternalEvent<Object<T>>> {
        self.deliver()
    }

    fn hand_over(&mut self) -> Option<KnownItems> {
        let known = std::mem::take(&mut *self.state.get()).known.into_iter();
        let value = |(path, Known { object, mut value, size }): (String, Known<T>)| {
            value.hand_over().map(|value| (path, (object, value, size)))
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
        let mut state = self.state.get();
        state.known_size = objects.values().map(|(_, _, size)| size).sum();
        let value = |(path, (object, mut known, size)): (String, (_, KnownValue<T>, _))| {
            if !holds {
                known.forget_content();
            }
            let mut value = Single::new(1, equal);
            value.inherit(Some(known), equal_at_first);
            (path, Known { object, value, size })
        };
        state.known = objects.into_iter().map(value).collect();
        Ok(())
    }
}

/// The objects that the consumer knows, by path, and how they were read.
struct KnownContents<T> {
    /// Each with its size.
    objects: BTreeMap<String, (StoredObject, KnownValue<T>, u64)>,
    read_as: ReadAs,
}

impl<T> fmt::Debug for ContentPoller<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source, follow, .. } = self;
        let mut shown = f.debug_struct("ContentPoller");
        shown.field("source", source).field("follow", follow).finish_non_exhaustive()
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
