//! `removal`: how sure a source has to be that something is gone.

use super::settings::Settings;
use super::table::row;

/// When something that is absent counts as removed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Removal {
    /// Polls in a row that must answer 404 before a value, or a list as a whole, counts as gone: one may
    /// be a load balancer's. At least 1.
    pub(crate) confirm: u32,
    /// The share of the items, from 0 to 1, above which removals are held.
    pub(crate) hold_above: f64,
    /// Fewer items than this are never held.
    pub(crate) hold_min: u64,
}

impl Removal {
    /// Of declarations.
    pub(crate) const DEFAULT: Self = Self { confirm: 2, hold_above: 0.5, hold_min: 10 };
}

impl Removal {
    /// Polls in a row that must answer 404 before a value, or a list as a whole, counts as gone.
    pub fn confirm(&self) -> u32 {
        self.confirm
    }

    /// The share of the items, from 0 to 1, above which removals are held.
    pub fn hold_above(&self) -> f64 {
        self.hold_above
    }

    /// Fewer items than this are never held.
    pub fn hold_min(&self) -> u64 {
        self.hold_min
    }
}

impl Removal {
    pub(super) fn from_settings(settings: &Settings) -> Self {
        Self {
            confirm: settings.or_default(row!("removal.confirm")),
            hold_above: settings.or_default(row!("removal.hold_above")),
            hold_min: settings.or_default(row!("removal.hold_min")),
        }
    }
}
