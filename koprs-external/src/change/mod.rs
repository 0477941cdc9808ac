//! Whether something has changed: pure decisions over what was observed. No IO, no clock.

mod fingerprint;
mod guard;
mod keyed;
mod single;
#[cfg(feature = "object-store")]
#[allow(dead_code)]
mod snapshot;

pub(crate) use self::fingerprint::Fingerprint;
pub(crate) use self::guard::{Rule, Why};
pub(crate) use self::keyed::{BadItem, Keyed, RawItem, Round, Twice};
pub(crate) use self::single::{Missed, Missing, RawValue, Single};
#[cfg(feature = "object-store")]
#[allow(unused_imports)]
pub(crate) use self::snapshot::{Merge, Sight, Snapshot};
