//! What a store lists, over time: look, compare, tell what is new, and what is gone.
//!
//! News are handed over in pieces, so that the first sight of a million objects takes no more room than a part
//! of it. What was told is known from then on, also when the listing fails later: then the failure is the
//! answer of the next poll, once the news before it were taken. Nothing is gone but by a listing that came to
//! its end.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use object_store::ObjectMeta;
use tokio::time::Instant;

use super::StoredObject;
use super::details::BadKeys;
use super::first::FirstListing;
use super::listing::Listed;
use super::parts::{Doubt, Parts, Whole};
use super::settling::Settling;
use super::source::{Source, asked};
use super::untold::{Untold, untold};
use super::walk::{Order, Step, View, Walk, Walked};
use super::witness::{Found, contradicted, contradictions};
use super::{failure, mark};
use crate::change::{Guard, Rule, Snapshot};
use crate::error::{ExternalError, Result, StoreError, StoreErrorKind};
use crate::printable::{message, printable};
use crate::watcher::{ExternalEvent, HeldRemovals, Pace, Report, Unsettled};

type Event = ExternalEvent<StoredObject>;

/// A piece is handed over after this, so that a long listing does not meet the deadline of a poll.
const PIECE: Duration = Duration::from_secs(10);
/// Pages that are taken in a row before others have their turn.
const TURN: usize = 16;

/// Follows what a store lists.
pub(super) struct Follow {
    pub(super) view: View,
    order: Order,
    parts: Parts,
    /// Why parts were given up, until it is logged.
    gave_up_parts: Option<String>,
    /// Whether every object of a listing has its own key, as far as is known.
    is_checked: bool,
    guard: Guard,
    phase: Phase,
    /// What was learned and not handed over.
    told: Vec<Event>,
    /// Told when what was learned before it was handed over.
    failed: Option<ExternalError>,
    /// What the last listing did not show, and is there.
    contradictions: Vec<ObjectMeta>,
    /// Whether what is held is to be released at the end of the walk.
    releases: bool,
    /// Whether a poll has begun and not come to its end.
    polling: bool,
    pace: Pace,
    bad_keys: ReportedKeys,
    /// The objects that wait. It is with the walk while there is one.
    settling: Settling,
    /// What waits according to the last complete listing.
    unsettled: Option<Unsettled>,
    first: FirstListing,
}

enum Phase {
    Resting(Snapshot),
    Walking(Box<Walk>),
    /// A listing came to its end; what it did not show is asked for.
    Walked(Walked),
    /// A listing came to its end; what is gone is being told.
    Removing(Snapshot),
    /// Nothing is followed any more. What is known is taken back, but for what was learned and never told.
    Retracting(Snapshot, BTreeSet<String>),
}

/// Keys that `object_store` cannot represent, as they are reported.
#[derive(Debug, Default)]
struct ReportedKeys {
    now: BadKeys,
    seen: u64,
    last: Option<String>,
}

impl Follow {
    pub(super) fn new(view: View, rule: Rule, order: Order) -> Self {
        Self {
            view,
            order,
            parts: Parts::default(),
            gave_up_parts: None,
            is_checked: false,
            guard: Guard::new(rule),
            phase: Phase::default(),
            told: Vec::new(),
            failed: None,
            contradictions: Vec::new(),
            releases: false,
            polling: false,
            pace: Pace::Interval,
            bad_keys: ReportedKeys::default(),
            settling: Settling::default(),
            unsettled: None,
            first: FirstListing::default(),
        }
    }

    pub(super) fn rule(&mut self, rule: Rule) {
        self.guard = Guard::new(rule);
    }

    pub(super) fn pace(&self) -> Pace {
        self.pace
    }

    /// What the listing shows beside its objects.
    pub(super) fn report(&self) -> Report {
        Report {
            held_removals: self.guard.held().map(HeldRemovals::from),
            bad_items: self.bad_keys.now.count(),
            bad_items_seen: self.bad_keys.seen,
            last_bad_item: self.bad_keys.last.clone(),
            partial_list: None,
            unsettled: self.unsettled.clone(),
            absence: None,
        }
    }

