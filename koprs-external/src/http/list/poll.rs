//! One poll: a walk, or some of them, and what they come to.

use std::sync::Arc;

use super::super::pages;
use super::conclude::{Before, Conclusion, Rules};
use super::fault::{Fault, of_item};
use super::{Found, HttpList, Page, ReadsList, State, Taken, Walked, shape_of};
use crate::change::{BadItem, NewItems};
use crate::error::{DecodeError, Result};
use crate::memory::Budget;
use crate::offload;
use crate::printable::printable;
use crate::watcher::{Absence, ExternalEvent};

/// A poll under way. Where it is dropped, what it held is dropped with it.
struct Looking<'a, T: Clone + Send + 'static>(&'a mut HttpList<T>);

impl<T: Clone + Send + 'static> Drop for Looking<'_, T> {
    fn drop(&mut self) {
        // A job that has the state ends by itself, and the next poll finds what it leaves.
        if let Some(mut state) = self.0.state.try_get()
            && state.taken.is_none()
        {
            let new = state.keyed.take_new();
            state.keyed.give_up();
            drop(state);
            discard(new, &self.0.budget);
        }
        self.0.budget.give_bodies();
    }
}

/// Drops new items on another thread: the budget does not say how large they are while others are dropped.
fn discard<T: Clone + Send + 'static>(new: NewItems<T>, budget: &Budget) {
    let cost = if new.is_empty() { 0 } else { usize::MAX };
    offload::discard(cost, (new, budget.discard_items()));
}

impl<T: Clone + Send + 'static> HttpList<T> {
    /// Looks once, in the name of a watcher. An error leaves everything as it was.
    pub(crate) async fn poll(
        &mut self,
        name: &str,
        reads: &Arc<impl ReadsList<T>>,
    ) -> Result<Vec<ExternalEvent<T>>> {
        self.is_late = false;
        self.state.idle().await;
        if std::mem::replace(&mut self.looking, true) {
            if let Some(events) = self.taken(name) {
                (self.looking, self.is_late) = (false, true);
                return Ok(events);
            }
            self.failed();
        }
        if std::mem::take(&mut self.releases) {
            self.state.get().keyed.release();
        }
        self.endpoint.begin_walk(self.deadline);
        self.absence = None;
        let looking = Looking(self);
        let looked = looking.0.look(name, reads).await;
        drop(looking);
        self.looking = false;
        if looked.is_err() {
            self.failed();
        }
        self.note();
        looked
    }

    /// Every event of the last poll was delivered.
    pub(crate) fn delivered(&self) {
        self.budget.delivered();
    }

    /// A poll failed, or was dropped: it counts for nothing, and no page that led there is reused.
    fn failed(&mut self) {
        self.discard_new();
        self.state.get().keyed.failed();
        if self.reused {
            self.forget();
        }
    }

    /// Drops the new items of a walk that did not end.
    pub(super) fn discard_new(&self) {
        let new = self.state.get().keyed.take_new();
        discard(new, &self.budget);
    }

    /// Walks, and once again, with every page in full, where the list may have moved or a page that was
    /// reused may have led astray: its cursor may have expired.
    async fn look(
        &mut self,
        name: &str,
        reads: &Arc<impl ReadsList<T>>,
    ) -> Result<Vec<ExternalEvent<T>>> {
        let (mut again, mut before) = (false, Before::default());
        loop {
            let concluded = match self.walk(name, reads).await {
                Ok(walked) => self.conclude(name, walked, &mut before).await,
                Err(fault) => Err(fault),
            };
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

    /// What a walk says, or `None` when another one has to show whether the list has moved, or to confirm
    /// what it lacked.
    async fn conclude(
        &mut self,
        name: &str,
        walked: Walked<T>,
        before: &mut Before,
    ) -> Result<Option<Vec<ExternalEvent<T>>>, Fault> {
        // A value that is new is cloned for its event, and the one that it takes the place of is dropped.
        let cost = walked.cost(&self.state.get().keyed).max(self.budget.item_bytes());
        let (rules, walks) = (Rules { on_bad: self.on_bad, limit: self.limit }, before.clone());
        let pages = self.pages.len();
        let conclude =
            move |state: &mut State<T>, _: &_| walked.conclude(state, rules, &walks, pages);
        match self.state.run(cost, conclude).await {
            Conclusion::Taken => return Ok(self.taken(name)),
            Conclusion::Moved => {
                before.moved = true;
                self.forget();
            }
            Conclusion::Lacks { items, ends_early } => {
                before.lacked = Some(Arc::new(items));
                if self.reused && ends_early {
                    // A cursor that has expired may also lead to an empty page.
                    self.forget();
                }
            }
            Conclusion::Bad(bad) => {
                return Err(self.endpoint.undecoded(name, of_item(bad)).into());
            }
            Conclusion::TooManyHeld => {
                return Err(self.endpoint.error(name, pages::too_many_held(self.limit)).into());
            }
        }
        Ok(None)
    }

    /// Takes note of what a whole walk came to. Returns its events.
    pub(super) fn taken(&mut self, name: &str) -> Option<Vec<ExternalEvent<T>>> {
        let Taken { events, found } = self.state.get().taken.take()?;
        self.note();
        match found {
            Found::Nothing(missing) => {
                let is_certain = self.facts.is_certain;
                self.absence = Some(Absence::new(missing.status(), is_certain));
                if is_certain {
                    self.pages.clear();
                    self.budget.keep_pages(0);
                }
            }
            Found::List { pages, news, unnamed } => {
                self.shape = shape_of(&pages).or(self.shape);
                self.budget.keep_pages(pages.iter().map(Page::size).sum());
                let before = std::mem::replace(&mut self.pages, pages);
                self.report_part(name, before.last());
                self.tell(name, news, unnamed);
            }
        }
        Some(events)
    }

    /// Warns, once, that the list is only a part of itself.
    fn report_part(&mut self, name: &str, before: Option<&Page>) {
        let Some(more) = self.more() else { return };
        if before.is_none_or(|page| page.more.is_none()) {
            let remedy = match self.paging {
                None => "declare `pages` to follow all of them",
                Some(_) => "`pages` as declared does not reach all of them",
            };
            let more = self.endpoint.redacted(&more.to_string());
            tracing::warn!(
                source = %printable(name),
                "the server says that there are more items than it sent ({more}): removals are held; {remedy}"
            );
        }
        if self.facts.held.is_some() {
            // A 304 need not say that there are no more.
            self.forget();
        }
    }

    /// Says which items are bad: some of them one by one.
    fn tell(&mut self, name: &str, news: Vec<BadItem<DecodeError>>, more: usize) {
        self.bad_items_seen = self.bad_items_seen.saturating_add((news.len() + more) as u64);
        for bad in news {
            let error = self.endpoint.undecoded(name, of_item(bad));
            tracing::warn!(source = %printable(name), %error, "a bad item keeps its last good value");
            self.last_bad_item = Some(error.to_string());
        }
        if more > 0 {
            tracing::warn!(source = %printable(name), more, "more bad items keep their last good values");
        }
    }
}
