//! One look at what a store lists, compared with what is known as it comes.
//!
//! A listing in the order of its keys is merged with the snapshot page by page, in one part or in several at a
//! time. The order is verified: what comes out of it is gathered, and merged when the listing has come to its
//! end; several parts, of which each relies on the order for its end, are given up for one.

use chrono::{DateTime, TimeDelta, Utc};
use futures_core::stream::BoxStream;
use futures_util::StreamExt;
use futures_util::stream::SelectAll;
use object_store::path::Path;
use object_store::{Error, ObjectMeta};

use super::StoredObject;
use super::listing::{Listed, Page, Pages};
use super::mark::{self, Facts};
use super::select::Select;
use crate::change::{Merge, Sight, Snapshot};
use crate::watcher::ExternalEvent;

type Differs = fn(&[u8], &[u8]) -> bool;
type Event = ExternalEvent<StoredObject>;

/// What is looked at, and how.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) prefix: Path,
    pub(super) select: Select,
    /// Objects that are younger are left alone.
    pub(super) settle: TimeDelta,
    /// The most objects.
    pub(super) limit: usize,
    /// The most parts that are listed at a time.
    pub(super) parts: usize,
}

/// A look that is under way.
pub(super) struct Walk {
    stage: Stage,
    /// Whether it is listed in parts, of which each relies on the order for its end.
    is_cut: bool,
    /// What is merged at the end, in the order in which it came.
    gathered: Vec<StoredObject>,
    /// How many objects came.
    seen: usize,
    in_order: bool,
    /// Objects that were written later are too young.
    settled: Option<DateTime<Utc>>,
    unrepresentable: Vec<String>,
    mark: Vec<u8>,
}

enum Stage {
    Listing { parts: Vec<Part>, pages: SelectAll<BoxStream<'static, (usize, Page)>> },
    Gathered { merge: Merge<Differs>, rest: std::vec::IntoIter<StoredObject> },
}

/// A range of the keys.
struct Part {
    merge: Merge<Differs>,
    /// Its keys are behind this one,
    after: Option<String>,
    /// and this one is the last.
    until: Option<String>,
    /// Nothing is merged before the end.
    gathers: bool,
    /// The last key of the last page.
    last: String,
}

/// What a step has come to.
pub(super) enum Step {
    /// There is more.
    On,
    /// All was seen.
    End,
    Failed(Error),
    TooMany,
    /// Parts were listed at a time, and the order that this relies on does not hold.
    OutOfOrder,
}

/// What is known after a walk.
pub(super) struct Walked {
    pub(super) snapshot: Snapshot,
    /// Whether the listing came in the order of its keys, each of them once.
    pub(super) in_order: bool,
    /// Keys that were passed over.
    pub(super) unrepresentable: Vec<String>,
}

/// How the listing is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// As it comes, and in parts where that can be.
    Believed,
    /// As a whole, and sorted.
    Unknown,
}

impl Walk {
    /// Begins to list.
    pub(super) fn begin(listed: &Listed, view: &View, snapshot: Snapshot, order: Order) -> Self {
        let cuts = match order {
            Order::Believed if listed.can_be_cut(&view.prefix) => snapshot.quantiles(view.parts),
            _ => Vec::new(),
        };
        let mut after = None;
        let mut parts = Vec::with_capacity(cuts.len() + 1);
        let mut pages = SelectAll::new();
        let ends = cuts.iter().cloned().map(Some).chain([None]);
        for (index, (snapshot, until)) in snapshot.split(&cuts).into_iter().zip(ends).enumerate() {
            let list: Pages = listed.list(&view.prefix, after.as_deref(), until.clone());
            pages.push(list.map(move |page| (index, page)).boxed());
            let gathers = order == Order::Unknown;
            let merge = Merge::first(snapshot, mark::differs as Differs);
            let begin = after.replace(until.clone().unwrap_or_default());
            parts.push(Part { merge, after: begin, until, gathers, last: String::new() });
        }
        Self {
            is_cut: parts.len() > 1,
            stage: Stage::Listing { parts, pages },
            gathered: Vec::new(),
            seen: 0,
            in_order: true,
            settled: (!view.settle.is_zero()).then(|| {
                Utc::now().checked_sub_signed(view.settle).unwrap_or(DateTime::<Utc>::MIN_UTC)
            }),
            unrepresentable: Vec::new(),
            mark: Vec::new(),
        }
    }

