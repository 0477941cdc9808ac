//! Whether something has changed: pure decisions over what was observed. No IO, no clock.

mod fingerprint;
mod guard;
mod keyed;
mod single;

pub(crate) use self::fingerprint::Fingerprint;
pub(crate) use self::guard::{Rule, Why};
pub(crate) use self::keyed::{BadItem, Keyed, RawItem, Round, Twice};
pub(crate) use self::single::{Missed, Missing, RawValue, Single};
