//! Whether a store can be listed in parts.
//!
//! A listing in parts is faster, and relies on more: that the server begins after a key, and lists in order. Each
//! walk verifies it. Where it does not hold, the store is listed as a whole, and the outcome of that decides
//! whether parts are given up for good.

use crate::printable::printable;
use std::mem;

/// So many walks in parts may fail, each followed by a walk as a whole that does not.
const MOST_FAILURES: u8 = 2;

/// Whether walks are in parts.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Parts {
    /// They are, where that pays. The number is of walks that failed, each followed by a walk as a whole that did not.
    Used {
        failures: u8,
    },
    /// The walk as a whole that comes next, or is under way, decides.
    Doubted {
        failures: u8,
        doubt: Doubt,
    },
    GivenUp,
}

/// What was wrong with a walk in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// The server refused to begin after a key.
    Refused(String),
    /// It did not show this key, which ends a part and was known.
    NotShown(String),
    /// What came was out of order.
    OutOfOrder,
    /// The walk failed, as another one might.
    Failed(String),
}

/// What a walk as a whole has shown.
pub(super) struct Whole {
    pub(super) in_order: bool,
    /// Whether the key of [`Doubt::NotShown`] is there.
    pub(super) has_key: bool,
}

impl Default for Parts {
    fn default() -> Self {
        Self::Used { failures: 0 }
    }
}

impl Parts {
    pub(super) fn are_used(&self) -> bool {
        matches!(self, Self::Used { .. })
    }

    /// The key that a walk as a whole has to look for.
    pub(super) fn doubted_key(&self) -> Option<&str> {
        match self {
            Self::Doubted { doubt: Doubt::NotShown(key), .. } => Some(key),
            _ => None,
        }
    }

    /// Something was wrong with a walk in parts: the next one is as a whole.
    pub(super) fn doubt(&mut self, doubt: Doubt) {
        if let Self::Used { failures } = *self {
            *self = Self::Doubted { failures, doubt };
        }
    }

    /// A walk in parts came to its end.
    pub(super) fn succeeded(&mut self) {
        if self.are_used() {
            *self = Self::default();
        }
    }

    /// A walk as a whole failed, too: this says nothing of parts.
    pub(super) fn whole_failed(&mut self) {
        if let Self::Doubted { failures, .. } = *self {
            *self = Self::Used { failures };
        }
    }

    /// A walk as a whole came to its end. Returns why parts are given up, if they are.
    pub(super) fn whole_succeeded(&mut self, whole: &Whole) -> Option<String> {
        let (failures, doubt) = match mem::replace(self, Self::GivenUp) {
            Self::Doubted { failures, doubt } => (failures, doubt),
            other => {
                *self = other;
                return None;
            }
        };
        let is_last = failures + 1 >= MOST_FAILURES;
        let (why, failures) = match doubt {
            Doubt::Refused(why) => (Some(why), failures),
            Doubt::NotShown(key) => {
                let key = printable(&key);
                let why = format!("the server does not show `{key}` behind the key before it");
                (whole.has_key.then_some(why), failures)
            }
            Doubt::OutOfOrder => {
                (whole.in_order.then(|| "only parts are out of order".to_owned()), failures)
            }
            Doubt::Failed(why) => (is_last.then_some(why), failures + 1),
        };
        if why.is_none() {
            *self = Self::Used { failures };
        }
        why
    }

    /// The server began elsewhere: parts are given up.
    pub(super) fn give_up(&mut self) {
        *self = Self::GivenUp;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Whole = Whole { in_order: true, has_key: true };

    /// What becomes of parts after a doubt, each followed by a walk as a whole.
    fn after(doubts: &[Doubt], whole: &Whole) -> (Parts, Vec<Option<String>>) {
        let mut parts = Parts::default();
        let why = doubts.iter().map(|doubt| {
            parts.doubt(doubt.clone());
            parts.whole_succeeded(whole)
        });
        let why = why.collect();
        (parts, why)
    }

    #[test]
    fn a_walk_as_a_whole_decides_on_what_was_wrong_with_parts() {
        let (refused, failed) = (Doubt::Refused("501".into()), Doubt::Failed("500".into()));
        let not_shown = Doubt::NotShown("k".into());
        let unordered = || Whole { in_order: false, ..WHOLE };
        let keyless = || Whole { has_key: false, ..WHOLE };
        let used = |failures| Parts::Used { failures };
        for (doubts, whole, expected) in [
            (vec![refused], WHOLE, Parts::GivenUp),
            (vec![not_shown.clone()], WHOLE, Parts::GivenUp),
            (vec![not_shown], keyless(), used(0)),
            (vec![Doubt::OutOfOrder], WHOLE, Parts::GivenUp),
            (vec![Doubt::OutOfOrder], unordered(), used(0)),
            (vec![failed.clone()], WHOLE, used(1)),
            (vec![failed.clone(), failed], WHOLE, Parts::GivenUp),
        ] {
            let (parts, why) = after(&doubts, &whole);
            assert_eq!(parts, expected, "{doubts:?}");
            let is_told = why.iter().flatten().count() == 1;
            assert_eq!(is_told, parts == Parts::GivenUp, "{doubts:?}: {why:?}");
        }
    }

    #[test]
    fn an_outage_says_nothing_of_parts() {
        let mut parts = Parts::default();
        for _ in 0..10 {
            parts.doubt(Doubt::Failed("500".into()));
            assert!(!parts.are_used());
            parts.whole_failed();
            assert!(parts.are_used());
        }
        parts.doubt(Doubt::Refused("403".into()));
        parts.whole_failed();
        assert_eq!((parts.whole_succeeded(&WHOLE), parts.are_used()), (None, true));
    }

    #[test]
    fn a_walk_in_parts_that_succeeds_starts_the_count_again() {
        let mut parts = after(&[Doubt::Failed("500".into())], &WHOLE).0;
        parts.succeeded();
        assert_eq!(parts, Parts::default());
        parts.give_up();
        parts.succeeded();
        parts.doubt(Doubt::OutOfOrder);
        parts.whole_failed();
        assert_eq!(parts, Parts::GivenUp);
    }
}
