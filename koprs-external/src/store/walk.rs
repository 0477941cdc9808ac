//! One look at what a store lists, compared with what is known as it comes.
//!
//! A listing in the order of its keys is merged with the snapshot page by page, in one part or in several at a
//! time. The order is verified: what comes out of it is gathered, and merged when the listing has come to its
//! end; several parts, of which each relies on the order for its end, are given up for one.

mod gathered;
mod intake;

use std::future::poll_fn;

use chrono::TimeDelta;
use futures_core::stream::BoxStream;
use futures_util::StreamExt;
use futures_util::stream::SelectAll;
use object_store::Error;
use object_store::path::Path;

use self::gathered::{Gathered, Sorted, put, sorted};
use self::intake::{Intake, Part, event, merge, sight, stored};
use super::StoredObject;
use super::details::{BadKeys, Details};
use super::listing::{Listed, Objects, Page};
use super::mark::{self, Facts};
use super::select::Select;
use super::settling::Settling;
use crate::change::{Cut, Merge, Sight, Snapshot};
use crate::memory::{Full, MemoryLimits};
use crate::watcher::ExternalEvent;

type Differs = fn(&[u8], &[u8]) -> bool;
type Event = ExternalEvent<StoredObject>;

/// What is looked at, and how.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) prefix: Path,
    pub(super) select: Select,
    /// Objects that are younger wait.
    pub(super) settle: TimeDelta,
    /// The most objects.
    pub(super) limit: usize,
    /// The most parts that are listed at a time.
    pub(super) parts: usize,
    /// Fewer objects than this are no part: a page of a listing has room for a thousand.
    pub(super) part: usize,
    /// So many objects were known to a predecessor and may be gone. They do not count towards the limit.
    pub(super) inherited: usize,
    pub(super) memory: MemoryLimits,
}

impl View {
    /// Whether an object is one that is followed.
    pub(super) fn follows(&self, path: &str) -> bool {
        self.select.takes(&self.prefix, path)
    }
}

/// A look that is under way.
pub(super) struct Walk {
    listed: Listed,
    stage: Stage,
    /// Whether it is listed in parts, of which each relies on the order for its end.
    is_cut: bool,
    intake: Intake,
    bad_keys: BadKeys,
    is_checked: bool,
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
        objects: Vec<Gathered>,
        twice: Vec<String>,
    },
    Gathered {
        merge: Merge<Differs>,
        rest: std::vec::IntoIter<Gathered>,
    },
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
    /// A part began before the key after which it had to begin.
    Misread,
    /// A part does not show this key, with which it had to begin.
    NotShown(String),
}

/// What is known after a walk.
pub(super) struct Walked {
    pub(super) snapshot: Snapshot,
    /// Whether the listing came in the order of its keys, each of them once.
    pub(super) in_order: bool,
    pub(super) settling: Settling,
    /// Keys that cannot be represented, and so were left out.
    pub(super) bad_keys: BadKeys,
    /// Whether every object has its own key.
    pub(super) is_checked: bool,
    /// Whether it was listed in parts.
    pub(super) is_cut: bool,
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
    /// Begins to list: as a whole, or in parts, where that is allowed and pays.
    pub(super) fn begin(
        listed: &Listed,
        view: &View,
        snapshot: Snapshot,
        settling: Settling,
        order: Order,
        in_parts: bool,
    ) -> Self {
        let mut cuts = Vec::new();
        if in_parts && listed.starts_after && order == Order::Believed {
            let parts = view.parts.min(snapshot.len() / view.part);
            // A predecessor may have followed something else, and what is empty may be the placeholder of a folder,
            // which is told before its place.
            let suits = |key: &str, mark: &[u8]| {
                view.follows(key) && mark::unpack(key, mark).is_some_and(|it| it.size > 0)
            };
            cuts = snapshot.cuts(parts, suits);
            cuts.retain(|cut| !cut.before.is_empty());
        }
        let intake = Intake::new(snapshot.len().saturating_sub(view.inherited), settling);
        let is_cut = !cuts.is_empty();
        let stage = match listed.objects(&view.prefix) {
            Some(objects) if !is_cut => {
                let part = Part::new(snapshot, None, None, order);
                Stage::Whole { part, objects }
            }
            _ => Self::in_parts(listed, view, snapshot, order, cuts),
        };
        let (listed, bad_keys) = (listed.clone(), BadKeys::default());
        Self { listed, stage, is_cut, intake, bad_keys, is_checked: false }
    }

