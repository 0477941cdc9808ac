//! x
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod change;
pub mod declared;
mod decode;
pub mod error;
pub mod http;
#[doc(hidden)]
pub mod private;
pub mod secret;
pub mod spec;
pub mod watcher;

pub use error::ExternalError;
pub use watcher::{
    ExternalEvent, ExternalSource, Watch, WatchConfig, watch, watch_external,
    watch_external_with_config,
};

/// Derives a source for the annotated payload type.
#[cfg(feature = "derive")]
#[doc(inline)]
pub use koprs_external_derive::ExternalSource;
