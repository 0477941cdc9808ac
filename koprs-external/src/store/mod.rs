//! Object stores: what is in them, and what the objects hold.

mod failure;
mod follow;
mod listing;
mod mark;
mod object;
mod pages;
mod poller;
mod select;
mod source;
mod walk;

pub use self::object::{Object, StoredObject};
pub use self::poller::ObjectStorePoller;

/// The stores that [`ObjectStorePoller`] takes.
pub use object_store;
