//! What the derive expands to, and what the command needs. Not for use by hand: it changes without notice.

#[cfg(feature = "yaml")]
use std::time::Duration;

pub use crate::declared::DeclaredSource;
pub use crate::error::Result;
#[cfg(feature = "yaml")]
pub use crate::set::variant::{NotComparing, Variant, WatcherEvents, follow};
pub use crate::spec::template::Params;
pub use crate::spec::{
    ClientCredentials, Format, Method, OnBadItem, Paging, SecretSource, WatcherBuilder, WatcherSpec,
};
#[cfg(feature = "object-store")]
pub use crate::store::Object;
pub use crate::watcher::{
    ExternalEvent, ExternalSource, KnownItems, Pace, Report, Watch, WatchConfig, watch,
};
pub use futures_core::future::BoxFuture;
pub use serde::de::DeserializeOwned;

/// A duration as files have it: `30s`, `1h 30m`.
///
/// # Errors
///
/// What is wrong with it, of the setting that is named.
#[cfg(feature = "yaml")]
pub fn duration(setting: &str, text: &str) -> std::result::Result<Duration, crate::spec::Invalid> {
    crate::spec::duration::parse(setting, text)
}

/// A size as files have it: `8MiB`, `512KiB`, `4096`.
///
/// # Errors
///
/// What is wrong with it, of the setting that is named.
#[cfg(feature = "yaml")]
pub fn size(setting: &str, text: &str) -> std::result::Result<u64, crate::spec::Invalid> {
    crate::spec::size::parse(setting, text)
}

/// Begins the declaration of an object store that holds `T`.
pub fn object_store<T: InObjectStore>(name: &str, url: impl Into<String>) -> WatcherBuilder {
    WatcherSpec::object_store(name, url)
}

/// What can be in an object store: with the feature `object-store` anything, without it nothing.
#[diagnostic::on_unimplemented(
    message = "an object store needs the feature `object-store` of koprs-external",
    label = "cannot be followed without the feature",
    note = "enable it in `Cargo.toml`; the features `aws`, `azure`, `gcp` and `http` bring it with them"
)]
pub trait InObjectStore {}

#[cfg(feature = "object-store")]
impl<T> InObjectStore for T {}

/// Without the feature an object is what it holds, so that the one mistake is the missing feature.
#[cfg(not(feature = "object-store"))]
pub type Object<T> = T;
