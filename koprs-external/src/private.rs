//! What the derive expands to, and what the command and the fuzz targets need. Not for use by hand: it changes without notice.

#[cfg(feature = "yaml")]
use std::time::Duration;

pub use crate::declared::DeclaredSource;
#[cfg(feature = "yaml")]
use crate::error::DecodeError;
pub use crate::error::Result;
pub use crate::printable::{Printable, is_printable, printable};
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

/// Reads a body as the watcher of a declaration does, without a request: its value, or its items with their keys.
///
/// # Errors
///
/// Those of the body as a whole. An item that cannot be decoded is its own error.
#[cfg(feature = "yaml")]
pub fn read_answer(
    spec: &WatcherSpec,
    content_type: Option<&str>,
    body: &[u8],
) -> std::result::Result<Vec<Decoded>, DecodeError> {
    crate::declared::read_answer(spec, content_type, body)
}

/// A value, with its key where it is an item of a list that has one.
#[cfg(feature = "yaml")]
pub type Decoded = (Option<String>, std::result::Result<serde_json::Value, DecodeError>);

/// What a declaration of `T` may need: a trait that every type has with a feature, and none without it.
macro_rules! needs {
    ($($need:ident $feature:literal $message:literal)*) => { $(
        #[doc = concat!("What needs the feature `", $feature, "`.")]
        #[diagnostic::on_unimplemented(
            message = $message,
            label = "cannot be followed without the feature",
            note = "enable it in `Cargo.toml`, among the `features` of `koprs-external`"
        )]
        pub trait $need {}

        #[cfg(feature = $feature)]
        impl<T> $need for T {}
    )* };
}

needs! {
    NeedsObjectStore "object-store" "an object store needs the feature `object-store` of koprs-external"
    NeedsAws "aws" "an object store on S3 needs the feature `aws` of koprs-external"
    NeedsGcp "gcp" "an object store on Google Cloud Storage needs the feature `gcp` of koprs-external"
    NeedsAzure "azure" "an object store on Azure needs the feature `azure` of koprs-external"
    NeedsHttp "http" "an object store on a WebDAV server needs the feature `http` of koprs-external"
    NeedsTls "_tls" "`https://` needs the feature `ring` or `aws-lc-rs` of koprs-external"
    NeedsYaml "yaml" "`decode = yaml` needs the feature `yaml` of koprs-external"
    NeedsCsv "csv" "`decode = csv` needs the feature `csv` of koprs-external"
    NeedsOauth2 "oauth2" "`oauth2` needs the feature `oauth2` of koprs-external"
}

/// Begins the declaration of a local folder, or of a store that only its URL tells.
pub fn object_store<T: NeedsObjectStore>(name: &str, url: impl Into<String>) -> WatcherBuilder {
    WatcherSpec::object_store(name, url)
}

/// Begins the declaration of an object store on S3.
pub fn s3<T: NeedsAws>(name: &str, url: impl Into<String>) -> WatcherBuilder {
    WatcherSpec::object_store(name, url)
}

/// Begins the declaration of an object store on Google Cloud Storage.
pub fn gcs<T: NeedsGcp>(name: &str, url: impl Into<String>) -> WatcherBuilder {
    WatcherSpec::object_store(name, url)
}

/// Begins the declaration of an object store on Azure.
pub fn azure<T: NeedsAzure>(name: &str, url: impl Into<String>) -> WatcherBuilder {
    WatcherSpec::object_store(name, url)
}

/// Begins the declaration of an object store on a WebDAV server.
pub fn webdav<T: NeedsHttp>(name: &str, url: impl Into<String>) -> WatcherBuilder {
    WatcherSpec::object_store(name, url)
}

/// Begins the declaration of an HTTP source with an `https` URL.
pub fn https<T: NeedsTls>(name: &str, url: impl Into<String>) -> WatcherBuilder {
    WatcherSpec::http(name, url)
}

/// The format of YAML bodies.
pub fn yaml<T: NeedsYaml>() -> Format {
    Format::Yaml
}

/// The format of CSV bodies.
pub fn csv<T: NeedsCsv>() -> Format {
    Format::Csv
}

/// Client credentials of OAuth 2.0.
pub fn oauth2<T: NeedsOauth2>(credentials: ClientCredentials) -> ClientCredentials {
    credentials
}

/// Without the feature an object is what it holds, so that the one mistake is the missing feature.
#[cfg(not(feature = "object-store"))]
pub type Object<T> = T;
