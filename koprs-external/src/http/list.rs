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
//!
//! What takes longer than a thread of the runtime may be held up is a job that the state of the list is lent to: the
//! reading of a page, and the end of a walk. A page that was read counts for nothing by itself. The end of a walk
//! counts, and leaves what came of it with the state ([`Taken`]), for this poll or the next one.

mod conclude;
mod fault;
mod poll;
mod read;
mod taker;
mod unfinished;
mod walk;

use std::ops::Range;
use std::time::Duration;

use url::Url;

use self::unfinished::Unfinished;
use super::conditional::Validators;
use super::endpoint::{Content, Endpoint};
use super::partial::More;
use super::reach::Reach;
use crate::change::{BadItem, Fingerprint, Held, Keyed, KnownList, Missing, RawItem, Rule, Shape};
use crate::error::{DecodeError, Result};
use crate::memory::Budget;
use crate::offload::Lent;
use crate::spec::{HttpSpec, Invalid, Items, OnBadItem, Pages, Pointer};
use crate::watcher::{Absence, ExternalEvent, HeldRemovals, Pace, Report};

/// How a body becomes items: formats and types are not known here.
pub(crate) trait ReadsList<T>: Send + Sync + 'static {
    /// The work that a page takes; see [`offload::IN_PLACE`](crate::offload::IN_PLACE) for its unit.
    fn cost(&self, content: &Content) -> usize;

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
    state: Lent<State<T>>,
    /// Of what is known, and of what a walk holds.
    budget: Budget,
    /// Of the state, after the last poll.
    facts: Facts,
    /// What items stood in when there were some last; it outlives a list that is empty or missing.
    shape: Option<Shape>,
    /// Of the last whole walk.
    pages: Vec<Page>,
    /// Whether a poll has begun and not come to its end.
    looking: bool,
    /// Whether the last poll returned what the one before it had found: the list is looked at now.
    is_late: bool,
    /// Whether the next poll releases what is held.
    releases: bool,
    /// Whether this walk went on from a page by its 304: where that page leads was not asked for.
    reused: bool,
    /// Items that turned out bad so far, and the last of them.
    bad_items_seen: u64,
    last_bad_item: Option<String>,
    /// What the last poll found, where there is no list.
    absence: Option<Absence>,
}

/// What is known of the items.
struct State<T> {
    keyed: Keyed<T>,
    /// What the last whole walk came to, until its poll knows of it. A poll that is dropped leaves it to the next one.
    taken: Option<Taken<T>>,
}

/// What a whole walk came to.
struct Taken<T> {
    events: Vec<ExternalEvent<T>>,
    found: Found,
}

enum Found {
    List { pages: Vec<Page>, news: Vec<BadItem<DecodeError>>, unnamed: usize },
    Nothing(Missing),
}

/// What the list shows of its items.
#[derive(Clone, Copy)]
struct Facts {
    held: Option<Held>,
    bad_items: usize,
    is_certain: bool,
}

impl Facts {
    fn of<T: Clone>(keyed: &Keyed<T>) -> Self {
        let (held, bad_items) = (keyed.held(), keyed.bad_items());
        Self { held, bad_items, is_certain: keyed.is_certain() }
    }
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

    /// The bytes of its URLs and validators.
    fn size(&self) -> u64 {
        let urls = self.url.iter().chain(&self.next).map(|url| url.as_str().len() as u64);
        urls.sum::<u64>().saturating_add(self.validators.as_ref().map_or(0, Validators::size))
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
enum Walked<T: Send + 'static> {
    Whole(Unfinished<T>, Vec<Page>),
    /// There is no list.
    Missing(Missing),
}

impl<T: Clone + Send + 'static> HttpList<T> {
    pub(crate) fn new(
        mut spec: HttpSpec,
        items: &Items,
        rule: Rule,
        equal: Option<fn(&T, &T) -> bool>,
        deadline: Duration,
        reach: &Reach,
        budget: Budget,
    ) -> Result<Self, Invalid> {
        let paging = spec.pages.take();
        let keyed = Keyed::new(rule, equal).with_budget(budget.clone());
        let mut endpoint = Endpoint::new(spec, reach)?;
        endpoint.limits.budget = Some(budget.clone());
        Ok(Self {
            endpoint,
            deadline,
            paging,
            limit: items.limit,
            on_bad: items.on_bad,
            budget,
            facts: Facts::of(&keyed),
            state: Lent::new(State { keyed, taken: None }, reach.trust()),
            shape: None,
            pages: Vec::new(),
            looking: false,
            is_late: false,
            releases: false,
            reused: false,
            bad_items_seen: 0,
            last_bad_item: None,
            absence: None,
        })
    }

    /// The longer of the interval and what the server wants.
    pub(crate) fn pace(&self) -> Pace {
        match self.endpoint.pace() {
            Pace::Interval if self.is_late => Pace::Now,
            pace => pace,
        }
    }

    /// Whether the last look found out what there is: a first 404 is to be confirmed.
    pub(crate) fn complete(&self) -> bool {
        self.facts.is_certain
    }

    pub(crate) fn report(&self) -> Report {
        Report {
            held_removals: self.facts.held.map(HeldRemovals::from),
            bad_items: self.facts.bad_items as u64,
            bad_items_seen: self.bad_items_seen,
            last_bad_item: self.last_bad_item.clone(),
            partial_list: self.more().map(|more| self.endpoint.redacted(&more.to_string())),
            unsettled: None,
            absence: self.absence,
        }
    }

    pub(crate) fn release_removals(&mut self) {
        self.releases = true;
    }

    /// Waits for a job that a dropped poll has left behind.
    pub(crate) async fn idle(&mut self) {
        self.state.idle().await;
    }

    /// What a dropped poll has found.
    pub(crate) fn undelivered(&mut self, name: &str) -> Vec<ExternalEvent<T>> {
        self.taken(name).unwrap_or_default()
    }

    /// The items, as removed: the list is followed no more. What a dropped poll has found comes first.
    pub(crate) fn retract(&mut self, name: &str) -> Vec<ExternalEvent<T>> {
        let events = self.undelivered(name);
        if !events.is_empty() {
            return events;
        }
        let events = self.state.get().keyed.absent(Missing::Gone);
        self.pages.clear();
        self.budget.keep_pages(0);
        self.note();
        events
    }

    /// Takes out what is known of the items, and what they stood in at which place.
    pub(crate) fn hand_over(&mut self) -> (KnownList<T>, Option<(Url, Shape)>) {
        self.pages.clear();
        self.budget.keep_pages(0);
        let shape = self.shape.take().map(|shape| (self.place(), shape));
        let known = self.state.get().keyed.hand_over();
        self.note();
        (known, shape)
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
        self.state.get().keyed.inherit(known, equal);
        self.note();
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

    fn note(&mut self) {
        self.facts = Facts::of(&self.state.get().keyed);
    }
}
