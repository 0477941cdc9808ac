//! Objects as they come: each is looked up in its place, or gathered.

use std::task::{Context, Poll};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt;
use object_store::{Error, ObjectMeta};
use tokio::time::Instant;

use super::gathered::Gathered;
use super::{Differs, Event, Order, Step, View};
use crate::change::{Cut, Merge, Sight, Snapshot};
use crate::store::StoredObject;
use crate::store::listing::{Objects, PAGE};
use crate::store::mark::{self, Facts};
use crate::store::settling::{Clocks, Settling};
use crate::watcher::ExternalEvent;

/// Where objects go as they come.
pub(super) struct Intake {
    /// What is merged at the end, in the order in which it came.
    pub(super) gathered: Vec<Gathered>,
    pub(super) gathered_size: usize,
    /// How many objects came.
    seen: usize,
    /// How many are known, with those that are new, and without those that a predecessor knew.
    known: usize,
    pub(super) in_order: bool,
    pub(super) settling: Settling,
    /// When the listing began, by our clock.
    began: DateTime<Utc>,
    /// The same by the clock of the store, where it shows one.
    dated: Option<DateTime<Utc>>,
    mark: Vec<u8>,
}

/// A range of the keys.
pub(super) struct Part {
    pub(super) merge: Merge<Differs>,
    begin: Option<Begin>,
    /// The last key.
    until: Option<String>,
    /// Nothing is merged before the end.
    pub(super) gathers: bool,
}

impl Intake {
    pub(super) fn new(known: usize, mut settling: Settling) -> Self {
        settling.begin();
        let (gathered, mark) = (Vec::new(), Vec::new());
        let (began, dated) = (Utc::now(), None);
        Self {
            gathered,
            gathered_size: 0,
            seen: 0,
            known,
            in_order: true,
            settling,
            began,
            dated,
            mark,
        }
    }

    /// The store answered at this time, by its clock. The first answer counts: it is the one that makes objects
    /// youngest.
    pub(super) fn dated(&mut self, date: Option<DateTime<Utc>>) {
        self.dated = self.dated.or(date);
    }

    /// What comes without a wait, up to a page. Nothing at the end.
    pub(super) fn take_ready(
        &mut self,
        view: &View,
        part: &mut Part,
        objects: &mut Objects,
        told: &mut Vec<Event>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Step>> {
        let mut taken = Poll::Ready(None);
        match objects.caught(|objects| taken = self.take_each(view, part, objects, told, cx)) {
            Ok(()) => taken,
            Err(panic) => Poll::Ready(Some(Step::Failed(panic))),
        }
    }

    fn take_each(
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
                    self.dated(objects.date());
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

    fn gather(&mut self, object: &StoredObject) {
        let gathered = Gathered::new(object, &mut self.mark);
        self.gathered_size += gathered.memory();
        self.gathered.push(gathered);
    }

    pub(super) fn means(&mut self, view: &View) -> Means<'_> {
        let most = view.limit.saturating_mul(2);
        let Self { known, settling, began, dated, mark, .. } = self;
        let (settle, store_time) = (view.settle, dated.unwrap_or(*began));
        Means { known, most, settling, settle, store_time, mark }
    }

    /// Takes an object, unless it is the end of the walk.
    pub(super) fn take(
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
        if !view.follows(object.location.as_ref()) {
            return None;
        }
        match part.owner(&object) {
            Owner::Part => {}
            Owner::PartBefore => return None,
            Owner::Nobody => return Some(Step::Misread),
            Owner::NotShown(key) => return Some(Step::NotShown(key)),
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
            Place::Marker => self.gather(&stored(object)),
            Place::Elsewhere => {
                self.in_order &= part.gathers;
                self.gather(&stored(object));
            }
        }
        None
    }
}

/// Where a part begins: behind the last key of the cut. The listing begins earlier, behind the key before it, so that
/// it has to show that last key: this verifies where the server has begun.
struct Begin {
    cut: Cut,
    is_shown: bool,
}

impl Begin {
    /// Whose an object is, as it comes.
    fn owner(&mut self, object: &ObjectMeta) -> Owner {
        let key = object.location.as_ref();
        if key > self.cut.last.as_str() {
            return if self.is_shown {
                Owner::Part
            } else {
                Owner::NotShown(self.cut.last.clone())
            };
        }
        if key == self.cut.last {
            self.is_shown = true;
            return Owner::PartBefore;
        }
        // The placeholder of a folder is told without the `/` at its end, and so before its place.
        let key_of_folder = (object.size == 0).then(|| format!("{key}/"));
        match key_of_folder.as_deref().unwrap_or(key) {
            key if key <= self.cut.before.as_str() => Owner::Nobody,
            key if key <= self.cut.last.as_str() => Owner::PartBefore,
            _ => Owner::Part,
        }
    }
}

/// Whose an object is that comes in a part.
enum Owner {
    Part,
    PartBefore,
    /// It stands before where the listing had to begin.
    Nobody,
    /// The listing began too late: this key is not shown.
    NotShown(String),
}

/// What it takes to look an object up.
pub(super) struct Means<'a> {
    known: &'a mut usize,
    /// What is gone is forgotten by a listing that comes to its end. Without one, no more than this is known.
    most: usize,
    settling: &'a mut Settling,
    settle: TimeDelta,
    store_time: DateTime<Utc>,
    mark: &'a mut Vec<u8>,
}

