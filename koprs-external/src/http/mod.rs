//! HTTP sources.
//!
//! Data flows one way. `endpoint` makes the request (`conditional` adds the validators, `credential` the
//! secret, `sender` says by which client), `transport` sends it and gives back a plain response (`crate::coding`
//! undoes its content coding), `classify` says what it means, `redirect` whether to ask elsewhere. `value`
//! compares and decodes, and `list` walks the pages (`pages` finds the next one) and compares item by item;
//! only then are the validators remembered: a body that cannot be decoded is asked for again.
//!
//! `preview` shows the request that `endpoint` would make, without making it.
//!
//! `guard` keeps what is untrusted on the public internet; `reach` says what that is.
//!
//! `pacing` says when a request may be sent, for all watchers of the process. `delay` reads how long a server asks to
//! be left alone (`timestamp` has the spellings of times), and `cooldowns` keeps that until it has passed. `retry` says
//! whether a request that failed is sent again within the poll.
//!
//! What changes by itself, the secret in a file, a token, a client with certificates, is `kept`: made anew by
//! one at a time, the last good one used while that fails. What watchers share of it stands in a `registry`.

mod classify;
mod conditional;
mod cooldowns;
mod credential;
mod delay;
mod endpoint;
mod field;
mod file;
mod guard;
mod head;
mod kept;
mod link;
mod list;
mod lookup;
mod pacing;
mod pages;
mod partial;
mod poller;
#[cfg(feature = "yaml")]
mod preview;
mod query;
mod reach;
mod redirect;
mod registry;
mod retry;
mod sender;
mod timestamp;
mod transport;
mod value;

pub(crate) use self::endpoint::Content;
pub(crate) use self::field::text as field_text;
#[cfg(test)]
pub(crate) use self::guard::Guard;
pub(crate) use self::list::{HttpList, ReadsList, TakesItems};
pub use self::poller::{HttpPoller, HttpResponse};
#[cfg(feature = "yaml")]
pub use self::preview::RequestPreview;
#[cfg(feature = "yaml")]
pub(crate) use self::preview::{masked_url, preview};
pub(crate) use self::reach::Reach;
pub(crate) use self::value::{HttpValue, ReadsValue};

/// The client that [`HttpPoller::with_client`] takes.
///
/// It is compiled without a crypto provider: `reqwest::Client::new()` panics where rustls has no process default. See
/// [`HttpPoller::with_client`] for how to give it one.
pub use reqwest;
