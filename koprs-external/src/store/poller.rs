use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_core::future::BoxFuture;
use object_store::ObjectStore;
use object_store::list::PaginatedListStore;
use object_store::path::Path;

use super::follow::Follow;
use super::listing::Listed;
use super::select::Select;
use super::source::Source;
use super::walk::{Order, View};
use super::{StoredObject, mark};
use crate::change::{Rule, Snapshot};
use crate::error::Result;
use crate::memory::MemoryLimits;
use crate::printable::printable;
use crate::spec::{Invalid, ObjectStoreSpec, Removal, object_store as defaults};
use crate::watcher::{ExternalEvent, ExternalSource, KnownItems, Pace, Report};

/// News that are handed over at a time.
const PIECE: usize = 8192;

/// Polls an object store, and tells what its listing says: which objects there are, and that they change. For
/// what is in them see [`contents`](Self::contents), or declare the store.
///
/// - The first sight of an object is [`Added`](ExternalEvent::Added), a change
///   [`Modified`](ExternalEvent::Modified), and its absence from a listing that came to its end
///   [`Removed`](ExternalEvent::Removed), with what was last known of it. A listing that fails removes nothing. Of
///   what a listing does not show, up to sixteen objects are asked for (`HEAD`): when one is there, it is listed
///   again, and when it still is there as it was, the poll fails.
/// - A change is decided by the ETag, else by the version, else by size and time of the last modification:
///   whatever the listings say. See the [table](crate::store#what-each-store-can-tell).
/// - When more than half of at least ten objects would vanish at once, the removals are held until three whole
///   listings agree ([`with_hold`](Self::with_hold)).
/// - The events of a poll come by path. When there are many, as at the first sight of a large bucket, they come
///   in pieces of about 8192: then [`pace`](ExternalSource::pace) is [`Pace::Now`], and the next poll goes on.
///   News that a listing brought before it failed are told, and its error is the answer of the poll after.
/// - What is remembered of an object takes some 25 to 60 bytes, by its ETag and time.
///
/// # Cancellation safety
///
/// A poll that is dropped loses nothing: what it had learned is told by the next one.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use koprs_external::store::ObjectStorePoller;
/// use koprs_external::store::object_store::{ObjectStoreExt, memory::InMemory, path::Path};
/// use koprs_external::watcher::{ExternalEvent, ExternalSource};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Arc::new(InMemory::new());
/// store.put(&Path::from("models/a.yaml"), "size: 1".into()).await?;
///
/// let mut poller = ObjectStorePoller::new(store).with_prefix("models").with_include("*.yaml");
/// let events = poller.poll().await?;
/// assert!(matches!(&events[..], [ExternalEvent::Added(object)] if object.path == "models/a.yaml"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a poller does nothing until it is polled"]
pub struct ObjectStorePoller {
    pub(super) source: Source,
    pub(super) follow: Follow,
    /// A builder that cannot fail keeps the first mistake for the first poll.
    pub(super) mistake: Option<Invalid>,
    /// Whether the most objects are said.
    pub(super) limited: bool,
}

