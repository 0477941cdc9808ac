//! HTTP sources.
//!
//! Data flows one way. `endpoint` makes the request (`conditional` adds the validators, `credential` the
//! token), `transport` sends it and gives back a plain response (`coding` undoes its content coding),
//! `classify` says what it means, `redirect` whether to ask elsewhere. `value` compares and decodes, and only then lets the endpoint remember the
//! validators: a body that cannot be decoded is asked for again.
//!
//! `pacing` says when a request may be sent, for all watchers of the process, and `retry` whether one that
//! failed is sent again within the poll.

mod classify;
mod coding;
mod conditional;
mod credential;
mod endpoint;
mod head;
mod list;
mod pacing;
mod pages;
mod poller;
mod redirect;
mod retry;
mod sender;
mod transport;
mod value;

pub(crate) use self::endpoint::Content;
pub(crate) use self::list::{HttpList, ReadsList, TakesItems};
pub use self::poller::{HttpPoller, HttpResponse};
pub(crate) use self::value::{HttpValue, ReadsValue};

/// The client that [`HttpPoller::with_client`] takes.
pub use reqwest;
