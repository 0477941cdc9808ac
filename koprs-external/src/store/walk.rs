//! One look at what a store lists, compared with what is known as it comes.
//!
//! A listing in the order of its keys is merged with the snapshot page by page, in one part or in several at a
//! time. The order is verified: what comes out of it is gathered, and merged when the listing has come to its
//! end; several parts, of which each relies on the order for its end, are given up for one.

use std::future::poll_fn;
use std::task::{Context, Poll};

use chrono::{DateTime, TimeDelta, Utc};
use futures_core::stream::BoxStream;
use futures_util::StreamExt;
use futures_util::stream::SelectAll;
use object_store::path::Path;
use object_store::{Error, ObjectMeta};

use super::StoredObject;
use super::listing::{Listed, Objects, PAGE, Page};
use super::mark::{self, Facts};
use super::select::Select;
use crate::change::{Merge, Sight, Snapshot};
use crate::watcher::ExternalEvent;

type Differs = fn(&[u8], &[u8]) -> bool;
type Event = ExternalEvent<StoredObject>;

/// So often is it asked what came twice.
const MOST_TWICE: usize = 100;

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
    /// Fewer objects than this are no part: a page of a listing has room for a thousand.
    pub(super) part: usize,
}

/// A look that is under way.
pub(super) struct Walk {
    listed: Listed,
    stage: Stage,
    /// Whether it is listed in parts, of which each relies on the order for its end.
    is_cut: bool,
    intake: Intake,
    unrepresentable: Vec<String>,
}

enum Stage {
    Whole {
        part: Part,
        objects: Objects,
    },
    Listing {
        parts: Vec<Part>,
        pages: SelectAll<BoxStream<'static, (usize, Page)>>,
    },
    /// What came twice is asked for.
    Asking {
        merge: Merge<Differs>,
        objects: Vec<StoredObject>,
        twice: Vec<String>,
    },
    Gathered {
        merge: Merge<Differs>,
        rest: std::vec::IntoIter<StoredObject>,
    },
}

