//! When something that is absent is gone: the guard over removals, of lists and of listings.
//!
//! An observation that was whole and lacks an item says that it is gone, with two reservations. That there
//! is nothing at all where something was asked for (404) has to be said `confirm` times in a row. And where
//! more than a share of many items would vanish at once, each of them has to be absent from
//! [`AGREE`] whole observations in a row: an outage shows as an empty list as well. A failure between them
//! begins the row anew.

use super::Missing;
use crate::watcher::{HeldReason, HeldRemovals};

/// Whole observations in a row that must agree on what is held.
const AGREE: u8 = 3;

/// How sure one has to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rule {
    /// Observations in a row that find nothing at all, before that counts.
    pub(crate) confirm: u32,
    /// The share of the items above which removals are held.
    pub(crate) hold_above: f64,
    /// Of fewer items, none are held.
    pub(crate) hold_min: u64,
}

/// Whether an item was there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Absence {
    #[default]
    There,
    /// Absent from so many whole observations in a row.
    Missing(u8),
    /// Absent, and not to be held any longer.
    Released,
}

impl Absence {
    /// A whole observation lacks it.
    pub(crate) fn again(self) -> Self {
        match self {
            Self::There => Self::Missing(1),
            Self::Missing(times) => Self::Missing(times.saturating_add(1)),
            Self::Released => Self::Released,
        }
    }

    /// A part of the list lacks it, which says nothing of the rest.
    fn unseen(self) -> Self {
        match self {
            Self::There | Self::Missing(_) => Self::Missing(0),
            Self::Released => Self::Released,
        }
    }

    /// What could not be seen ends the row.
    pub(crate) fn failed(self) -> Self {
        match self {
            Self::Missing(_) => Self::Missing(0),
            other => other,
        }
    }

    fn times(self) -> u8 {
        match self {
            Self::Missing(times) => times,
            Self::There | Self::Released => 0,
        }
    }

    pub(crate) fn released(self) -> Self {
        match self {
            Self::Missing(_) => Self::Released,
            other => other,
        }
    }
}

/// Removals that are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// So many items are absent and not removed,
    pub(crate) items: u64,
    /// of so many that are known.
    pub(crate) of: u64,
    /// So many whole observations in a row agree.
    pub(crate) agreed: u8,
    pub(crate) why: Why,
}

/// Why removals are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Too many at once.
    Share,
    /// Items without a key are there, which any of them may be.
    Keyless,
    /// It was a part of the list, and the others may be in the rest.
    Part,
    /// All of them, from a body without content, which may have been cut off.
    Blank,
}

impl From<Held> for HeldRemovals {
    fn from(held: Held) -> Self {
        let Held { items, of, agreed, why } = held;
        let reason = match why {
            Why::Share | Why::Blank => HeldReason::Share,
            Why::Keyless => HeldReason::ItemsWithoutKey,
            Why::Part => HeldReason::PartialList,
        };
        Self { items, of, agreed: agreed.into(), reason }
    }
}

/// The guard of one list.
#[derive(Debug)]
pub(crate) struct Guard {
    rule: Rule,
    /// Observations in a row that found nothing at all.
    missed: u32,
    held: Option<Held>,
}

impl Guard {
    pub(crate) fn new(rule: Rule) -> Self {
        Self { rule: Rule { confirm: rule.confirm.max(1), ..rule }, missed: 0, held: None }
    }

    pub(crate) fn rule(&self) -> Rule {
        self.rule
    }

    pub(crate) fn held(&self) -> Option<Held> {
        self.held
    }

    /// Whether it is known what there is: that there is nothing may have to be confirmed.
    pub(crate) fn is_certain(&self) -> bool {
        self.missed == 0 || self.missed >= self.rule.confirm
    }

    /// Something could not be seen whole.
    pub(crate) fn failed(&mut self) {
        self.missed = 0;
        if let Some(held) = &mut self.held {
            held.agreed = 0;
        }
    }

    /// There is something, and all of it was seen.
    pub(crate) fn found(&mut self) {
        self.missed = 0;
        self.held = None;
    }

    /// Whether a row has begun.
    pub(crate) fn is_calm(&self) -> bool {
        self.missed == 0 && self.held.is_none()
    }

    /// There is nothing at all. Returns whether that counts.
    pub(crate) fn missed(&mut self, missing: Missing) -> bool {
        self.missed = match missing {
            Missing::NotFound => self.missed.saturating_add(1),
            Missing::Gone => self.rule.confirm,
        };
        self.held = self.held.filter(|_| missing == Missing::NotFound);
        self.is_certain()
    }

    /// Judges an observation of so many known items that lacks these. `hold`: why none of them may be gone,
    /// however often it is absent. Returns which are gone.
    pub(crate) fn judge(
        &mut self,
        absences: &mut [Absence],
        known: usize,
        hold: Option<Why>,
    ) -> Vec<bool> {
        for absence in absences.iter_mut() {
            *absence = if hold == Some(Why::Part) { absence.unseen() } else { absence.again() };
        }
        let (missing, known) = (absences.len() as u64, known as u64);
        let mass = hold == Some(Why::Blank)
            || known >= self.rule.hold_min && missing as f64 > self.rule.hold_above * known as f64;
        let is_gone = |absence: &Absence| match absence {
            Absence::There => false,
            Absence::Missing(_) if matches!(hold, Some(Why::Keyless | Why::Part)) => false,
            Absence::Missing(times) => !mass || *times >= AGREE,
            Absence::Released => true,
        };
        let gone: Vec<_> = absences.iter().map(is_gone).collect();
        let stay = || absences.iter().zip(&gone).filter(|(_, gone)| !**gone);
        let agreed = stay().map(|(absence, _)| absence.times()).max();
        self.held = agreed.map(|agreed| Held {
            items: stay().count() as u64,
            of: known,
            agreed,
            why: hold.unwrap_or(Why::Share),
        });
        gone
    }
}
