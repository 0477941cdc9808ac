//! A list behind an endpoint: walk its pages, compare item by item, and only then remember.
//!
//! What is known advances when a walk has come to its end. A page that is what it was (304, or the same
//! bytes) keeps its items and its next page. Where the list may have moved under the walk, it is walked
//! again: once when a key is there twice, and once to confirm that items are gone which a walk over pages
//! lacks, since an item that is deleted may move all behind it forward, to a page that was already read.

mod taker;
mod walk;

use std::collections::HashSet;
use std::ops::Range;
use std::time::Duration;

use url::Url;

use super::conditional::Validators;
use super::endpoint::{Content, Endpoint};
use super::pages;
use super::reach::Reach;
use crate::change::{BadItem, Fingerprint, Keyed, Missing, RawItem, Round, Rule, Twice};
use crate::error::{DecodeError, ExternalError, HttpError, Result};
use crate::spec::{HttpSpec, Invalid, Items, OnBadItem, Pages, Pointer};
use crate::watcher::{ExternalEvent, HeldRemovals, Pace, Report};

/// How a body becomes items: formats and types are not known here.
pub(crate) trait ReadsList<T> {
    /// Hands over the items of a page.
    fn items(&self, content: &Content, to: &mut dyn TakesItems<T>) -> Result<(), DecodeError>;

    /// The text or number at a place of a page.
    fn scalar(&self, content: &Content, at: &Pointer) -> Result<Option<String>, DecodeError>;
}

/// Takes the items of a page.
pub(crate) trait TakesItems<T> {
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
    /// Of the last whole walk.
    pages: Vec<Page>,
    /// Whether a look has begun and not come to its end.
    looking: bool,
    /// Items that turned out bad so far, and the last of them.
    bad_items_seen: u64,
    last_bad_item: Option<String>,
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
    next: Option<Url>,
}

impl Page {
    /// It is asked for in full.
    fn forget(&mut self) {
        self.validators = None;
    }
}

/// What a walk came to.
enum Walked<T> {
    Whole(Round<T, DecodeError>, Vec<Page>),
    /// There is no list.
    Missing(Missing),
}

/// Why a walk came to nothing.
enum Fault {
    Failed(ExternalError),
    /// A key is there twice, in a walk over so many pages.
    Torn(Twice, usize),
    /// A page is the same as the one before it.
    Again(HttpError),
}

impl Fault {
    /// Whether it may be over without anything else having changed.
    fn may_pass(&self) -> bool {
        matches!(self, Self::Failed(error) if error.is_retryable())
    }

    /// Says on which page it is, from the second on: they share their URL but for the query.
    fn on_page(self, before: usize) -> Self {
        let page = format!("page {}", before + 1);
        match self {
            Self::Failed(ExternalError::Http(mut error)) if before > 0 => {
                error.message = format!("{page}: {}", error.message);
                Self::Failed(ExternalError::Http(error))
            }
            Self::Failed(ExternalError::Decode(mut error)) if before > 0 => {
                let of = if error.path.is_empty() { "" } else { ": " };
                error.path = format!("{page}{of}{}", error.path);
                Self::Failed(ExternalError::Decode(error))
            }
            other => other,
        }
    }
}