impl ObjectStorePoller {
    /// Follows all objects of a store.
    ///
    /// Keys that `object_store` cannot represent, as `a//b`, fail the poll; see
    /// [`paginated`](Self::paginated).
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self::of(Source::given(Listed::new(store)))
    }

    /// Follows all objects of a store whose listings can be had page by page: S3, GCS and Azure. Keys that
    /// cannot be represented are passed over, up to 50 of them, and shown as
    /// [bad items](crate::watcher::Report::bad_items).
    pub fn paginated<S: ObjectStore + PaginatedListStore>(store: Arc<S>) -> Self {
        Self::of(Source::given(Listed::paginated(store)))
    }

    /// As it is declared. The environment is read now, files when they are needed.
    pub(crate) fn declared(
        name: &str,
        spec: ObjectStoreSpec,
        removal: Removal,
        memory: MemoryLimits,
    ) -> Result<Self, Invalid> {
        let ObjectStoreSpec { include, exclude, settle, listing_concurrency, object_limit, .. } =
            spec.clone();
        let order = if spec.url.scheme() == "file" { Order::Unknown } else { Order::Believed };
        let (source, prefix) = Source::declared(name, spec)?;
        let mut poller = Self::of(source);
        poller.follow.view.parts = listing_concurrency;
        poller.follow.view.memory = memory;
        poller.follow = Follow::new(poller.follow.view, rule(removal), order);
        poller = poller.with_settle(settle);
        poller.follow.view.select.include(&include)?;
        poller.follow.view.select.exclude(&exclude)?;
        if let Some(limit) = object_limit {
            poller = poller.with_object_limit(limit);
        }
        poller.follow.view.prefix = prefix;
        match poller.mistake.take() {
            Some(mistake) => Err(mistake),
            None => Ok(poller),
        }
    }

    fn of(source: Source) -> Self {
        let view = View {
            prefix: Path::ROOT,
            select: Select::default(),
            settle: TimeDelta::zero(),
            limit: defaults::OBJECT_LIMIT,
            parts: defaults::LISTING_CONCURRENCY,
            part: 1000,
            inherited: 0,
            memory: MemoryLimits::default(),
        };
        let follow = Follow::new(view, rule(Removal::DEFAULT), Order::Believed);
        Self { source, follow, mistake: None, limited: false }
    }

    /// Only objects below this path, as `models` or `models/`; `models` is not the beginning of
    /// `models-2/a.yaml`. It is taken as it is: nothing is encoded.
    ///
    /// A path that cannot be one, as `a//b`, is the error of the first poll, and ends the watcher.
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        let prefix = prefix.into();
        self.source.below(&prefix);
        match Path::parse(&prefix) {
            Ok(path) => self.follow.view.prefix = path,
            Err(error) => self.is_wrong(Invalid::new(
                "prefix",
                "bad-path",
                format!("`{}` is no path: {}", printable(&prefix), error),
            )),
        }
        self
    }

    /// The name in logs, status and errors. Default: that of the store, with the prefix.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.source.asked.watcher = name.into();
        self
    }

    /// One more glob, of objects to follow, against their path below the prefix: `*.yaml`, `**/*.{yaml,yml}`.
    /// Default: all. A glob that is none is the error of the first poll, and ends the watcher.
    pub fn with_include(mut self, glob: impl Into<String>) -> Self {
        if let Err(mistake) = self.follow.view.select.include(&[glob.into()]) {
            self.is_wrong(mistake);
        }
        self
    }

    /// One more glob, of objects to leave out, as [`with_include`](Self::with_include).
    pub fn with_exclude(mut self, glob: impl Into<String>) -> Self {
        if let Err(mistake) = self.follow.view.select.exclude(&[glob.into()]) {
            self.is_wrong(mistake);
        }
        self
    }

    /// Reports an object only when it has settled: for writers that do not put an object down at once. Default: none.
    ///
    /// An object has settled when its last modification is this old by the clock of the store (the `Date` of its
    /// listing; the clock of this machine where the store shows none), or when listings showed it unchanged for this
    /// long by the clock of this machine, whichever comes first. Until then a changed object keeps its previous state.
    /// [`unsettled`](crate::watcher::Report::unsettled) shows what waits.
    pub fn with_settle(mut self, settle: Duration) -> Self {
        self.follow.view.settle = TimeDelta::from_std(settle).unwrap_or(TimeDelta::MAX);
        self
    }

    /// Holds removals when more than this share of the objects, from 0 to 1, would vanish at once, of at least
    /// so many. Default: 0.5 of 10.
    pub fn with_hold(mut self, above: f64, min: u64) -> Self {
        self.follow.rule(Rule { confirm: 1, hold_above: above, hold_min: min });
        self
    }

    /// The most objects; with more, the poll fails. While no listing comes to its end, so that nothing can be
    /// gone, twice as many are remembered at most. Default: 10 000 000, within the
    /// [walk limit](Self::with_walk_limit) where they come out of order.
    pub fn with_object_limit(mut self, objects: usize) -> Self {
        self.follow.view.limit = objects.max(1);
        self.limited = true;
        self
    }

    /// The most bytes that what is known may take, with the events that were not taken yet: see
    /// [`memory`](crate::memory). With more, the poll fails, and what is known stays. Default: 1 GiB.
    pub fn with_memory_limit(mut self, bytes: u64) -> Self {
        self.follow.view.memory.memory = bytes;
        self
    }

    /// The most bytes that a poll may hold until it is complete: listings that come out of order, objects that are read,
    /// and their values until they are delivered. Default: 512 MiB, enough for about 4 million objects that come out of
    /// order (WebDAV, S3 directory buckets): with more, raise it.
    pub fn with_walk_limit(mut self, bytes: u64) -> Self {
        self.follow.view.memory.walk = bytes;
        self
    }

    /// From the second poll on, the keys are cut into so many ranges that are listed at a time, where a listing
    /// can begin after a key: S3 (not its directory buckets) and GCS, below a prefix or made by
    /// [`paginated`](Self::paginated). 1 is one after the other. Default: 8, and none of fewer than a thousand
    /// objects.
    pub fn with_listing_concurrency(mut self, ranges: usize) -> Self {
        self.follow.view.parts = ranges.max(1);
        self.follow.view.part = 1;
        self
    }

    fn is_wrong(&mut self, mistake: Invalid) {
        self.mistake.get_or_insert(mistake);
    }
}

/// The objects that the consumer knows, by path.
struct Known(Snapshot);

pub(super) fn rule(removal: Removal) -> Rule {
    let Removal { confirm: _, hold_above, hold_min } = removal;
    Rule { confirm: 1, hold_above, hold_min }
}

impl ExternalSource for ObjectStorePoller {
    type Item = StoredObject;

    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<StoredObject>>>> {
        Box::pin(async move {
            if let Some(mistake) = &self.mistake {
                return Err(mistake.clone().into());
            }
            self.follow.poll(&mut self.source, PIECE).await
        })
    }

    fn name(&self) -> &str {
        &self.source.asked.watcher
    }

    fn pace(&self) -> Pace {
        self.follow.pace()
    }

    fn report(&self) -> Report {
        self.source.report(self.follow.report())
    }

    fn release_removals(&mut self) {
        self.follow.release_removals();
    }

    fn retract(&mut self) -> Vec<ExternalEvent<StoredObject>> {
        self.follow.retract(PIECE)
    }

    fn undelivered(&mut self) -> Vec<ExternalEvent<StoredObject>> {
        self.follow.undelivered()
    }

    fn hand_over(&mut self) -> Option<KnownItems> {
        let listed = self.follow.hand_over().handed_over(mark::inherited);
        Some(KnownItems::new(Known(listed)))
    }

    fn inherit(&mut self, known: KnownItems) -> std::result::Result<(), KnownItems> {
        let Known(listed) = known.take()?;
        self.follow.inherit(listed);
        Ok(())
    }
}
