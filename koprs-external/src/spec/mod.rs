//! The checked model of a declaration: what is polled, how often, and what it holds.
//!
//! The derive, YAML and [`WatcherSpec::http`] all fill the same settings, and the same rules check them; see
//! [`WatcherBuilder::build`]. A [`WatcherSpec`] cannot be wrong. Each setting has a row in one table, with its default,
//! its check and its words.
//!
//! # Specs of tenants
//!
//! A declaration that somebody else wrote, as in the spec of a custom resource, would make requests from where
//! the operator stands, with what the operator has. [`WatcherSpec::under`] says who wrote it; of one that is
//! deserialized no source is made before. Under [`Trust::Untrusted`] it is held to this:
//!
//! | refused by `under` | code |
//! |---|---|
//! | a secret from `env` | `untrusted-env` |
//! | a secret from `file`, the files of `tls` | `untrusted-file` |
//! | `unix_socket` | `untrusted-socket` |
//! | `object_store`, whole | `untrusted-store` |
//! | the header `Host`, as `header` and as the credential | `untrusted-header` |
//! | more than the default of `items.limit`, `pages.limit`, `body_limit`, `header_limit`, `redirect_limit`; a `memory_limit` or `walk_limit` above `64MiB`; a `timeout` above `60s`; any `max_in_flight` but the default | `untrusted-limit` |
//! | to be trusted after all | `trust-rises` |
//! | a host that is not public in `http.url`, `token_url`, `pages.origins` | `not-public` |
//! | a port there that is neither 80, 443 nor from 1024 on, unless the operator [allows](WatcherSpec::allow_ports) it | `untrusted-port` |
//!
//! - An address is public where the IANA registries of special-purpose addresses say that it is globally
//!   reachable (RFC 6890, RFC 8190): no loopback, private, shared, link-local or metadata address, nor one that
//!   embeds such (IPv4-mapped, 6to4, Teredo, ISATAP); `169.254.169.254` in no place where a translator might look
//!   for it (RFC 6052). Nor are `34.118.224.0/20`, where GKE has its services, and
//!   `168.63.129.16` of Azure. IPv4 behind `64:ff9b::/96` goes by the address in it.
//! - A name is not public that has a single label, an empty one (`127.0.0.1..`), or a last one that is no top-level
//!   domain, since that has letters alone (`10.x1`, `dns.kube-system`). Nor is one that ends in a name that is reserved
//!   (`localhost`, `local` and thus `cluster.local`, `internal`, `test`, `invalid`, `onion`, `alt`, `arpa` with its
//!   reverse zones), in one of private networks (`corp`, `home`, `lan`, `intranet`, `private`, `vpn` and the like), in
//!   `svc` or `default`, as services of a cluster are called, or in one of `docker`, `consul`, `nomad`, `lxd`, `mesh`,
//!   `ts.net` and the like.
//! - An object store is refused with any options: the crate `object_store` takes what it is not told from the
//!   environment, files and metadata services of the process, and its options name endpoints of these.
//!
//! **At run time** a guard stands before each request: the first one, and those for a redirect, a page and a token.
//! Names are looked up as they are, without the search list of the cluster; what is connected to are the public
//! ones of the addresses that were found, and no others, so that a name which is changed between the look and
//! the connection (DNS rebinding) gains nothing. Proxies of the environment are not used: they would
//! look names up themselves. Connections, tokens and the wishes of servers to wait are shared among untrusted
//! watchers, and with no trusted one. At most 512 connections are open for all of them together, and an idle one is closed
//! after 5 s; a request that gets none in its time fails with
//! [`ConnectionLimit`](crate::error::HttpErrorKind::ConnectionLimit). A redirect to a port that is not allowed is
//! refused.
//!
//! Whatever gives no answer has one error,
//! [`Unreachable`](crate::error::HttpErrorKind::Unreachable), at the end of the `timeout` of the request: a name that
//! does not exist or has no public address, a port that is closed, filtered or mute, what speaks neither TLS nor HTTP.
//! So no error, status, event or schedule is a scanner of networks. The cause is logged for the operator, with the
//! watcher, at the level DEBUG. The watcher asks again at the next poll.
//!
//! **What is not guarded:** a public host that passes requests on to the inside, as an ingress of your own or an
//! open proxy; a public host that knows the operator by its address; public addresses that a network uses for
//! itself, as those of its nodes; its own IPv6, which is as public as any other, and so what is translated (NAT64)
//! behind a prefix of its own, but for `169.254.169.254`; ports from 1024 on; intervals, which are as they are declared
//! (look at [`WatcherSpec::interval`]), and how many watchers there are; what tenants take
//! from each other: one of the 32 lookups of names that are made at a time, one of the eight places at a host that
//! they share, and time, where that host asks one of them to wait. A policy for the egress of the operator's pods stays the outer
//! wall.

