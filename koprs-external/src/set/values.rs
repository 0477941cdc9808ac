//! The events of a set for tools that know none of its types.

use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine};
#[cfg(feature = "object-store")]
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::WatcherSet;
use super::binder::Binder;
use super::events::Events;
use super::prepared::Prepared;
use crate::declared::{DeclaredSource, Named, Payload};
use crate::error::Result;
use crate::spec::{Format, SourceSpec, WatcherSpec};
#[cfg(feature = "object-store")]
use crate::store::{Object, StoredObject};
use crate::watcher::ExternalEvent;

/// The events of all watchers of a set, whatever their types; made by [`WatcherSet::values`].
pub type Values = Events<ValueEvent>;

/// An event of a watcher, as a JSON value.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ValueEvent {
    /// The name of the watcher.
    pub watcher: Arc<str>,
    /// What tells an item from the others of its list, as the path of an object; nothing of a single value.
    pub key: Option<String>,
    /// What happened, to which value.
    pub event: ExternalEvent<Value>,
}

impl ValueEvent {
    /// An event of a watcher, for tests of what takes them.
    pub fn new(watcher: Arc<str>, key: Option<String>, event: ExternalEvent<Value>) -> Self {
        Self { watcher, key, event }
    }
}

impl WatcherSet {
    /// Watches all, with the declared schedules: one stream of JSON values, for tools that know no types.
    ///
    /// | source | value |
    /// |---|---|
    /// | HTTP | the value or the item, decoded; `text` is a string, and `bytes` one in base64 |
    /// | object store with `decode` | `{ "path", "size", "lastModified", "etag", "value" }` |
    /// | object store without | `{ "path", "size", "lastModified", "etag", "version" }`: what is listed |
    ///
    /// What a store does not tell is left out. Without `decode` nobody says that the objects hold something to
    /// be read, and reading them would cost a request for each; so they are not read.
    ///
    /// ```no_run
    /// use koprs_external::set::WatcherSet;
    ///
    /// # async fn example() -> koprs_external::error::Result<()> {
    /// let mut values = WatcherSet::from_path("watchers.yaml")?.values()?;
    /// while let Some(told) = values.recv().await {
    ///     println!("{} {}", told.watcher, told.event.value());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ExternalError::Invalid`](crate::ExternalError::Invalid) with each watcher whose source cannot be made,
    /// with its place in the file. Then nothing is started.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with its timer enabled.
    pub fn values(&self) -> Result<Values> {
        self.start(&Binder::of_values())
    }
}

impl Binder<ValueEvent> {
    /// For any declaration.
    pub(super) fn of_values() -> Self {
        Self::Any(Box::new(|spec| match (spec.source(), spec.decode()) {
            (SourceSpec::Http(_), Some(Format::Bytes)) => follow::<Base64>(spec),
            (SourceSpec::Http(_), _) => follow::<Named<Value>>(spec),
            (SourceSpec::ObjectStore(_), decode) => stored(spec, decode),
        }))
    }
}

#[cfg(feature = "object-store")]
fn stored(spec: &WatcherSpec, decode: Option<Format>) -> Result<Prepared<ValueEvent>> {
    match decode {
        None => follow::<StoredObject>(spec),
        Some(Format::Bytes) => follow::<Object<Base64>>(spec),
        Some(_) => follow::<Object<Value>>(spec),
    }
}

/// Says that the feature is missing.
#[cfg(not(feature = "object-store"))]
fn stored(spec: &WatcherSpec, _: Option<Format>) -> Result<Prepared<ValueEvent>> {
    follow::<Named<Value>>(spec)
}

fn follow<T>(spec: &WatcherSpec) -> Result<Prepared<ValueEvent>>
where
    T: Payload<Value: PartialEq> + Shown,
{
    let watcher: Arc<str> = spec.name().into();
    let source = DeclaredSource::<T>::distinct(spec.clone())?;
    Ok(Prepared::new(source, move |event| ValueEvent {
        watcher: Arc::clone(&watcher),
        key: event.value().key().map(str::to_owned),
        event: event.map(T::shown),
    }))
}

/// What has a JSON value.
trait Shown {
    /// What tells it from others.
    fn key(&self) -> Option<&str> {
        None
    }

    fn shown(self) -> Value;
}

impl Shown for Value {
    fn shown(self) -> Value {
        self
    }
}

impl Shown for Named<Value> {
    fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    fn shown(self) -> Value {
        self.value
    }
}

/// Bytes, as JSON can have them.
#[derive(Clone, Debug, PartialEq)]
struct Base64(String);

impl Shown for Base64 {
    fn shown(self) -> Value {
        self.0.into()
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        bytes::Bytes::deserialize(deserializer).map(|bytes| Self(BASE64_STANDARD.encode(bytes)))
    }
}

#[cfg(feature = "object-store")]
impl Shown for StoredObject {
    fn key(&self) -> Option<&str> {
        Some(&self.path)
    }

    fn shown(self) -> Value {
        let Self { path, etag, size, last_modified, version } = self;
        let optional = [("etag", etag), ("version", version)];
        object(path, size, last_modified, optional.map(|(key, text)| (key, text.map(Value::from))))
    }
}

#[cfg(feature = "object-store")]
impl<T: Shown> Shown for Object<T> {
    fn key(&self) -> Option<&str> {
        Some(&self.path)
    }

    fn shown(self) -> Value {
        let Self { path, etag, size, last_modified, value } = self;
        let more = [("etag", etag.map(Value::from)), ("value", Some(value.shown()))];
        object(path, size, last_modified, more)
    }
}

#[cfg(feature = "object-store")]
fn object(
    path: String,
    size: u64,
    last_modified: DateTime<Utc>,
    more: [(&str, Option<Value>); 2],
) -> Value {
    let last_modified = last_modified.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    let known =
        [("path", path.into()), ("size", size.into()), ("lastModified", last_modified.into())];
    let more = more.into_iter().filter_map(|(key, value)| Some((key, value?)));
    Value::Object(
        known.into_iter().chain(more).map(|(key, value)| (key.to_owned(), value)).collect(),
    )
}
