//! A list behind an endpoint: walk its pages, compare item by item, and only then remember.
//!
//! What is known advances when a walk has come to its end. A page that is what it was (304, or the same
//! bytes) keeps its items and its next page. Where the list may have moved under the walk, it is walked
//! again: once when a key is repeated that was not before, and once to confirm that items are gone which a walk
//! over pages lacks, since an item that is deleted may move all behind it forward, to a page that was already read.
//!
//! A page that was reused by its 304 may lead astray, since its cursor may have expired: after any failure behind
//! it every page is asked for in full, within the poll where an answer failed it. The same happens before items are
//! removed because such a walk ended early. While the server itself says that there are more items than it sent
//! (`partial`), what is absent is held. Once an array of items was seen, an object in its place is a failure
//! ([`Shape`]).

mod fault;
mod poll;
mod taker;
mod walk;

use std::ops::Range;
use std::time::Duration;

use url::Url;

use super::conditional::Validators;
use super::endpoint::{Content, Endpoint};
use super::partial::More;
use super::reach::Reach;
use crate::change::{Fingerprint, Keyed, KnownList, Missing, RawItem, Round, Rule, Shape};
use crate::error::{DecodeError, Result};
use crate::spec::{HttpSpec, Invalid, Items, OnBadItem, Pages, Pointer};
use crate::watcher::{Absence, ExternalEvent, HeldRemovals, Pace, Report};

/// How a body becomes items: formats and types are not known here.
pub(crate) trait ReadsList<T> {
    /// Hands over the items of a page.
    fn items(&self, content: &Content, to: &mut dyn TakesItems<T>) -> Result<(), DecodeError>;

    /// The text or number at a place of a page.
    fn scalar(&self, content: &Content, at: &Pointer) -> Result<Option<String>, DecodeError>;
}

/// Takes the items of a page.
pub(crate) trait TakesItems<T> {
    /// Learns what the items stand in, before the first of them. An error ends the reading of the page.
    fn begins(&mut self, shape: Shape) -> Result<(), String>;

    /// The length of the text that is likely to come next.
    fn expects(&self) -> Option<usize>;

    /// Whether this is the content that was expected, which then is taken.
    fn is_expected(&mut self, content: Fingerprint) -> bool;

    /// Takes an item. Returns whether to go on.
    fn item(&mut self, item: &dyn RawItem<T, Bad = DecodeError>) -> bool;
}

/// Follows a list.
pub(crate) struct HttpList<T> {
    endpoint: Endpoint,
    /// For a poll: within it, a walk waits for the server.
    deadline: Duration,
    paging: Option<Pages>,
    limit: usize,
    on_bad: OnBadItem,
    keyed: Keyed<T>,
    /// What items stood in when there were some last; it outlives a list that is empty or missing.
    shape: Option<Shape>,
    /// Of the last whole walk.
    pages: Vec<Page>,
    /// Whether a poll has begun and not come to its end.
    looking: bool,
    /// Whether this walk went on from a page by its 304: where that page leads was not asked for.
    reused: bool,
    /// Items that turned out bad so far, and the last of them.
    bad_items_seen: u64,
    last_bad_item: Option<String>,
    /// What the last poll found, where there is no list.
    absence: Option<Absence>,
}

/// A page as it was.
#[derive(Clone, Default)]
struct Page {
    /// `None` is the URL that is polled.
    url: Option<Url>,
    /// By which a 304 says that it is the same; not, where one would not say all.
    validators: Option<Validators>,
    /// Of its body; not, where an item without a key is on it.
    body: Option<Fingerprint>,
    /// Its part of the order of the items.
    items: Range<usize>,
    /// What its items stand in; `None` where there are none.
    shape: Option<Shape>,
    next: Option<Url>,
    /// That there is more behind it although it is the last one, as the server says.
    more: Option<More>,
}

impl Page {
    fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// It is asked for in full.
    fn forget(&mut self) {
        self.validators = None;
    }

    /// Its items are read again, even from the same body.
    fn forget_items(&mut self) {
        self.forget();
        self.body = None;
    }
}

/// What the items of these pages stand in.
fn shape_of(pages: &[Page]) -> Option<Shape> {
    pages.iter().find_map(|page| page.shape)
}

/// What a walk came to.
enum Walked<T> {
    Whole(Box<Round<T, DecodeError>>, Vec<Page>),
    /// There is no list.
    Missing(Missing),
}

impl<T: Clone> HttpList<T> {
    pub(crate) fn new(
        mut spec: HttpSpec,
        items: &Items,
        rule: Rule,
        equal: Option<fn(&T, &T) -> bool>,
        deadline: Duration,
        reach: &Reach,
    ) -> Result<Self, Invalid> {
        let paging = spec.pages.take();
        Ok(Self {
            endpoint: Endpoint::new(spec, reach)?,
            deadline,
            paging,
            limit: items.limit,
            on_bad: items.on_bad,
            keyed: Keyed::new(rule, equal),
            shape: None,
            pages: Vec::new(),
            looking: false,
            reused: false,
            bad_items_seen: 0,
            last_bad_item: None,
            absence: None,
        })
    }

    /// The longer of the interval and what the server wants.
    pub(crate) fn pace(&self) -> Pace {
        self.endpoint.pace()
    }

    /// Whether the last look found out what there is: a first 404 is to be confirmed.
    pub(crate) fn complete(&self) -> bool {
        self.keyed.is_certain()
    }

    pub(crate) fn report(&self) -> Report {
        Report {
            held_removals: self.keyed.held().map(HeldRemovals::from),
            bad_items: self.keyed.bad_items() as u64,
            bad_items_seen: self.bad_items_seen,
            last_bad_item: self.last_bad_item.clone(),
            partial_list: self.more().map(ToString::to_string),
            unsettled: None,
            absence: self.absence,
        }
    }

    pub(crate) fn release_removals(&mut self) {
        self.keyed.release();
    }

    /// The items, as removed: the list is followed no more.
    pub(crate) fn retract(&mut self) -> Vec<ExternalEvent<T>> {
        self.missing(Missing::Gone)
    }

    /// Takes out what is known of the items, and what they stood in at which place.
    pub(crate) fn hand_over(&mut self) -> (KnownList<T>, Option<(Url, Shape)>) {
        self.pages.clear();
        let shape = self.shape.take().map(|shape| (self.place(), shape));
        (self.keyed.hand_over(), shape)
    }

    /// Takes over what is known of the items, and nothing of the pages that they were on: those are asked for in full.
    /// The shape is that of the same place.
    pub(crate) fn inherit(
        &mut self,
        known: KnownList<T>,
        shape: Option<(Url, Shape)>,
        equal: Option<fn(&T, &T) -> bool>,
    ) {
        let shape = shape.filter(|(place, _)| *place == self.place());
        self.shape = shape.map(|(_, shape)| shape);
        self.keyed.inherit(known, equal);
    }

    /// Where the list is: its URL without the query, which says how much of it comes, and not in what shape.
    fn place(&self) -> Url {
        let mut place = self.endpoint.url.clone();
        place.set_query(None);
        place
    }

    /// How the server says that there is more behind the last page.
    fn more(&self) -> Option<&More> {
        self.pages.last()?.more.as_ref()
    }

    fn missing(&mut self, missing: Missing) -> Vec<ExternalEvent<T>> {
        let events = self.keyed.absent(missing);
        if self.keyed.is_certain() {
            self.pages.clear();
        }
        events
    }
}
