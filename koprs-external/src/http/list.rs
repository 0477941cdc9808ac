//! A list behind an endpoint: walk its pages, compare item by item, and only then remember.
//!
//! What is known advances when a walk has come to its end. A page that is what it was (304, or the same
//! bytes) keeps its items and its next page. Where the list may have moved under the walk, it is walked
//! again: once when a key is there twice, and once to confirm that items are gone which a walk over pages
//! lacks, since an item that is deleted may move all behind it forward, to a page that was already read.

mod taker;

use std::collections::HashSet;
use std::ops::Range;

use http::HeaderMap;
use url::Url;

use self::taker::{Stopped, Taker};
use super::conditional::Validators;
use super::endpoint::{Ask, Content, Endpoint, Observed};
use super::pages::{self, Seen};
use super::reach::Reach;
use crate::change::{BadItem, Fingerprint, Keyed, Missing, RawItem, Round, Rule, Twice};
use crate::error::{DecodeError, ExternalError, HttpError, HttpErrorKind, Result};
use crate::spec::{CursorFrom, HttpSpec, Invalid, Items, NextPage, OnBadItem, Pages, Pointer};
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
        reach: &Reach,
    ) -> Result<Self, Invalid> {
        let paging = spec.pages.take();
        Ok(Self {
            endpoint: Endpoint::new(spec, reach)?,
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

    /// Goes from page to page.
    async fn walk(
        &mut self,
        name: &str,
        reads: &(impl ReadsList<T> + Sync),
    ) -> Result<Walked<T>, Fault>
    where
        T: Send,
    {
        let most = self.paging.as_ref().map_or(1, |paging| paging.limit);
        let mut round = self.keyed.begin();
        let mut pages: Vec<Page> = Vec::new();
        let mut asked = HashSet::new();
        let mut next = Some(pages::first(&self.endpoint.url, self.paging.as_ref()));
        while let Some(url) = next {
            let page = url.as_ref().unwrap_or(&self.endpoint.url);
            if !asked.insert(page.clone()) {
                let looped = pages::looped(&self.endpoint.shown(page));
                return Err(self.endpoint.error(name, looped).into());
            }
            if pages.len() >= most {
                return Err(self.endpoint.error(name, pages::too_many(most)).into());
            }
            let mut observed = self.ask(name, pages.len(), url.as_ref()).await;
            if let Ok(Observed::Unchanged(headers)) = &observed
                && self.leads_elsewhere(pages.len(), headers)
            {
                self.pages.iter_mut().skip(pages.len()).take(1).for_each(Page::forget);
                observed = self.ask(name, pages.len(), url.as_ref()).await;
            }
            let page = match observed {
                Err(error) => Err(error.into()),
                Ok(Observed::Unchanged(headers)) => self.kept(&mut round, pages.len(), &headers),
                Ok(Observed::Content(content)) => {
                    self.read(name, reads, &mut round, &pages, url, *content)
                }
                Ok(Observed::Missing(missing)) if pages.is_empty() => {
                    return Ok(Walked::Missing(missing));
                }
                Ok(Observed::Missing(missing)) => {
                    let gone = pages::gone(self.paging.as_ref(), missing.status());
                    Err(self.endpoint.error(name, gone).into())
                }
            };
            let page = page.map_err(|fault| fault.on_page(pages.len()))?;
            next = page.next.clone().map(Some);
            pages.push(page);
        }
        Ok(Walked::Whole(round, pages))
    }

    /// Asks for the n-th page.
    async fn ask(&mut self, name: &str, n: usize, url: Option<&Url>) -> Result<Observed> {
        let Self { endpoint, pages, .. } = &mut *self;
        let known = pages.get(n).filter(|page| page.url.as_ref() == url);
        let known = known.and_then(|page| page.validators.as_ref());
        let trusted = url.is_none_or(|url| url.origin() == endpoint.url.origin());
        let observed = endpoint.ask(name, Ask { url, known, trusted, first: n == 0 }).await;
        if let Err(ExternalError::Http(error)) = &observed
            && error.kind() == HttpErrorKind::UnexpectedNotModified
        {
            self.forget();
        }
        observed
    }

    /// The next walk asks for every page in full.
    fn forget(&mut self) {
        self.pages.iter_mut().for_each(Page::forget);
    }

    /// Whether a 304 leads to another page than the answer that it stands for. The link there is no part
    /// of the content, and of many an `ETag` neither.
    fn leads_elsewhere(&self, n: usize, headers: &HeaderMap) -> bool {
        let (Some(paging), Some(page)) = (&self.paging, self.pages.get(n)) else { return false };
        if !pages::is_told(paging, headers) {
            return false;
        }
        let from = page.validators.as_ref().and_then(Validators::from);
        let from = from.or(page.url.as_ref()).unwrap_or(&self.endpoint.url);
        let seen = Seen { from, headers, cursor: None, items: 0, so_far: 0, before: n };
        pages::next(&self.endpoint.url, paging, &seen).ok() != Some(page.next.clone())
    }

    /// A page that is what it was.
    fn kept(
        &mut self,
        round: &mut Round<T, DecodeError>,
        n: usize,
        headers: &HeaderMap,
    ) -> Result<Page, Fault> {
        let mut page = self.pages.get(n).cloned().unwrap_or_default();
        if let Some(validators) = &mut page.validators {
            validators.renew(headers);
        }
        let begin = round.position();
        let kept = self.keyed.kept(round, page.items);
        kept.map_err(|twice| Fault::Torn(twice, n + 1))?;
        Ok(Page { items: begin..round.position(), ..page })
    }

    /// Whether a page that is the same may yet lead to another one: a 304 need not say so (RFC 9110
    /// §15.4.5). So the last page is asked for in full: a short one may have another behind it, too, where
    /// items are left out that a credential may not see.
    fn next_is_in_head(&self) -> bool {
        let next = self.paging.as_ref().map(|paging| &paging.next);
        matches!(next, Some(NextPage::Link | NextPage::Cursor { from: CursorFrom::Header(_), .. }))
    }

    /// A page as it is now.
    fn read(
        &mut self,
        name: &str,
        reads: &impl ReadsList<T>,
        round: &mut Round<T, DecodeError>,
        before: &[Page],
        url: Option<Url>,
        content: Content,
    ) -> Result<Page, Fault> {
        let n = before.len();
        let Self { endpoint, keyed, .. } = self;
        let failed = |error| Fault::from(endpoint.error(name, error));
        let undecoded = |error| Fault::from(endpoint.undecoded(name, error));
        let torn = |twice| Fault::Torn(twice, n + 1);
        let body = Fingerprint::of(&content.body);
        let (begin, so_far) = (round.position(), round.len());
        let known = self.pages.get(n);
        let same = known.filter(|page| page.body == Some(body));
        if let Some(page) = same {
            keyed.kept(round, page.items.clone()).map_err(torn)?;
        } else {
            keyed.changed(round, known.map(|page| page.items.clone())).map_err(torn)?;
            let mut taker = Taker { keyed, round, limit: self.limit, stopped: None };
            let read = reads.items(&content, &mut taker);
            match taker.stopped {
                None => read.map_err(undecoded)?,
                Some(Stopped::TooMany(limit)) => return Err(failed(pages::too_many_items(limit))),
                Some(Stopped::Torn(twice)) => return Err(torn(twice)),
            }
        }
        if self.on_bad == OnBadItem::Fail
            && let Some(bad) = round.news().0.into_iter().next()
        {
            return Err(undecoded(of_item(bad)));
        }
        let items = begin..round.position();
        let whole = round.len() - so_far == items.len();
        let last = before.last().and_then(|page| page.body);
        if !items.is_empty() && last == Some(body) {
            let page = url.as_ref().unwrap_or(&endpoint.url);
            return Err(Fault::Again(pages::again(&endpoint.shown(page))));
        }
        let next = match &self.paging {
            None => None,
            Some(paging) => {
                let cursor = pages::cursor_at(paging).map(|at| reads.scalar(&content, at));
                let seen = Seen {
                    from: content.from.as_deref().or(url.as_ref()).unwrap_or(&endpoint.url),
                    headers: &content.headers,
                    cursor: cursor.transpose().map_err(undecoded)?.flatten(),
                    items: round.len() - so_far,
                    so_far: round.len(),
                    before: n,
                };
                pages::next(&endpoint.url, paging, &seen).map_err(failed)?
            }
        };
        let may_go_on = next.is_none() && self.next_is_in_head();
        let validators = (whole && !may_go_on).then_some(content.validators);
        let body = whole.then_some(body);
        Ok(Page { url, validators, body, items, next })
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
