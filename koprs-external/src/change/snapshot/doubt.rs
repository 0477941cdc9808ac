//! Whether an entry is there.

use super::super::guard::Absence;

/// What is known of an entry's presence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    Known(Absence),
    /// The walk under way has passed its place and did not see it.
    Unseen(Absence),
    /// Judged gone, and not taken out yet.
    Gone,
}

impl Default for Doubt {
    fn default() -> Self {
        Self::Known(Absence::There)
    }
}

impl Doubt {
    /// The walk passes over it.
    pub(super) fn passed(self) -> Self {
        match self {
            Self::Known(absence) => Self::Unseen(absence),
            other => other,
        }
    }

    /// What the walk did not see counts for nothing.
    pub(super) fn forgotten(self) -> Self {
        match self {
            Self::Unseen(absence) => Self::Known(absence),
            other => other,
        }
    }

    /// A successor knows it, and what has to agree before it is gone begins anew.
    pub(super) fn handed_over(self) -> Self {
        match self {
            Self::Known(absence) | Self::Unseen(absence) => Self::Known(absence.failed()),
            Self::Gone => Self::default(),
        }
    }

    pub(super) fn unseen(self) -> Option<Absence> {
        match self {
            Self::Unseen(absence) => Some(absence),
            Self::Known(_) | Self::Gone => None,
        }
    }

    pub(super) fn map(self, change: impl Fn(Absence) -> Absence) -> Self {
        match self {
            Self::Known(absence) => Self::Known(change(absence)),
            Self::Unseen(absence) => Self::Unseen(change(absence)),
            Self::Gone => Self::Gone,
        }
    }
}
