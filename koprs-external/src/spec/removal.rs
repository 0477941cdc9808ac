//! Removal: how sure a source has to be that something is gone.

/// Polls in a row that must answer 404 before a declared value counts as gone: one may be a load
/// balancer's.
pub(crate) const CONFIRM: u32 = 2;
