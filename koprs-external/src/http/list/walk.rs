//! From page to page: what is asked, and what each page says.

use std::collections::HashSet;
use std::time::SystemTime;

use http::HeaderMap;
use url::Url;

use super::super::conditional::Validators;
use super::super::endpoint::{Ask, Content, Observed};
use super::super::pages::{self, PageContext};
use super::super::partial;
use super::fault::{Fault, of_item};
use super::taker::Taker;
use super::{HttpList, Page, ReadsList, Walked, shape_of};
use crate::change::{Fingerprint, Round};
use crate::error::{DecodeError, ExternalError, HttpErrorKind, Result};
use crate::spec::{CursorFrom, NextPage, OnBadItem};

impl<T: Clone> HttpList<T> {
    /// Goes from page to page.
    pub(super) async fn walk(
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
        self.reused = false;
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
        Ok(Walked::Whole(Box::new(round), pages))
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
    pub(super) fn forget(&mut self) {
        self.pages.iter_mut().for_each(Page::forget);
    }

    /// Whether a 304 leads to another page than the answer that it stands for. The link there is no part
    /// of the content, and of many an `ETag` neither.
    fn leads_elsewhere(&self, n: usize, headers: &HeaderMap) -> bool {
        let (Some(paging), Some(page)) = (&self.paging, self.pages.get(n)) else { return false };
        if !pages::is_told(paging, headers) {
            return false;
        }
        let from = self.url_of(page);
        let context = PageContext { from, headers, cursor: None, items: 0, so_far: 0, before: n };
        pages::next(&self.endpoint.url, paging, &context).ok() != Some(page.next.clone())
    }

    /// The URL that a page came from.
    fn url_of<'a>(&'a self, page: &'a Page) -> &'a Url {
        let from = page.validators.as_ref().and_then(Validators::from);
        from.or(page.url.as_ref()).unwrap_or(&self.endpoint.url)
    }

    /// A page that is what it was.
    fn kept(
        &mut self,
        round: &mut Round<T, DecodeError>,
        n: usize,
        headers: &HeaderMap,
    ) -> Result<Page, Fault> {
        let mut page = self.pages.get(n).cloned().unwrap_or_default();
        self.reused = true;
        if let Some(validators) = &mut page.validators {
            validators.renew(headers, SystemTime::now());
        }
        let begin = round.position();
        self.keyed.kept(round, page.items.clone());
        page.items = begin..round.position();
        if page.next.is_none() && partial::is_mentioned(headers) {
            let context = PageContext {
                from: self.url_of(&page),
                headers,
                cursor: None,
                items: page.items.len(),
                so_far: round.len(),
                before: n,
            };
            page.more = partial::more(&context, self.paging.is_some());
        }
        Ok(page)
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
        let body = Fingerprint::of(&content.body);
        let (begin, so_far) = (round.position(), round.len());
        let known = self.pages.get(n);
        let same = known.filter(|page| page.body == Some(body));
        let shape = if let Some(page) = same {
            keyed.kept(round, page.items.clone());
            page.shape
        } else {
            keyed.changed(round, known.map(|page| page.items.clone()));
            let before = [shape_of(before), self.shape];
            let mut taker =
                Taker { keyed, round, limit: self.limit, before, shape: None, too_many: false };
            let read = reads.items(&content, &mut taker);
            if taker.too_many {
                return Err(failed(pages::too_many_items(self.limit)));
            }
            read.map_err(undecoded)?;
            taker.shape
        };
        let is_blank = is_blank(&content.body);
        if is_blank {
            round.has_blank_body();
        }
        if self.on_bad == OnBadItem::Fail
            && let Some(bad) = round.news().0.into_iter().next()
        {
            return Err(undecoded(of_item(bad)));
        }
        let items = begin..round.position();
        let shape = shape.filter(|_| round.len() > so_far);
        let whole = round.len() - so_far == items.len() && !is_blank;
        let last = before.last().and_then(|page| page.body);
        if !items.is_empty() && last == Some(body) {
            let page = url.as_ref().unwrap_or(&endpoint.url);
            return Err(Fault::Again(pages::again(&endpoint.shown(page))));
        }
        let cursor = self.paging.as_ref().and_then(pages::cursor_at);
        let cursor = cursor.map(|at| reads.scalar(&content, at)).transpose().map_err(undecoded)?;
        let context = PageContext {
            from: content.from.as_deref().or(url.as_ref()).unwrap_or(&endpoint.url),
            headers: &content.headers,
            cursor: cursor.flatten(),
            items: round.len() - so_far,
            so_far: round.len(),
            before: n,
        };
        let next = match &self.paging {
            None => None,
            Some(paging) => pages::next(&endpoint.url, paging, &context).map_err(failed)?,
        };
        let more = match next {
            None => partial::more(&context, self.paging.is_some()),
            Some(_) => None,
        };
        let may_go_on = next.is_none() && self.next_is_in_head();
        let validators = (whole && !may_go_on).then_some(content.validators);
        let body = whole.then_some(body);
        Ok(Page { url, validators, body, items, shape, next, more })
    }
}

/// Whether a body has no content. In most formats that is no list at all.
fn is_blank(body: &[u8]) -> bool {
    body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii().is_empty()
}
