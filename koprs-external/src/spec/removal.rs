//! `removal`: how sure a source has to be that something is gone.

#[cfg(feature = "yaml")]
use super::percentage;
use super::{Invalid, number};

/// The largest share of a list.
pub(super) const MOST: f64 = 1.0;

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

/// Reads `50%`.
#[cfg(feature = "yaml")]
pub(crate) fn parse_share(setting: &str, text: &str) -> Result<f64, Invalid> {
    percentage::parse(setting, text, MOST * 100.0, Removal::DEFAULT.hold_above * 100.0)
}

/// The settings as they were written.
#[derive(Clone, Default)]
pub(super) struct WrittenRemoval {
    pub(super) confirm: Option<u32>,
    pub(super) hold_above: Option<f64>,
    pub(super) hold_min: Option<u64>,
}

pub(super) fn check(written: &WrittenRemoval, mut refuse: impl FnMut(Invalid)) -> Option<Removal> {
    let default = Removal::DEFAULT;
    let confirm = written.confirm.unwrap_or(default.confirm);
    let confirm = number::within("removal.confirm", confirm, 1, None).map_err(&mut refuse).ok();
    let hold_above = written.hold_above.unwrap_or(default.hold_above);
    let hold_above = share(hold_above).map_err(&mut refuse).ok();
    let hold_min = written.hold_min.unwrap_or(default.hold_min);
    let hold_min = number::within("removal.hold_min", hold_min, 1, None).map_err(&mut refuse).ok();
    Some(Removal { confirm: confirm?, hold_above: hold_above?, hold_min: hold_min? })
}

fn share(ratio: f64) -> Result<f64, Invalid> {
    if (0.0..=MOST).contains(&ratio) {
        return Ok(ratio);
    }
    let message = format!("`{}%` is out of range", ratio * 100.0);
    Err(Invalid::new("removal.hold_above", "out-of-range", message)
        .help("`hold_above` is from `0%` to `100%`"))
}
