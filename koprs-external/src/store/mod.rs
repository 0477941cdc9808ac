//! Object stores: what is in them, and what the objects hold.

mod content;
mod contents;
mod failure;
mod follow;
mod listing;
mod mark;
mod object;
mod open;
mod pages;
mod poller;
mod select;
mod source;
mod walk;

pub use self::contents::ContentPoller;
pub(crate) use self::contents::{Raw, ReadsObject};
pub use self::object::{Object, StoredObject};
pub use self::poller::ObjectStorePoller;

/// The stores that [`ObjectStorePoller`] takes.
pub use object_store;
