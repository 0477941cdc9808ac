//! What a walk that came to its end says, as a job.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Found, Page, State, Taken, Walked};
use crate::change::{BadItem, Keyed};
use crate::error::DecodeError;
use crate::spec::OnBadItem;

/// The work of an item: it is sorted, compared by its key and cloned. The unit is that of
/// [`offload::IN_PLACE`](crate::offload::IN_PLACE).
const ITEM: usize = 64;

#[derive(Clone, Copy)]
pub(super) struct Rules {
    pub(super) on_bad: OnBadItem,
    /// The most items.
    pub(super) limit: usize,
}

/// What the walks before it in the same poll showed.
#[derive(Clone, Default)]
pub(super) struct Before {
    /// The list may have moved.
    pub(super) moved: bool,
    /// The items that are to be confirmed as missing.
    pub(super) lacked: Option<Arc<HashSet<u32>>>,
}

/// What a walk says.
pub(super) enum Conclusion {
    /// It counts. What came of it is with the state.
    Taken,
    /// The list may have moved: another walk has to show it.
    Moved,
    /// These items are missing, which another walk has to confirm.
    Lacks {
        items: HashSet<u32>,
        ends_early: bool,
    },
    Bad(BadItem<DecodeError>),
    /// More items than the limit would be known.
    TooManyHeld,
}

impl<T: Clone + Send + 'static> Walked<T> {
    /// The work that it takes to conclude from it.
    pub(super) fn cost(&self, keyed: &Keyed<T>) -> usize {
        let items = match self {
            Self::Whole(round, _) if keyed.is_same(round) => 0,
            Self::Whole(round, _) => round.len() + keyed.known(),
            Self::Missing(_) => keyed.known(),
        };
        items.saturating_mul(ITEM)
    }

    /// Concludes from it, where the last whole walk had so many `pages`.
    pub(super) fn conclude(
        self,
        state: &mut State<T>,
        rules: Rules,
        before: &Before,
        known_pages: usize,
    ) -> Conclusion {
        let State { keyed, taken } = state;
        let (mut round, mut pages) = match self {
            // What does not count is dropped here.
            Self::Whole(round, pages) => (round.finish(), pages),
            Self::Missing(missing) => {
                let events = keyed.absent(missing);
                *taken = Some(Taken { events, found: Found::Nothing(missing) });
                return Conclusion::Taken;
            }
        };
        keyed.settle(&mut round);
        if round.repeats_anew() && pages.len() > 1 && !before.moved {
            return Conclusion::Moved;
        }
        let bad = match rules.on_bad {
            OnBadItem::Fail => round.news().0.into_iter().next(),
            OnBadItem::Keep => keyed.strange(&mut round),
        };
        if let Some(bad) = bad {
            return Conclusion::Bad(bad);
        }
        if before.lacked.is_none() && pages.len().max(known_pages) > 1 {
            let lacking = keyed.lacking(&mut round);
            if !lacking.is_empty() {
                let is_shorter = pages.len() < known_pages;
                let ends_early = is_shorter || pages.last().is_some_and(Page::is_empty);
                return Conclusion::Lacks { items: lacking.into_iter().collect(), ends_early };
            }
        }
        let is_part = pages.last().is_some_and(|page| page.more.is_some());
        if is_part && keyed.known_after_part(&mut round) > rules.limit {
            return Conclusion::TooManyHeld;
        }
        let (news, unnamed) = round.news();
        let missed = |id| before.lacked.as_ref().is_none_or(|lacked| lacked.contains(&id));
        if round.has_conflicts() && pages.len() > 1 {
            // Which of the rows a page has is not known of a page that is kept.
            pages.iter_mut().for_each(Page::forget_items);
        }
        let events = keyed.end(round, missed);
        *taken = Some(Taken { events, found: Found::List { pages, news, unnamed } });
        Conclusion::Taken
    }
}