    pub(super) fn release_removals(&mut self) {
        match &mut self.phase {
            Phase::Resting(snapshot) | Phase::Removing(snapshot) => snapshot.release(),
            Phase::Walked(walked) => walked.snapshot.release(),
            Phase::Walking(_) => self.releases = true,
            Phase::Retracting(..) => {}
        }
    }

    /// Takes back what was told and not told as gone: about so many, until there is nothing more.
    pub(super) fn retract(&mut self, most: usize) -> Vec<Event> {
        let mut retracted = Vec::new();
        if !matches!(self.phase, Phase::Retracting(..)) {
            self.give_up();
            let Untold { new, gone } =
                untold(std::mem::take(&mut self.told), |object| &object.path);
            retracted.extend(gone);
            if let Phase::Resting(known) | Phase::Removing(known) = std::mem::take(&mut self.phase)
            {
                self.phase = Phase::Retracting(known, new);
            }
        }
        let Phase::Retracting(known, new) = &mut self.phase else { return Vec::new() };
        while retracted.is_empty() && !known.is_empty() {
            known.take_first(most, |path, mark| {
                let is_told = !new.remove(path);
                retracted.extend(mark::unpack(path, mark).filter(|_| is_told));
            });
        }
        retracted.into_iter().map(ExternalEvent::Removed).collect()
    }

    /// Returns what a dropped poll has learned.
    pub(super) fn undelivered(&mut self) -> Vec<Event> {
        self.give_up();
        self.deliver()
    }

    /// Takes out what is known.
    pub(super) fn hand_over(&mut self) -> Snapshot {
        self.give_up();
        match std::mem::take(&mut self.phase) {
            Phase::Resting(known) | Phase::Removing(known) | Phase::Retracting(known, _) => known,
            Phase::Walking(_) | Phase::Walked(_) => Snapshot::default(),
        }
    }

    /// Takes over what is known, before the first look.
    pub(super) fn inherit(&mut self, known: Snapshot) {
        self.view.inherited = known.len();
        self.phase = Phase::Resting(known);
    }

    /// Looks, and returns at most about so many news, by path. Where there are more, the pace is
    /// [`Pace::Now`].
    pub(super) async fn poll(&mut self, source: &mut Source, most: usize) -> Result<Vec<Event>> {
        if std::mem::take(&mut self.polling) {
            // The last poll was cut off; a listing does not wait for the next one.
            self.give_up();
            if !self.told.is_empty() {
                self.pace = Pace::Now;
                return Ok(self.deliver());
            }
        }
        self.pace = Pace::Interval;
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.polling = true;
        let done = self.pieces(source, most).await;
        self.polling = false;
        if let Err(error) = done {
            self.give_up();
            self.failed = Some(error);
        }
        if self.told.is_empty()
            && let Some(error) = self.failed.take()
        {
            return Err(error);
        }
        if self.failed.is_some() || !matches!(self.phase, Phase::Resting(_)) {
            self.pace = Pace::Now;
        } else if let Phase::Resting(known) = &self.phase {
            let is_below_a_path = !self.view.prefix.as_ref().is_empty();
            let has_any = !known.is_empty() || self.unsettled.is_some() || self.bad_keys.seen > 0;
            self.first.ended(has_any, &source.asked, is_below_a_path);
        }
        Ok(self.deliver())
    }

    fn deliver(&mut self) -> Vec<Event> {
        let mut told = std::mem::take(&mut self.told);
        told.sort_by(|one, other| path(one).cmp(path(other)));
        told
    }

