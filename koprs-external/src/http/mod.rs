//! HTTP sources.
//!
//! Data flows one way. `endpoint` makes the request (`conditional` adds the validators, `credential` the
//! secret, `sender` says by which client), `transport` sends it and gives back a plain response (`coding`
//! undoes its content coding), `classify` says what it means, `redirect` whether to ask elsewhere. `value`
//! compares and decodes, and only then lets the endpoint remember the validators: a body that cannot be
//! decoded is asked for again.
//!
//! What changes by itself, the secret in a file, a token, a client with certificates, is `kept`: made anew by
//! one at a time, the last good one used while that fails. What watchers share of it stands in a `registry`.

mod classify;
mod coding;
mod conditional;
mod credential;
mod endpoint;
mod file;
mod kept;
mod pacing;
mod poller;
mod redirect;
mod registry;
mod retry;
mod sender;
mod transport;
mod value;

pub use self::poller::{HttpPoller, HttpResponse};
pub(crate) use self::value::HttpValue;

/// The client that [`HttpPoller::with_client`] takes.
pub use reqwest;