    /// Whether it is listed in parts.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Takes the next page, or so many of what was gathered, and tells what is news. Cancellation safe: what
    /// has come is never lost.
    pub(super) async fn step(&mut self, view: &View, most: usize, told: &mut Vec<Event>) -> Step {
        match &mut self.stage {
            Stage::Listing { pages, .. } => match pages.next().await {
                Some((part, page)) => self.page(view, part, page, told),
                None => self.gathered(),
            },
            Stage::Gathered { .. } => self.merge_gathered(most, told),
        }
    }

    fn page(&mut self, view: &View, part: usize, page: Page, told: &mut Vec<Event>) -> Step {
        let Page { objects, unrepresentable, failure } = page;
        self.unrepresentable.extend(unrepresentable);
        let Stage::Listing { parts, .. } = &mut self.stage else { return Step::End };
        let Some(part) = parts.get_mut(part) else { return Step::On };
        let mut before = std::mem::take(&mut part.last);
        for object in objects {
            let key = object.location.as_ref();
            if !view.select.takes(&view.prefix, key) {
                continue;
            }
            self.seen += 1;
            if self.seen > view.limit {
                return Step::TooMany;
            }
            let place = if part.gathers {
                Place::Elsewhere
            } else {
                part.place(&object, &before, self.settled, &mut self.mark, told)
            };
            match place {
                Place::Here => {
                    before.clear();
                    before.push_str(key);
                }
                Place::Marker => self.gathered.push(stored(object)),
                Place::Elsewhere => {
                    self.in_order &= part.gathers;
                    self.gathered.push(stored(object));
                }
            }
        }
        part.last = before;
        match failure {
            Some(error) => Step::Failed(error),
            None if self.is_cut && !self.in_order => Step::OutOfOrder,
            None => Step::On,
        }
    }

    /// The listing has come to its end.
    fn gathered(&mut self) -> Step {
        let Stage::Listing { parts, .. } = &mut self.stage else { return Step::End };
        let gathers = parts.iter().any(|part| part.gathers);
        let parts = std::mem::take(parts).into_iter().map(|part| part.merge);
        let (in_order, gathered) = sorted(std::mem::take(&mut self.gathered));
        let differs = mark::differs as Differs;
        let merge = if gathers {
            self.in_order = in_order;
            Merge::first(Snapshot::join(parts.map(Merge::abandon).collect()), differs)
        } else {
            Merge::second(Snapshot::join(parts.map(Merge::finish).collect()), differs)
        };
        self.stage = Stage::Gathered { merge, rest: gathered.into_iter() };
        Step::On
    }

    fn merge_gathered(&mut self, most: usize, told: &mut Vec<Event>) -> Step {
        let Stage::Gathered { merge, rest } = &mut self.stage else { return Step::End };
        while told.len() < most {
            let Some(object) = rest.next() else { return Step::End };
            let facts = Facts::of(&object);
            let sight = sight(merge, &object.path, facts, self.settled, &mut self.mark);
            told.extend(event(sight, object));
        }
        Step::On
    }

    /// It came to its end: what it did not see is marked so.
    pub(super) fn finish(self) -> Walked {
        let Self { in_order, unrepresentable, .. } = self;
        let snapshot = match self.stage {
            Stage::Listing { parts, .. } => {
                Snapshot::join(parts.into_iter().map(|part| part.merge.finish()).collect())
            }
            Stage::Gathered { merge, .. } => merge.finish(),
        };
        Walked { snapshot, in_order, unrepresentable }
    }

