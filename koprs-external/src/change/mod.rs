//! Whether something has changed: pure decisions over what was observed. No IO, no clock.

mod fingerprint;
mod single;

pub(crate) use self::fingerprint::Fingerprint;
pub(crate) use self::single::{Missed, Missing, Single};
