#![cfg_attr(all(feature = "derive", feature = "yaml"), doc = include_str!("../README.md"))]
#![cfg_attr(
    not(all(feature = "derive", feature = "yaml")),
    doc = "Follow things outside the cluster from a Kubernetes operator. The documentation is that of all features."
)]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod change;
mod client;
mod coding;
#[cfg(feature = "yaml")]
pub mod config;
pub mod declared;
mod decode;
#[cfg(test)]
mod depth;
pub mod error;
pub mod http;
pub mod memory;
mod offload;
mod printable;
#[doc(hidden)]
pub mod private;
pub mod secret;
#[cfg(feature = "yaml")]
pub mod set;
pub mod spec;
#[cfg(feature = "object-store")]
pub mod store;
pub mod watcher;

pub use error::ExternalError;
#[cfg(feature = "yaml")]
pub use set::WatcherEvents;
pub use watcher::{
    ExternalEvent, ExternalSource, Watch, WatchConfig, watch, watch_external,
    watch_external_with_config,
};

#[cfg(feature = "derive")]
#[doc(inline)]
pub use koprs_external_derive::ExternalSource;
#[cfg(all(feature = "derive", feature = "yaml"))]
#[doc(inline)]
pub use koprs_external_derive::WatcherEvents;
