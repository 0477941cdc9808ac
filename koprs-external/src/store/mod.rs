//! Object stores: what is in them, and what the objects hold.

#[cfg(any(feature = "aws", feature = "azure", feature = "gcp", feature = "http"))]
mod connector;
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

#[cfg(any(feature = "aws", feature = "azure", feature = "gcp", feature = "http"))]
pub use self::connector::CheckedConnector;
pub use self::contents::ContentPoller;
pub(crate) use self::contents::{Raw, ReadsObject};
pub use self::object::{Object, StoredObject};
pub use self::poller::ObjectStorePoller;

/// The stores that [`ObjectStorePoller`] takes.
pub use object_store;