impl From<ExternalError> for Fault {
    fn from(error: ExternalError) -> Self {
        Self::Failed(error)
    }
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
            pages: Vec::new(),
            looking: false,
            bad_items_seen: 0,
            last_bad_item: None,
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
        }
    }

    pub(crate) fn release_removals(&mut self) {
        self.keyed.release();
    }

    /// The items, as removed: the list is followed no more.
    pub(crate) fn retract(&mut self) -> Vec<ExternalEvent<T>> {
        self.missing(Missing::Gone)
    }

    /// Looks once, in the name of a watcher. An error leaves everything as it was.
    pub(crate) async fn poll(
        &mut self,
        name: &str,
        reads: &(impl ReadsList<T> + Sync),
    ) -> Result<Vec<ExternalEvent<T>>>
    where
        T: Send,
    {
        if std::mem::replace(&mut self.looking, true) {
            self.keyed.failed();
        }
        self.endpoint.begin_walk(self.deadline);
        let looked = self.look(name, reads).await;
        self.looking = false;
        if looked.is_err() {
            self.keyed.failed();
        }
        looked
    }

    /// Walks, and again where the list may have moved.
    async fn look(
        &mut self,
        name: &str,
        reads: &(impl ReadsList<T> + Sync),
    ) -> Result<Vec<ExternalEvent<T>>>
    where
        T: Send,
    {
        let mut again = false;
        let mut lacked = None;
        loop {
            let walked = self.walk(name, reads).await;
            let fault = match walked.and_then(|it| self.conclude(name, it, &mut lacked)) {
                Ok(Some(events)) => return Ok(events),
                Ok(None) => continue,
                Err(fault) => fault,
            };
            if self.pages.len() > 1 && !fault.may_pass() {
                // A page that was kept may have led there: each is to say anew what it has.
                self.forget();
            }
            match fault {
                Fault::Torn(_, 2..) | Fault::Again(_) if !again => again = true,
                Fault::Again(error) => return Err(self.endpoint.error(name, error)),
                Fault::Torn(Twice(key), _) => {
                    return Err(self.endpoint.error(name, pages::twice(&key, again)));
                }
                Fault::Failed(error) => return Err(error),
            }
        }
    }

    /// What a walk says, or `None` when another one has to confirm what it `lacked`.
    fn conclude(
        &mut self,
        name: &str,
        walked: Walked<T>,
        lacked: &mut Option<HashSet<u32>>,
    ) -> Result<Option<Vec<ExternalEvent<T>>>, Fault> {
        let (mut round, pages) = match walked {
            Walked::Whole(round, pages) => (round, pages),
            Walked::Missing(missing) => return Ok(Some(self.missing(missing))),
        };
        if let Some(bad) = self.keyed.strange(&mut round) {
            return Err(self.endpoint.undecoded(name, of_item(bad)).into());
        }
        let torn = |twice| Fault::Torn(twice, pages.len());
        if lacked.is_none() && pages.len().max(self.pages.len()) > 1 {
            let lacking = self.keyed.lacking(&mut round).map_err(torn)?;
            if !lacking.is_empty() {
                *lacked = Some(lacking.into_iter().collect());
                return Ok(None);
            }
        }
        let (news, more) = round.news();
        let missed = |id| lacked.as_ref().is_none_or(|lacked| lacked.contains(&id));
        let events = self.keyed.end(round, missed).map_err(torn)?;
        self.pages = pages;
        self.tell(name, news, more);
        Ok(Some(events))
    }

    /// Says which items are bad: some of them one by one.
    fn tell(&mut self, name: &str, news: Vec<BadItem<DecodeError>>, more: usize) {
        self.bad_items_seen = self.bad_items_seen.saturating_add((news.len() + more) as u64);
        for bad in news {
            let error = self.endpoint.undecoded(name, of_item(bad));
            tracing::warn!(source = name, %error, "a bad item keeps its last good value");
            self.last_bad_item = Some(error.to_string());
        }
        if more > 0 {
            tracing::warn!(source = name, more, "more bad items keep their last good values");
        }
    }

    fn missing(&mut self, missing: Missing) -> Vec<ExternalEvent<T>> {
        let events = self.keyed.absent(missing);
        if self.keyed.is_certain() {
            self.pages.clear();
        }
        events
    }
}

/// The error of a bad item, which says which one it is.
fn of_item(bad: BadItem<DecodeError>) -> DecodeError {
    let BadItem { key, place, why } = bad;
    let which = match key {
        Some(key) => format!("item `{}`", pages::shown(&key)),
        None => format!("item {place}"),
    };
    let path = if why.path.is_empty() { which } else { format!("{which}: {}", why.path) };
    DecodeError { path, ..why }
}