pub(crate) mod address;
mod auth;
#[cfg_attr(not(feature = "yaml"), allow(dead_code, reason = "bounds of files"))]
pub(crate) mod bounds;
mod builder;
#[cfg_attr(not(feature = "yaml"), allow(dead_code, reason = "used where files are read"))]
pub(crate) mod check;
mod decode;
#[cfg(feature = "yaml")]
pub(crate) mod deserialize;
pub(crate) mod dialect;
#[cfg_attr(not(feature = "yaml"), allow(dead_code, reason = "read from files"))]
pub(crate) mod duration;
#[cfg_attr(
    not(all(feature = "object-store", feature = "oauth2")),
    allow(dead_code, reason = "limits of features")
)]
pub(crate) mod fixed;
pub(crate) mod header;
mod http;
mod invalid;
mod items;
#[cfg_attr(not(feature = "yaml"), expect(dead_code, reason = "words of files"))]
pub(crate) mod meant;
mod memory;
mod method;
#[cfg_attr(not(feature = "yaml"), allow(dead_code, reason = "places in files"))]
pub(crate) mod mistake;
pub(crate) mod name;
#[cfg(feature = "yaml")]
pub(crate) mod node;
#[cfg_attr(not(feature = "yaml"), allow(dead_code, reason = "read from files"))]
mod number;
pub(crate) mod object_store;
mod own_header;
mod pages;
#[cfg(feature = "yaml")]
pub(crate) mod parse;
#[cfg_attr(not(feature = "yaml"), allow(dead_code, reason = "read from files"))]
pub(crate) mod percentage;
mod pointer;
mod projection;
pub(crate) mod quote;
#[cfg(feature = "yaml")]
pub(crate) mod reader;
mod removal;
mod rules;
#[cfg(feature = "yaml")]
mod same;
#[cfg_attr(not(feature = "yaml"), allow(dead_code, reason = "read from files"))]
pub(crate) mod settings;
#[cfg_attr(not(feature = "yaml"), allow(dead_code, reason = "read from files"))]
pub(crate) mod size;
#[cfg(feature = "yaml")]
pub(crate) mod suggest;
#[cfg_attr(not(feature = "schema"), allow(dead_code, reason = "the schema is made of all of it"))]
pub(crate) mod table;
pub(crate) mod template;
mod tls;
mod trust;
pub(crate) mod url;
#[cfg_attr(not(feature = "yaml"), allow(dead_code, reason = "read from files"))]
mod word;
#[cfg(feature = "yaml")]
mod written;

use std::fmt;
use std::time::Duration;

pub(crate) use self::auth::{Auth, OAuth2};
pub use self::auth::{ClientCredentials, SecretSource};
pub use self::builder::WatcherBuilder;
pub use self::decode::Format;
pub use self::http::HttpSpec;
#[cfg(feature = "yaml")]
pub(crate) use self::invalid::list_mistakes;
pub use self::invalid::{Invalid, InvalidSpec};
use self::invalid::{too_long, too_many};
pub use self::items::{Items, OnBadItem};
pub(crate) use self::method::Body;
pub use self::method::Method;
pub use self::object_store::ObjectStoreSpec;
pub(crate) use self::pages::{CursorFrom, NextPage};
pub use self::pages::{Pages, Paging};
pub use self::pointer::Pointer;
pub use self::removal::Removal;
use self::settings::{Settings, SourceKind};
use self::table::row;
pub(crate) use self::tls::Tls;
pub use self::trust::Trust;
#[cfg(feature = "object-store")]
pub(crate) use self::trust::store as untrusted_store;
use crate::secret::{Hidden, Show};

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
#[derive(Clone)]
pub struct WatcherSpec {
    /// What it is made of, as it was declared.
    pub(crate) settings: Settings,
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
    /// As they are declared.
    pub(crate) memory_limit: Option<u64>,
    pub(crate) walk_limit: Option<u64>,
    pub(crate) source: SourceSpec,
    /// Who wrote it; nothing, where that has not been said.
    pub(crate) trust: Option<Trust>,
    /// The ports that it may ask, though it is untrusted, by the word of the operator.
    pub(crate) ports: Box<[u16]>,
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
    /// A declaration whose settings were checked. Its trust is to be said.
    pub(crate) fn from_settings(mut settings: Settings, secrets: Hidden) -> Option<Self> {
        settings.shrink_to_fit();
        let ignore = settings.list(row!("ignore")).iter();
        let ignore = ignore.map(|pointer| Pointer::parse("", &pointer.text).ok());
        Some(Self {
            name: settings.get(row!("name"))?,
            interval: settings.get(row!("interval"))?,
            max_backoff: settings.get(row!("max_backoff")),
            jitter: settings.or_default(row!("jitter")),
            deadline: settings.get(row!("deadline")),
            decode: settings.get(row!("decode")).and_then(Format::of_word),
            items: match settings.source {
                SourceKind::Http => Items::from_settings(&settings),
                SourceKind::ObjectStore => None,
            },
            ignore: ignore.collect::<Option<_>>()?,
            distinct: settings.or_default(row!("distinct")),
            removal: Removal::from_settings(&settings),
            memory_limit: settings.get(row!("memory_limit")),
            walk_limit: settings.get(row!("walk_limit")),
            source: match settings.source {
                SourceKind::Http => SourceSpec::Http(HttpSpec::from_settings(&settings, secrets)?),
                SourceKind::ObjectStore => {
                    SourceSpec::ObjectStore(ObjectStoreSpec::from_settings(&settings, secrets)?)
                }
            },
            trust: None,
            ports: Box::default(),
            settings,
        })
    }

