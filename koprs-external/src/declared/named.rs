//! Values with what tells them apart, for those who know no types.

use std::fmt;

use serde::de::DeserializeOwned;

use super::payload::{self, Equal, Followed, Payload};
use super::readable::Readable;
use crate::decode::{self, BodyFormat, Item, Refused};
use crate::memory::{Admit, MemoryAccount};
use crate::spec::{InvalidSpec, WatcherSpec};

/// A value with what tells it from the other items of its list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Named<T> {
    /// Nothing, where it is no item.
    pub(crate) key: Option<String>,
    pub(crate) value: T,
}

impl<T: DeserializeOwned> Readable for Named<T> {
    fn of_body(
        format: BodyFormat,
        content_type: Option<&str>,
        body: &[u8],
        admit: Admit<'_>,
    ) -> Result<Self, Refused> {
        Ok(Self { key: None, value: decode::decode(format, content_type, body, admit)? })
    }

    fn of_item(item: &Item<'_>, key: Option<&[String]>) -> Result<Self, Refused> {
        Ok(Self { key: Some(item.key(key)?), value: item.decode()? })
    }
}

impl<T> Payload for Named<T>
where
    T: DeserializeOwned + Clone + fmt::Debug + Send + 'static,
{
    type Value = Self;

    fn follow(
        spec: &WatcherSpec,
        equal: Equal<Self>,
        account: &MemoryAccount,
    ) -> Result<Followed<Self>, InvalidSpec> {
        payload::over_http(spec, equal, account)
    }
}