/// There is no room for another object.
pub(super) struct Full;

/// Where an object belongs.
enum Place {
    /// Behind the one before it.
    Here,
    /// It is the placeholder of a folder, told without the `/` at its end.
    Marker,
    Elsewhere,
}

impl Part {
    pub(super) fn new(
        snapshot: Snapshot,
        begin: Option<Cut>,
        until: Option<String>,
        order: Order,
    ) -> Self {
        let begin = begin.map(|cut| Begin { cut, is_shown: false });
        Self { merge: merge(snapshot), begin, until, gathers: order == Order::Unknown }
    }

    /// Its listing has come to its end. Returns the key that it had to show, and did not.
    pub(super) fn not_shown(&self) -> Option<&str> {
        self.begin.as_ref().filter(|begin| !begin.is_shown).map(|begin| begin.cut.last.as_str())
    }

    fn owner(&mut self, object: &ObjectMeta) -> Owner {
        self.begin.as_mut().map_or(Owner::Part, |begin| begin.owner(object))
    }

    fn place(
        &mut self,
        object: &ObjectMeta,
        means: Means<'_>,
        told: &mut Vec<Event>,
    ) -> Result<Place, Full> {
        let key = object.location.as_ref();
        let after = self.begin.as_ref().map(|begin| begin.cut.last.as_str());
        let is_behind = after.is_none_or(|after| key > after);
        let is_within = self.until.as_deref().is_none_or(|until| key <= until);
        let sight = match is_behind && is_within {
            true => sight(&mut self.merge, key, facts(object), means)?,
            false => Sight::OutOfOrder,
        };
        Ok(match sight {
            Sight::Twice => Place::Elsewhere,
            Sight::OutOfOrder => {
                let begin = self.merge.last().max(after).unwrap_or_default();
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

pub(super) fn merge(snapshot: Snapshot) -> Merge<Differs> {
    Merge::first(snapshot, mark::differs as Differs)
}

pub(super) fn sight(
    merge: &mut Merge<Differs>,
    key: &str,
    facts: Facts<'_>,
    means: Means<'_>,
) -> Result<Sight, Full> {
    let Means { known, most, settling, settle, store_time, mark } = means;
    let is_full = *known >= most;
    mark::pack(facts, mark);
    let (mut has_settled, mark) = (true, &*mark);
    let sight = merge.see(key, mark, || {
        let clocks = Clocks { store: store_time, ours: Instant::now() };
        has_settled = settling.admits(key, facts.last_modified, mark, settle, clocks);
        has_settled && !is_full
    });
    match sight {
        // What is new stays unknown, and what has changed as it was known, until it has settled.
        Sight::New | Sight::Changed if !has_settled => Ok(Sight::Same),
        Sight::New if is_full => Err(Full),
        Sight::Changed if is_full => Ok(Sight::Same),
        sight => {
            *known += usize::from(sight == Sight::New);
            Ok(sight)
        }
    }
}

pub(super) fn event(sight: Sight, object: StoredObject) -> Option<Event> {
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

pub(super) fn stored(object: ObjectMeta) -> StoredObject {
    let ObjectMeta { location, last_modified, size, e_tag, version } = object;
    StoredObject { path: location.into(), etag: e_tag, size, last_modified, version }
}