/// Where objects go as they come.
struct Intake {
    /// What is merged at the end, in the order in which it came.
    gathered: Vec<StoredObject>,
    /// How many objects came.
    seen: usize,
    /// How many are known, with those that are new.
    known: usize,
    in_order: bool,
    /// Objects that were written later are too young.
    settled: Option<DateTime<Utc>>,
    mark: Vec<u8>,
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
            Order::Believed if listed.can_be_cut(&view.prefix) => {
                snapshot.quantiles(view.parts.min(snapshot.len() / view.part))
            }
            _ => Vec::new(),
        };
        let settled = (!view.settle.is_zero()).then(|| {
            Utc::now().checked_sub_signed(view.settle).unwrap_or(DateTime::<Utc>::MIN_UTC)
        });
        let intake = Intake {
            gathered: Vec::new(),
            seen: 0,
            known: snapshot.len(),
            in_order: true,
            settled,
            mark: Vec::new(),
        };
        let is_cut = !cuts.is_empty();
        let stage = match listed.objects(&view.prefix) {
            Some(objects) if !is_cut => {
                let part = Part::new(snapshot, None, None, order);
                Stage::Whole { part, objects }
            }
            _ => Self::in_parts(listed, view, snapshot, order, cuts),
        };
        Self { listed: listed.clone(), stage, is_cut, intake, unrepresentable: Vec::new() }
    }

    fn in_parts(
        listed: &Listed,
        view: &View,
        snapshot: Snapshot,
        order: Order,
        cuts: Vec<String>,
    ) -> Stage {
        let mut after = None;
        let mut parts = Vec::with_capacity(cuts.len() + 1);
        let mut pages = SelectAll::new();
        let snapshots = snapshot.split(&cuts);
        let ends = cuts.into_iter().map(Some).chain([None]);
        for (index, (snapshot, until)) in snapshots.into_iter().zip(ends).enumerate() {
            let list = listed.pages(&view.prefix, after.as_deref(), until.clone());
            pages.push(list.map(move |page| (index, page)).boxed());
            let begin = std::mem::replace(&mut after, until.clone());
            parts.push(Part::new(snapshot, begin, until, order));
        }
        Stage::Listing { parts, pages }
    }

    /// Whether it is listed in parts.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Takes the next page, or so many of what was gathered, and tells what is news. Cancellation safe: what
    /// has come is never lost.
    pub(super) async fn step(&mut self, view: &View, most: usize, told: &mut Vec<Event>) -> Step {
        match &mut self.stage {
            Stage::Whole { part, objects } => {
                let intake = &mut self.intake;
                let taken = poll_fn(|cx| intake.take_ready(view, part, objects, told, cx)).await;
                taken.unwrap_or_else(|| self.gathered())
            }
            Stage::Listing { pages, .. } => match pages.next().await {
                Some((part, page)) => self.page(view, part, page, told),
                None => self.gathered(),
            },
            Stage::Asking { objects, twice, .. } => match twice.last() {
                None => self.asked(),
                Some(path) => match self.listed.head(path).await {
                    Ok(found) => {
                        if let Some(object) = found {
                            put(objects, stored(object));
                        }
                        twice.pop();
                        Step::On
                    }
                    Err(error) => Step::Failed(error),
                },
            },
            Stage::Gathered { .. } => self.merge_gathered(view, most, told),
        }
    }

    fn page(&mut self, view: &View, part: usize, page: Page, told: &mut Vec<Event>) -> Step {
        let Page { objects, unrepresentable } = page;
        self.unrepresentable.extend(unrepresentable);
        let Stage::Listing { parts, .. } = &mut self.stage else { return Step::End };
        let Some(part) = parts.get_mut(part) else { return Step::On };
        for object in objects {
            if let Some(step) = self.intake.take(view, part, object, told) {
                return step;
            }
        }
        if self.is_cut && !self.intake.in_order { Step::OutOfOrder } else { Step::On }
    }

    /// The listing has come to its end.
    fn gathered(&mut self) -> Step {
        let parts = match self.take_stage() {
            Stage::Whole { part, .. } => vec![part],
            Stage::Listing { parts, .. } => parts,
            stage => {
                self.stage = stage;
                return Step::On;
            }
        };
        let gathers = parts.iter().any(|part| part.gathers);
        let parts = parts.into_iter().map(|part| part.merge);
        let Sorted { in_order, objects, twice } = sorted(std::mem::take(&mut self.intake.gathered));
        let merge = if gathers {
            self.intake.in_order = in_order;
            merge(Snapshot::join(parts.map(Merge::abandon).collect()))
        } else {
            Merge::second(Snapshot::join(parts.map(Merge::finish).collect()), mark::differs as _)
        };
        self.stage = Stage::Asking { merge, objects, twice };
        Step::On
    }

    fn asked(&mut self) -> Step {
        self.stage = match self.take_stage() {
            Stage::Asking { merge, objects, .. } => {
                Stage::Gathered { merge, rest: objects.into_iter() }
            }
            stage => stage,
        };
        Step::On
    }

    fn take_stage(&mut self) -> Stage {
        let nothing =
            Stage::Gathered { merge: merge(Snapshot::default()), rest: Vec::new().into_iter() };
        std::mem::replace(&mut self.stage, nothing)
    }

    fn merge_gathered(&mut self, view: &View, most: usize, told: &mut Vec<Event>) -> Step {
        let Stage::Gathered { merge, rest } = &mut self.stage else { return Step::End };
        while told.len() < most {
            let Some(object) = rest.next() else { return Step::End };
            let means = self.intake.means(view);
            let Ok(sight) = sight(merge, &object.path, Facts::of(&object), means) else {
                return Step::TooMany;
            };
            // It came in its place before: the next walk asks which of them it is.
            self.intake.in_order &= sight != Sight::Twice;
            told.extend(event(sight, object));
        }
        Step::On
    }

    /// It came to its end: what it did not see is marked so.
    pub(super) fn finish(self) -> Walked {
        self.end(Merge::finish)
    }

    /// It is given up: what it has learned stays, and nothing is said of what it did not see.
    pub(super) fn abandon(self) -> Walked {
        self.end(Merge::abandon)
    }

    fn end(self, end: fn(Merge<Differs>) -> Snapshot) -> Walked {
        let Self { listed: _, stage, is_cut: _, intake, unrepresentable } = self;
        let snapshot = match stage {
            Stage::Whole { part, .. } => end(part.merge),
            Stage::Listing { parts, .. } => {
                Snapshot::join(parts.into_iter().map(|part| end(part.merge)).collect())
            }
            Stage::Asking { merge, .. } | Stage::Gathered { merge, .. } => end(merge),
        };
        Walked { snapshot, in_order: intake.in_order, unrepresentable }
    }
}