    /// A piece; another one, where the store refused a credential and there is another one by now.
    async fn pieces(&mut self, source: &mut Source, most: usize) -> Result<()> {
        let listed = source.listed().await?;
        let done = self.piece(&listed, most).await;
        if let Some(reason) = self.gave_up_parts.take() {
            tracing::warn!(
                source = %printable(&source.asked.watcher),
                reason = %message(&reason),
                "the store cannot be listed in parts; listing it as a whole from now on"
            );
        }
        let Err(error) = done else { return Ok(()) };
        source.failed(error.kind());
        let done = if source.is_renewed().await {
            self.give_up();
            let listed = source.listed().await?;
            self.piece(&listed, most).await
        } else {
            Err(error)
        };
        done.map_err(|mut error| {
            error.message = source.redacted(&error.message);
            asked(&source.asked, error)
        })
    }

    /// What a walk has learned stays.
    fn give_up(&mut self) {
        self.phase = match std::mem::take(&mut self.phase) {
            Phase::Walking(walk) => {
                let Walked { mut snapshot, in_order, settling, is_cut, .. } = walk.abandon();
                self.settling = settling;
                match is_cut {
                    true => self.parts.doubt(Doubt::Failed("the poll was cut off".to_owned())),
                    false => self.parts.whole_failed(),
                }
                if !in_order {
                    self.order = Order::Unknown;
                }
                snapshot.failed();
                Phase::Resting(snapshot)
            }
            Phase::Resting(mut snapshot) | Phase::Walked(Walked { mut snapshot, .. }) => {
                snapshot.failed();
                Phase::Resting(snapshot)
            }
            other @ (Phase::Removing(_) | Phase::Retracting(..)) => other,
        };
        self.guard.failed();
    }

    /// Goes on until there is enough to hand over, or nothing more.
    async fn piece(&mut self, listed: &Listed, most: usize) -> Result<(), StoreError> {
        let begun = Instant::now();
        let mut pages = 0;
        loop {
            match &mut self.phase {
                Phase::Resting(snapshot) => {
                    let snapshot = std::mem::take(snapshot);
                    let settling = std::mem::take(&mut self.settling);
                    let in_parts =
                        self.parts.are_used() && (self.is_checked || !self.view.prefix.is_root());
                    let order = self.order;
                    let walk = Walk::begin(listed, &self.view, snapshot, settling, order, in_parts);
                    self.phase = Phase::Walking(Box::new(walk));
                }
                Phase::Walking(walk) => {
                    let step = walk.step(&self.view, most, &mut self.told).await;
                    match step {
                        Step::On => {
                            if let Some(full) = walk.above(&self.view, &self.told) {
                                return Err(full.into());
                            }
                        }
                        Step::End => self.ended(),
                        Step::OutOfOrder => self.in_one(listed, Some(Doubt::OutOfOrder)),
                        Step::NotShown(key) => self.in_one(listed, Some(Doubt::NotShown(key))),
                        Step::Misread => {
                            self.parts.give_up();
                            let reason =
                                "the server does not begin after the key that is asked for";
                            self.gave_up_parts = Some(reason.to_owned());
                            self.in_one(listed, None);
                        }
                        Step::Failed(error) => {
                            let is_cut = walk.is_cut();
                            let error = failure::listing(&error, &listed.redactor);
                            if !is_cut {
                                return Err(error);
                            }
                            if !is_refusal(error.kind()) {
                                self.parts.doubt(Doubt::Failed(error.message.clone()));
                                return Err(error);
                            }
                            self.in_one(listed, Some(Doubt::Refused(error.message)));
                        }
                        Step::TooMany => return Err(self.too_many()),
                    }
                }
                Phase::Walked(walked) => {
                    let before = &self.contradictions;
                    let found =
                        contradictions(listed, &self.view, &walked.snapshot, before).await?;
                    match found {
                        Found::Nothing => self.judge(),
                        Found::First(found) => {
                            self.contradictions = found;
                            self.phase = Phase::Resting(std::mem::take(&mut walked.snapshot));
                        }
                        Found::Again(key) => {
                            self.contradictions.clear();
                            return Err(contradicted(&key));
                        }
                    }
                }
                Phase::Removing(snapshot) => {
                    let told = &mut self.told;
                    let room = most.saturating_sub(told.len());
                    let more = snapshot.take_gone(room, |path, mark| {
                        told.extend(mark::unpack(path, mark).map(ExternalEvent::Removed));
                    });
                    if !more {
                        self.phase = Phase::Resting(std::mem::take(snapshot));
                        return Ok(());
                    }
                }
                Phase::Retracting(..) => return Ok(()),
            }
            if self.told.len() >= most || begun.elapsed() >= PIECE {
                return Ok(());
            }
            pages += 1;
            if pages % TURN == 0 {
                tokio::task::yield_now().await;
            }
        }
    }