    /// Begins the declaration of an HTTP source.
    pub fn http(name: impl Into<String>, url: impl Into<String>) -> WatcherBuilder {
        WatcherBuilder::new(SourceKind::Http, name.into(), url.into())
    }

    /// Begins the declaration of an object store; needs the feature `object-store`.
    pub fn object_store(name: impl Into<String>, url: impl Into<String>) -> WatcherBuilder {
        WatcherBuilder::new(SourceKind::ObjectStore, name.into(), url.into())
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

    /// The same; so much is shown of its URL, and of that of its tokens.
    pub(crate) fn show(mut self, [url, token_url]: [Show; 2]) -> Self {
        if let SourceSpec::Http(http) = &mut self.source {
            http.show = url;
            if let Some(Auth::OAuth2(oauth2)) = &mut http.auth {
                oauth2.show = token_url;
            }
        }
        self
    }

    /// How much is shown of its URL, and of that of its tokens.
    fn shows(&self) -> [Show; 2] {
        match &self.source {
            SourceSpec::Http(HttpSpec { show, auth: Some(Auth::OAuth2(oauth2)), .. }) => {
                [*show, oauth2.show]
            }
            SourceSpec::Http(http) => [http.show; 2],
            SourceSpec::ObjectStore(_) => [Show::default(); 2],
        }
    }

    /// The same; these are not shown wherever they come back.
    #[cfg(feature = "yaml")]
    pub(crate) fn hide(mut self, secrets: Hidden) -> Self {
        match &mut self.source {
            SourceSpec::Http(http) => {
                if let Some(Auth::OAuth2(oauth2)) = &mut http.auth {
                    oauth2.secrets.clone_from(&secrets);
                }
                http.secrets = secrets;
            }
            SourceSpec::ObjectStore(store) => store.secrets = secrets,
        }
        self
    }

    /// What was brought into its URL and its texts from elsewhere.
    fn secrets(&self) -> &Hidden {
        match &self.source {
            SourceSpec::Http(http) => &http.secrets,
            SourceSpec::ObjectStore(store) => &store.secrets,
        }
    }

    /// What is polled.
    pub fn source(&self) -> &SourceSpec {
        &self.source
    }
}

/// What it does, however it is declared.
impl PartialEq for WatcherSpec {
    fn eq(&self, other: &Self) -> bool {
        let what = |it: &Self| (it.interval, it.max_backoff, it.deadline, it.decode, it.trust);
        let limits = |it: &Self| (it.memory_limit, it.walk_limit, it.distinct, it.removal);
        self.name == other.name
            && what(self) == what(other)
            && limits(self) == limits(other)
            && self.jitter == other.jitter
            && self.items == other.items
            && self.ignore == other.ignore
            && self.source == other.source
            && self.ports == other.ports
    }
}

impl fmt::Debug for WatcherSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatcherSpec")
            .field("name", &self.name)
            .field("interval", &self.interval)
            .field("decode", &self.decode)
            .field("items", &self.items)
            .field("removal", &self.removal)
            .field("source", &self.source)
            .field("trust", &self.trust)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
