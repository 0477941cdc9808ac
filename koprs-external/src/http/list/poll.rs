//! One poll: a walk, or some of them, and what they come to.

use std::collections::HashSet;

use super::super::pages;
use super::fault::{Fault, of_item};
use super::{HttpList, Page, ReadsList, Walked, shape_of};
use crate::change::BadItem;
use crate::error::{DecodeError, Result};
use crate::spec::OnBadItem;
use crate::watcher::{Absence, ExternalEvent};

impl<T: Clone> HttpList<T> {
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
            self.failed();
        }
        self.endpoint.begin_walk(self.deadline);
        self.absence = None;
        let looked = self.look(name, reads).await;
        self.looking = false;
        if looked.is_err() {
            self.failed();
        }
        looked
    }

    /// A poll failed, or was dropped: it counts for nothing, and no page that led there is reused.
    fn failed(&mut self) {
        self.keyed.failed();
        if self.reused {
            self.forget();
        }
    }

    /// Walks, and once again, with every page in full, where the list may have moved or a page that was
    /// reused may have led astray: its cursor may have expired.
    async fn look(
        &mut self,
        name: &str,
        reads: &(impl ReadsList<T> + Sync),
    ) -> Result<Vec<ExternalEvent<T>>>
    where
        T: Send,
    {
        let (mut again, mut moved) = (false, false);
        let mut lacked = None;
        loop {
            let walked = self.walk(name, reads).await;
            let concluded = walked.and_then(|it| self.conclude(name, it, &mut moved, &mut lacked));
            let fault = match concluded {
                Ok(Some(events)) => return Ok(events),
                Ok(None) => continue,
                Err(fault) => fault,
            };
            let is_first = !std::mem::replace(&mut again, true);
            if is_first && fault.may_be_avoided(self.reused) {
                self.forget();
                continue;
            }
            match fault {
                Fault::Again(error) => return Err(self.endpoint.error(name, error)),
                Fault::Failed(error) => return Err(error),
            }
        }
    }

    /// What a walk says, or `None` when another one has to show whether the list has `moved`, or to confirm
    /// what it `lacked`.
    fn conclude(
        &mut self,
        name: &str,
        walked: Walked<T>,
        moved: &mut bool,
        lacked: &mut Option<HashSet<u32>>,
    ) -> Result<Option<Vec<ExternalEvent<T>>>, Fault> {
        let (mut round, mut pages) = match walked {
            Walked::Whole(round, pages) => (round, pages),
            Walked::Missing(missing) => {
                let events = self.missing(missing);
                self.absence = Some(Absence::new(missing.status(), self.keyed.is_certain()));
                return Ok(Some(events));
            }
        };
        self.keyed.settle(&mut round);
        if round.repeats_anew() && pages.len() > 1 && !std::mem::replace(moved, true) {
            self.forget();
            return Ok(None);
        }
        let bad = match self.on_bad {
            OnBadItem::Fail => round.news().0.into_iter().next(),
            OnBadItem::Keep => self.keyed.strange(&mut round),
        };
        if let Some(bad) = bad {
            return Err(self.endpoint.undecoded(name, of_item(bad)).into());
        }
        if lacked.is_none() && pages.len().max(self.pages.len()) > 1 {
            let lacking = self.keyed.lacking(&mut round);
            if !lacking.is_empty() {
                *lacked = Some(lacking.into_iter().collect());
                let is_shorter = pages.len() < self.pages.len();
                if self.reused && (is_shorter || pages.last().is_some_and(Page::is_empty)) {
                    // A cursor that has expired may also lead to an empty page.
                    self.forget();
                }
                return Ok(None);
            }
        }
        let more = pages.last().and_then(|page| page.more.as_ref());
        if more.is_some() {
            let known = self.keyed.known_after_part(&mut round);
            if known > self.limit {
                return Err(self.endpoint.error(name, pages::too_many_held(self.limit)).into());
            }
        }
        let (news, unnamed) = round.news();
        let missed = |id| lacked.as_ref().is_none_or(|lacked| lacked.contains(&id));
        if round.has_conflicts() && pages.len() > 1 {
            // Which of the rows a page has is not known of a page that is kept.
            pages.iter_mut().for_each(Page::forget_items);
        }
        let events = self.keyed.end(*round, missed);
        self.shape = shape_of(&pages).or(self.shape);
        let before = std::mem::replace(&mut self.pages, pages);
        self.report_part(name, before.last());
        self.tell(name, news, unnamed);
        Ok(Some(events))
    }

    /// Warns, once, that the list is only a part of itself.
    fn report_part(&mut self, name: &str, before: Option<&Page>) {
        let Some(more) = self.more() else { return };
        if before.is_none_or(|page| page.more.is_none()) {
            let remedy = match self.paging {
                None => "declare `pages` to follow all of them",
                Some(_) => "`pages` as declared does not reach all of them",
            };
            tracing::warn!(
                source = %name,
                "the server says that there are more items than it sent ({more}): removals are held; {remedy}"
            );
        }
        if self.keyed.held().is_some() {
            // A 304 need not say that there are no more.
            self.forget();
        }
    }

    /// Says which items are bad: some of them one by one.
    fn tell(&mut self, name: &str, news: Vec<BadItem<DecodeError>>, more: usize) {
        self.bad_items_seen = self.bad_items_seen.saturating_add((news.len() + more) as u64);
        for bad in news {
            let error = self.endpoint.undecoded(name, of_item(bad));
            tracing::warn!(source = %name, %error, "a bad item keeps its last good value");
            self.last_bad_item = Some(error.to_string());
        }
        if more > 0 {
            tracing::warn!(source = %name, more, "more bad items keep their last good values");
        }
    }
}
