//! What the derive expands to. Not for use by hand: it changes without notice.

pub use crate::declared::DeclaredSource;
pub use crate::error::Result;
pub use crate::spec::template::Params;
pub use crate::spec::{
    ClientCredentials, Format, Method, OnBadItem, Paging, SecretSource, WatcherBuilder, WatcherSpec,
};
pub use crate::watcher::{ExternalEvent, ExternalSource, Pace, Report, Watch, WatchConfig, watch};
pub use futures_core::future::BoxFuture;
pub use serde::de::DeserializeOwned;
