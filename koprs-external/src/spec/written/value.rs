//! A declaration as it is written, before it is YAML or JSON.

use std::path::Path;
use std::time::Duration;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Refused, refuse};
use crate::spec::{SecretSource, duration, percentage, size};

/// A value as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    Whole(u64),
    Flag(bool),
    List(Vec<Value>),
    Map(Map),
}

/// Settings by their names, in the order of the reference.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Map(Vec<(String, Value)>);

impl Map {
    /// One more setting.
    pub(super) fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.push((name.to_owned(), value.into()));
    }

    /// One more setting, in the block that its path names.
    pub(super) fn put_at(&mut self, path: &str, value: Value) {
        let Some((block, rest)) = path.split_once('.') else {
            if !self.has(path) {
                self.put(path, value);
            }
            return;
        };
        if !self.has(block) {
            self.put(block, Self::default());
        }
        if let Some((_, Value::Map(map))) = self.0.iter_mut().find(|(known, _)| known == block) {
            map.put_at(rest, value);
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// A block of one setting.
    pub(super) fn of(name: &str, value: impl Into<Value>) -> Self {
        let mut map = Self::default();
        map.put(name, value);
        map
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Whole(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Whole(number.into())
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Whole(u64::try_from(number).unwrap_or(u64::MAX))
    }
}

impl From<bool> for Value {
    fn from(on: bool) -> Self {
        Self::Flag(on)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl<T: Into<Value>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Whole(number) => serializer.serialize_u64(*number),
            Self::Flag(on) => serializer.serialize_bool(*on),
            Self::List(items) => serializer.collect_seq(items),
            Self::Map(map) => map.serialize(serializer),
        }
    }
}

impl Serialize for Map {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(settings) = self;
        let mut map = serializer.serialize_map(Some(settings.len()))?;
        for (name, value) in settings {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// `30s`. What is finer than a millisecond is a fraction of it.
pub(super) fn of_time(setting: &str, time: Duration) -> Result<Value, Refused> {
    let text = match time.subsec_nanos() % 1_000_000 {
        0 => duration::show(time),
        rest => format!("{}.{rest:06}ms", time.as_millis()),
    };
    match duration::parse(setting, &text) {
        Ok(read) if read == time => Ok(Value::Text(text)),
        _ => Err(refuse(
            setting,
            format!("`{text}` is too long to be read again"),
            "a duration is at most `365d`",
        )),
    }
}

/// `8MiB`.
pub(super) fn of_bytes(bytes: u64) -> Value {
    Value::Text(size::show(bytes))
}

/// `50%`.
pub(super) fn of_ratio(ratio: f64) -> Value {
    Value::Text(percentage::show(ratio))
}

/// The path of a file.
pub(super) fn of_path(setting: &str, path: &Path) -> Result<Value, Refused> {
    let help = "name a file whose path is UTF-8";
    path.to_str().map(Value::from).ok_or_else(|| refuse(setting, "the path is not UTF-8", help))
}

/// Where a secret comes from, as a block of one key. The secret itself is not written.
pub(super) fn of_secret(setting: &str, secret: &SecretSource) -> Result<Map, Refused> {
    match secret {
        SecretSource::Env(name) => Ok(Map::of("env", name.as_str())),
        SecretSource::File(path) => of_path(setting, path).map(|path| Map::of("file", path)),
        SecretSource::Value(_) => {
            let help = "name an environment variable (`env`) or a file (`file`)";
            Err(refuse(setting, "a literal secret is not written", help))
        }
    }
}