    fn in_parts(
        listed: &Listed,
        view: &View,
        snapshot: Snapshot,
        order: Order,
        cuts: Vec<Cut>,
    ) -> Stage {
        let mut begin: Option<Cut> = None;
        let mut parts = Vec::with_capacity(cuts.len() + 1);
        let mut pages = SelectAll::new();
        let snapshots = snapshot.split(&cuts);
        let ends = cuts.into_iter().map(Some).chain([None]);
        for (index, (snapshot, end)) in snapshots.into_iter().zip(ends).enumerate() {
            let after = begin.as_ref().map(|cut| cut.before.as_str());
            let until = end.as_ref().map(|cut| cut.last.clone());
            let list = listed.pages(&view.prefix, after, until.clone());
            pages.push(list.map(move |page| (index, page)).boxed());
            parts.push(Part::new(snapshot, std::mem::replace(&mut begin, end), until, order));
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
                let details = objects.details();
                self.note(details);
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
                            put(objects, Gathered::new(&stored(object), &mut Vec::new()));
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

    /// Which limit is exceeded, with these news that are not delivered.
    pub(super) fn above(&self, view: &View, told: &[Event]) -> Option<Full> {
        let bytes = |part: &Part| part.merge.bytes();
        let (known, gathered) = match &self.stage {
            Stage::Whole { part, .. } => (bytes(part), self.intake.gathered_size),
            Stage::Listing { parts, .. } => {
                (parts.iter().map(bytes).sum(), self.intake.gathered_size)
            }
            Stage::Asking { merge, .. } | Stage::Gathered { merge, .. } => {
                (merge.bytes(), self.intake.gathered_size)
            }
        };
        let MemoryLimits { memory, walk } = view.memory;
        if gathered as u64 > walk {
            return Some(Full::Walk(walk));
        }
        let news: usize = told.iter().map(|event| event.value().memory()).sum();
        ((known + news) as u64 > memory).then_some(Full::Memory(memory))
    }

    fn note(&mut self, details: Details) {
        let Details { date, bad_keys, is_checked, says_complete: _ } = details;
        self.intake.dated(date);
        self.bad_keys.extend(bad_keys);
        self.is_checked |= is_checked;
    }

    fn page(&mut self, view: &View, part: usize, page: Page, told: &mut Vec<Event>) -> Step {
        let Page { objects, details } = page;
        self.note(details);
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
        if let Some(key) = parts.iter().find_map(Part::not_shown) {
            let step = Step::NotShown(key.to_owned());
            self.stage = Stage::Listing { parts, pages: SelectAll::new() };
            return step;
        }
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
            let Some(gathered) = rest.next() else { return Step::End };
            let Some(object) = gathered.object() else {
                // Without it, it would count as removed.
                let source = "an object of the listing cannot be unpacked".into();
                return Step::Failed(Error::Generic { store: "listing", source });
            };
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
        let Self { listed: _, stage, is_cut, intake, bad_keys, is_checked } = self;
        let snapshot = match stage {
            Stage::Whole { part, .. } => end(part.merge),
            Stage::Listing { parts, .. } => {
                Snapshot::join(parts.into_iter().map(|part| end(part.merge)).collect())
            }
            Stage::Asking { merge, .. } | Stage::Gathered { merge, .. } => end(merge),
        };
        let Intake { in_order, settling, .. } = intake;
        Walked { snapshot, in_order, settling, bad_keys, is_checked, is_cut }
    }
}
