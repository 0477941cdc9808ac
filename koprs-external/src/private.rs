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
pub use crate::watcher::{ExternalEvent, ExternalSource, Pace, Report, Watch, WatchConfig, watch};
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

/// Stands in for what the feature `object-store` adds, so that the compiler can say what is missing.
#[cfg(not(feature = "object-store"))]
#[derive(Clone, Debug)]
pub struct EnableTheFeatureObjectStore<T>(std::marker::PhantomData<T>);
#[cfg(not(feature = "object-store"))]
pub use self::EnableTheFeatureObjectStore as Object;