    /// It is given up: what it has learned stays, and nothing is said of what it did not see.
    pub(super) fn abandon(self) -> Walked {
        let Self { in_order, unrepresentable, .. } = self;
        let snapshot = match self.stage {
            Stage::Listing { parts, .. } => {
                Snapshot::join(parts.into_iter().map(|part| part.merge.abandon()).collect())
            }
            Stage::Gathered { merge, .. } => merge.abandon(),
        };
        Walked { snapshot, in_order, unrepresentable }
    }
}

/// Where an object belongs.
enum Place {
    /// Behind the one before it.
    Here,
    /// It is the placeholder of a folder, told without the `/` at its end.
    Marker,
    Elsewhere,
}

impl Part {
    fn place(
        &mut self,
        object: &ObjectMeta,
        before: &str,
        settled: Option<DateTime<Utc>>,
        mark: &mut Vec<u8>,
        told: &mut Vec<Event>,
    ) -> Place {
        let key = object.location.as_ref();
        let is_behind = self.after.as_deref().is_none_or(|after| key > after);
        let is_within = self.until.as_deref().is_none_or(|until| key <= until);
        let sight = if is_behind && is_within {
            sight(&mut self.merge, key, facts(object), settled, mark)
        } else {
            Sight::OutOfOrder
        };
        match sight {
            Sight::OutOfOrder | Sight::Twice => {
                let begin = before.max(self.after.as_deref().unwrap_or_default());
                let is_marker = object.size == 0 && is_within && format!("{key}/").as_str() > begin;
                if is_marker { Place::Marker } else { Place::Elsewhere }
            }
            sight => {
                // What is news is rare, and only then are there texts to copy.
                if matches!(sight, Sight::New | Sight::Changed) {
                    told.extend(event(sight, stored(object.clone())));
                }
                Place::Here
            }
        }
    }
}

fn sight(
    merge: &mut Merge<Differs>,
    key: &str,
    facts: Facts<'_>,
    settled: Option<DateTime<Utc>>,
    mark: &mut Vec<u8>,
) -> Sight {
    if settled.is_some_and(|settled| facts.last_modified > settled) {
        return merge.leave(key);
    }
    mark::pack(facts, mark);
    merge.see(key, mark)
}

fn event(sight: Sight, object: StoredObject) -> Option<Event> {
    match sight {
        Sight::New => Some(ExternalEvent::Added(object)),
        Sight::Changed => Some(ExternalEvent::Modified(object)),
        Sight::Same | Sight::Twice | Sight::OutOfOrder => None,
    }
}

fn facts(object: &ObjectMeta) -> Facts<'_> {
    let ObjectMeta { location: _, last_modified, size, e_tag, version } = object;
    let (etag, version) = (e_tag.as_deref(), version.as_deref());
    Facts { etag, version, size: *size, last_modified: *last_modified }
}

fn stored(object: ObjectMeta) -> StoredObject {
    let ObjectMeta { location, last_modified, size, e_tag, version } = object;
    StoredObject { path: location.into(), etag: e_tag, size, last_modified, version }
}

/// By path, each once, and whether they were so before. Of several the last one is meant, which is the newest
/// where pages overlap; but none that is empty, as the placeholder of a folder is.
fn sorted(objects: Vec<StoredObject>) -> (bool, Vec<StoredObject>) {
    if objects.is_sorted_by(|one, other| one.path < other.path) {
        return (true, objects);
    }
    let mut objects = objects;
    objects.sort_by(|one, other| one.path.cmp(&other.path));
    objects.dedup_by(|later, kept| {
        let is_twice = later.path == kept.path;
        if is_twice && later.size > 0 {
            std::mem::swap(later, kept);
        }
        is_twice
    });
    (false, objects)
}
