//! Object stores: what is in them, and what the objects hold.

mod object;
mod poller;

pub use self::object::{Object, StoredObject};
pub use self::poller::ObjectStorePoller;

/// The stores that [`ObjectStorePoller`] takes.
pub use object_store;
