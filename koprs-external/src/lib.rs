//! x
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "yaml")]
pub mod config;
pub mod secret;
pub mod spec;
