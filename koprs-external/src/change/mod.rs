//! Whether something has changed: pure decisions over what was observed. No IO, no clock.

pub(crate) mod entity_tag;
mod fingerprint;
mod guard;
mod handover;
mod keyed;
mod shape;
mod single;
#[cfg(feature = "object-store")]
mod snapshot;

pub(crate) use self::fingerprint::Fingerprint;
#[cfg(feature = "object-store")]
pub(crate) use self::guard::Guard;
pub(crate) use self::guard::{Held, Rule};
pub(crate) use self::handover::{KnownValue, ReadAs};
pub(crate) use self::keyed::{BadItem, Keyed, KnownList, NewItems, RawItem, Round, Why};
pub(crate) use self::shape::Shape;
pub(crate) use self::single::{Kind, Missed, Missing, RawValue, Single};
#[cfg(feature = "object-store")]
pub(crate) use self::snapshot::{Cut, Merge, Sight, Snapshot};