    /// A listing came to its end.
    fn ended(&mut self) {
        let Phase::Walking(walk) = std::mem::take(&mut self.phase) else { return };
        let mut walked = walk.finish();
        self.is_checked = walked.is_checked;
        if walked.is_cut {
            self.parts.succeeded();
        } else {
            let key = self.parts.doubted_key();
            let has_key = key.is_some_and(|key| !walked.snapshot.is_unseen(key));
            let whole = Whole { in_order: walked.in_order, has_key };
            self.gave_up_parts = self.parts.whole_succeeded(&whole).or(self.gave_up_parts.take());
        }
        self.settling = std::mem::take(&mut walked.settling);
        self.phase = Phase::Walked(walked);
    }

    fn judge(&mut self) {
        let Phase::Walked(walked) = std::mem::take(&mut self.phase) else { return };
        let Walked { mut snapshot, in_order, bad_keys, .. } = walked;
        self.unsettled = self.settling.finish();
        self.contradictions.clear();
        self.order = if in_order { Order::Believed } else { Order::Unknown };
        self.bad_keys.are(bad_keys);
        if std::mem::take(&mut self.releases) {
            snapshot.release();
        }
        snapshot.judge(&mut self.guard);
        let held = self.guard.held().map_or(0, |held| held.items);
        self.view.inherited = self.view.inherited.min(usize::try_from(held).unwrap_or(usize::MAX));
        self.phase = Phase::Removing(snapshot);
    }

    /// Lists anew, as a whole.
    fn in_one(&mut self, listed: &Listed, doubt: Option<Doubt>) {
        doubt.into_iter().for_each(|doubt| self.parts.doubt(doubt));
        if let Phase::Walking(walk) = std::mem::take(&mut self.phase) {
            let Walked { snapshot, settling, .. } = walk.abandon();
            let order = Order::Unknown;
            let walk = Walk::begin(listed, &self.view, snapshot, settling, order, false);
            self.phase = Phase::Walking(Box::new(walk));
        }
    }

    fn too_many(&self) -> StoreError {
        let limit = self.view.limit;
        let message = format!(
            "there are more than {limit} objects; raise `object_limit`, or narrow what is followed with \
             a longer path, `include` or `exclude`"
        );
        StoreError::new(StoreErrorKind::TooManyObjects { limit }, message)
    }
}

impl Default for Phase {
    fn default() -> Self {
        Self::Resting(Snapshot::default())
    }
}

impl ReportedKeys {
    /// These are there, and no others.
    fn are(&mut self, keys: BadKeys) {
        self.seen += keys.count_new(&self.now);
        if let Some(key) = keys.names().difference(self.now.names()).last() {
            self.last = Some(failure::bad_key(key));
        }
        self.now = keys;
    }
}

/// Whether a server refuses what another request may get.
fn is_refusal(kind: StoreErrorKind) -> bool {
    match kind {
        StoreErrorKind::Status(status) => !matches!(status, 408 | 425 | 429 | 500 | 502..=504),
        StoreErrorKind::NotFound => true,
        _ => false,
    }
}

/// What an event is about.
fn path(event: &Event) -> &str {
    &event.value().path
}

impl fmt::Debug for Follow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { view, unsettled, .. } = self;
        let mut shown = f.debug_struct("Follow");
        shown.field("view", view).field("unsettled", unsettled).finish_non_exhaustive()
    }
}
