//! The checked model of a declaration: what is polled, how often, and what it holds.
//!
//! The derive, YAML and [`WatcherSpec::http`] all write the same settings into a [`WatcherBuilder`];
//! its [`build`](WatcherBuilder::build) is the one place where they are checked. A [`WatcherSpec`]
//! cannot be wrong. Each setting has a file here, with its default, its check and its words.

pub(crate) mod address;
mod auth;
pub(crate) mod body_limit;
mod builder;
mod deadline;
mod decode;
pub(crate) mod duration;
mod foreign;
pub(crate) mod header;
mod http;
mod ignore;
mod interval;
mod invalid;
mod items;
pub(crate) mod jitter;
pub(crate) mod limits;
mod max_backoff;
mod method;
pub(crate) mod name;
pub(crate) mod number;
pub(crate) mod object_store;
mod pages;
#[cfg(feature = "yaml")]
pub(crate) mod percentage;
mod pointer;
mod projection;
pub(crate) mod removal;
#[cfg(feature = "yaml")]
#[cfg_attr(not(feature = "schema"), allow(dead_code, reason = "the schema is made of all of it"))]
pub(crate) mod settings;
#[cfg(feature = "yaml")]
pub(crate) mod size;
pub(crate) mod template;
pub(crate) mod timeout;
mod tls;
mod trust;
pub(crate) mod url;
pub(crate) mod word;
#[cfg(feature = "yaml")]
mod written;

use std::time::Duration;

pub(crate) use self::auth::{Auth, OAuth2};
pub use self::auth::{ClientCredentials, SecretSource};
pub use self::builder::WatcherBuilder;
use self::builder::Written;
pub use self::decode::Format;
pub use self::http::HttpSpec;
pub use self::invalid::{Invalid, InvalidSpec};
pub use self::items::{Items, OnBadItem};
pub(crate) use self::method::Body;
pub use self::method::Method;
pub use self::object_store::ObjectStoreSpec;
pub(crate) use self::pages::{CursorFrom, NextPage};
pub use self::pages::{Pages, Paging};
pub use self::pointer::Pointer;
pub use self::removal::Removal;
pub(crate) use self::tls::{Tls, TlsFiles};
pub use self::trust::Trust;

/// A checked declaration of one watcher.
///
/// ```
/// use std::time::Duration;
/// use koprs_external::spec::WatcherSpec;
///
/// let refused = WatcherSpec::http("flags", "api.example.com/flags").build().unwrap_err();
/// let codes: Vec<_> = refused.mistakes.iter().map(|mistake| mistake.code).collect();
/// assert_eq!(codes, ["missing-interval", "bad-url"]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct WatcherSpec {
    pub(crate) name: String,
    pub(crate) interval: Duration,
    pub(crate) max_backoff: Option<Duration>,
    pub(crate) jitter: f64,
    pub(crate) deadline: Option<Duration>,
    pub(crate) decode: Option<Format>,
    /// Present: a list, followed item by item.
    pub(crate) items: Option<Items>,
    /// What may change without being a change.
    pub(crate) ignore: Vec<Pointer>,
    /// Whether a new value that is equal to the old one is no change.
    pub(crate) distinct: bool,
    pub(crate) removal: Removal,
    pub(crate) source: SourceSpec,
    /// Who wrote it; nothing, where that has not been said.
    pub(crate) trust: Option<Trust>,
}

/// What is polled.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "there is one a watcher, and it is not moved about")]
#[non_exhaustive]
pub enum SourceSpec {
    /// An HTTP endpoint.
    Http(HttpSpec),
    /// An object store.
    ObjectStore(ObjectStoreSpec),
}

impl WatcherSpec {
    /// Begins the declaration of an HTTP source.
    pub fn http(name: impl Into<String>, url: impl Into<String>) -> WatcherBuilder {
        WatcherBuilder::http(name.into(), url.into())
    }

    /// Begins the declaration of an object store; needs the feature `object-store`.
    pub fn object_store(name: impl Into<String>, url: impl Into<String>) -> WatcherBuilder {
        WatcherBuilder::object_store(name.into(), url.into())
    }

    /// How the watcher is called in logs, status and errors.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The wait after a successful poll.
    pub fn interval(&self) -> Duration {
        self.interval
    }

    /// The longest wait after failures.
    pub fn max_backoff(&self) -> Duration {
        self.max_backoff.unwrap_or(self.interval.saturating_mul(32))
    }

    /// By how much a wait may differ, as a ratio.
    pub fn jitter(&self) -> f64 {
        self.jitter
    }

    /// The declared time for one poll.
    pub fn deadline(&self) -> Option<Duration> {
        self.deadline
    }

    /// The declared format of the content.
    pub fn decode(&self) -> Option<Format> {
        self.decode
    }

    /// The list, when it is one: it is followed item by item.
    pub fn items(&self) -> Option<&Items> {
        self.items.as_ref()
    }

    /// What may change without being a change.
    pub fn ignore(&self) -> &[Pointer] {
        &self.ignore
    }

    /// Whether a new value that is equal to the old one is no change.
    pub fn distinct(&self) -> bool {
        self.distinct
    }

    /// When something that is absent counts as removed.
    pub fn removal(&self) -> Removal {
        self.removal
    }

    /// What is polled.
    pub fn source(&self) -> &SourceSpec {
        &self.source
    }
}

#[cfg(test)]
mod tests;
