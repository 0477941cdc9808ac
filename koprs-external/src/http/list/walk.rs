//! From page to page: what is asked, and what each page says.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderMap;
use url::Url;

use super::super::conditional::Validators;
use super::super::endpoint::{Ask, Content, Observed};
use super::super::pages::{self, PageContext};
use super::super::partial;
use super::fault::Fault;
use super::read::{Holds, Reader, Unread};
use super::unfinished::Unfinished;
use super::{HttpList, Page, ReadsList, State, Walked, shape_of};
use crate::change::Round;
use crate::error::{DecodeError, ExternalError, HttpErrorKind, Result};
use crate::offload::Stop;
use crate::spec::{CursorFrom, NextPage};

impl<T: Clone + Send + 'static> HttpList<T> {
    /// Goes from page to page.
    pub(super) async fn walk(
        &mut self,
        name: &str,
        reads: &Arc<impl ReadsList<T>>,
    ) -> Result<Walked<T>, Fault> {
        let most = self.paging.as_ref().map_or(1, |paging| paging.limit);
        self.discard_new();
        let round = self.state.get().keyed.begin();
        let mut round = Unfinished::new(round, self.budget.clone());
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
                    let read = self.read(name, reads, round, &pages, url, content).await;
                    let read = read.map_err(|fault| fault.on_page(pages.len()));
                    let (back, page) = read?;
                    round = back;
                    Ok(page)
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
            self.budget.give_bodies();
            // Its URL is kept once more until the end.
            let asked = page.url.as_ref().map_or(0, |url| url.as_str().len() as u64);
            let taken = self.budget.take_page(page.size().saturating_add(asked));
            taken.map_err(|full| self.endpoint.error(name, full.into()))?;
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
        self.state.get().keyed.kept(round, page.items.clone());
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
    async fn read(
        &mut self,
        name: &str,
        reads: &Arc<impl ReadsList<T>>,
        mut round: Unfinished<T>,
        before: &[Page],
        url: Option<Url>,
        content: Box<Content>,
    ) -> Result<(Unfinished<T>, Page), Fault> {
        let n = before.len();
        let cursor = self.paging.as_ref().and_then(pages::cursor_at);
        let shapes = [shape_of(before), self.shape];
        let known = self.pages.get(n);
        let reader = Reader::new(known, shapes, before.last(), self.limit, self.on_bad, cursor);
        let (reads, cost) = (Arc::clone(reads), reads.cost(&content));
        let read = move |state: &mut State<T>, stop: &Stop| {
            let read = reader.read(&content, &*reads, &mut state.keyed, &mut round, stop);
            (round, content, read)
        };
        let (round, content, read) = self.state.run(cost, read).await;
        let endpoint = &self.endpoint;
        let page = url.as_ref().unwrap_or(&endpoint.url);
        let Holds { body, items, seen: [so_far, len], shape, is_blank, cursor } =
            read.map_err(|unread| match unread {
                Unread::TooMany => endpoint.error(name, pages::too_many_items(self.limit)).into(),
                Unread::Full(full) => endpoint.error(name, full.into()).into(),
                Unread::Again => Fault::Again(pages::again(&endpoint.shown(page))),
                Unread::Bad(error) => endpoint.undecoded(name, error).into(),
            })?;
        let shape = shape.filter(|_| len > so_far);
        let whole = len - so_far == items.len() && !is_blank;
        let context = PageContext {
            from: content.from.as_deref().unwrap_or(page),
            headers: &content.headers,
            cursor,
            items: len - so_far,
            so_far: len,
            before: n,
        };
        let next = match &self.paging {
            None => None,
            Some(paging) => pages::next(&endpoint.url, paging, &context)
                .map_err(|error| endpoint.error(name, error))?,
        };
        let more = match next {
            None => partial::more(&context, self.paging.is_some()),
            Some(_) => None,
        };
        let may_go_on = next.is_none() && self.next_is_in_head();
        let validators = (whole && !may_go_on).then_some(content.validators);
        let body = whole.then_some(body);
        Ok((round, Page { url, validators, body, items, shape, next, more }))
    }
}
