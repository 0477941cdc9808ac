//! x
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod error;
pub mod secret;
pub mod spec;
pub mod watcher;
pub use error::ExternalError;
pub use watcher::ExternalEvent;