impl Intake {
    /// What comes without a wait, up to a page. Nothing at the end.
    fn take_ready(
        &mut self,
        view: &View,
        part: &mut Part,
        objects: &mut Objects,
        told: &mut Vec<Event>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Step>> {
        for taken in 0..PAGE {
            match objects.poll_next_unpin(cx) {
                Poll::Ready(Some(object)) => {
                    if let Some(step) = self.take(view, part, object, told) {
                        return Poll::Ready(Some(step));
                    }
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending if taken == 0 => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        Poll::Ready(Some(Step::On))
    }

    fn means(&mut self, view: &View) -> Means<'_> {
        let most = view.limit.saturating_mul(2);
        let Self { known, settled, mark, .. } = self;
        Means { known, most, settled: *settled, mark }
    }

    /// Takes an object, unless it is the end of the walk.
    fn take(
        &mut self,
        view: &View,
        part: &mut Part,
        object: Result<ObjectMeta, Error>,
        told: &mut Vec<Event>,
    ) -> Option<Step> {
        let object = match object {
            Ok(object) => object,
            Err(error) => return Some(Step::Failed(error)),
        };
        if !view.select.takes(&view.prefix, object.location.as_ref()) {
            return None;
        }
        self.seen += 1;
        if self.seen > view.limit {
            return Some(Step::TooMany);
        }
        let place = match part.gathers {
            true => Place::Elsewhere,
            false => match part.place(&object, self.means(view), told) {
                Ok(place) => place,
                Err(Full) => return Some(Step::TooMany),
            },
        };
        match place {
            Place::Here => {}
            Place::Marker => self.gathered.push(stored(object)),
            Place::Elsewhere => {
                self.in_order &= part.gathers;
                self.gathered.push(stored(object));
            }
        }
        None
    }
}

/// What it takes to look an object up.
struct Means<'a> {
    known: &'a mut usize,
    /// What is gone is forgotten by a listing that comes to its end. Without one, no more than this is known.
    most: usize,
    settled: Option<DateTime<Utc>>,
    mark: &'a mut Vec<u8>,
}

/// There is no room for another object.
struct Full;

/// Where an object belongs.
enum Place {
    /// Behind the one before it.
    Here,
    /// It is the placeholder of a folder, told without the `/` at its end.
    Marker,
    Elsewhere,
}

impl Part {
    fn new(snapshot: Snapshot, after: Option<String>, until: Option<String>, order: Order) -> Self {
        Self { merge: merge(snapshot), after, until, gathers: order == Order::Unknown }
    }

    fn place(
        &mut self,
        object: &ObjectMeta,
        means: Means<'_>,
        told: &mut Vec<Event>,
    ) -> Result<Place, Full> {
        let key = object.location.as_ref();
        let is_behind = self.after.as_deref().is_none_or(|after| key > after);
        let is_within = self.until.as_deref().is_none_or(|until| key <= until);
        let sight = match is_behind && is_within {
            true => sight(&mut self.merge, key, facts(object), means)?,
            false => Sight::OutOfOrder,
        };
        Ok(match sight {
            Sight::Twice => Place::Elsewhere,
            Sight::OutOfOrder => {
                let begin = self.merge.last().max(self.after.as_deref()).unwrap_or_default();
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
        })
    }
}

fn merge(snapshot: Snapshot) -> Merge<Differs> {
    Merge::first(snapshot, mark::differs as Differs)
}

fn sight(
    merge: &mut Merge<Differs>,
    key: &str,
    facts: Facts<'_>,
    means: Means<'_>,
) -> Result<Sight, Full> {
    let Means { known, most, settled, mark } = means;
    let is_full = *known >= most;
    let is_young = settled.is_some_and(|settled| facts.last_modified > settled);
    if is_full || is_young {
        return match merge.leave(key) {
            Sight::New if is_full && !is_young => Err(Full),
            // What is new stays unknown until it has settled.
            Sight::New => Ok(Sight::Same),
            sight => Ok(sight),
        };
    }
    mark::pack(facts, mark);
    let sight = merge.see(key, mark);
    *known += usize::from(sight == Sight::New);
    Ok(sight)
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

/// What was gathered, by path, each once.
struct Sorted {
    /// Whether it was so before.
    in_order: bool,
    objects: Vec<StoredObject>,
    /// What was there more than once.
    twice: Vec<String>,
}

/// Sorts what was gathered. What is there twice is one object that was told on two pages, or it is another one
/// that is told under its name: the placeholder of a folder, `dir/`, or a key that begins with `/`. The store is
/// asked which of them has that name, up to a hundred times; otherwise the last one that is not empty is meant.
fn sorted(mut objects: Vec<StoredObject>) -> Sorted {
    if objects.is_sorted_by(|one, other| one.path < other.path) {
        return Sorted { in_order: true, objects, twice: Vec::new() };
    }
    objects.sort_by(|one, other| one.path.cmp(&other.path));
    let mut twice = Vec::new();
    objects.dedup_by(|later, kept| {
        let is_twice = later.path == kept.path;
        if is_twice && twice.len() < MOST_TWICE {
            twice.push(later.path.clone());
        }
        if is_twice && later.size > 0 {
            std::mem::swap(later, kept);
        }
        is_twice
    });
    twice.dedup();
    Sorted { in_order: false, objects, twice }
}

/// In its place among others of which each is there once.
fn put(objects: &mut [StoredObject], object: StoredObject) {
    let place = objects.binary_search_by(|other| other.path.cmp(&object.path));
    if let Some(other) = place.ok().and_then(|place| objects.get_mut(place)) {
        *other = object;
    }
}
