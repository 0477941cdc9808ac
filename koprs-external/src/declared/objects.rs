//! Declarations of object stores.

use std::fmt;

use serde::de::DeserializeOwned;

use super::invalid;
use super::payload::{Equal, Followed, Payload};
use crate::spec::{Invalid, InvalidSpec, WatcherSpec};
use crate::store::{Object, StoredObject};

impl Payload for StoredObject {
    fn follow(spec: &WatcherSpec, _equal: Equal<Self>) -> Result<Followed<Self>, InvalidSpec> {
        Err(invalid(spec, Invalid::new("object_store", "todo", "not yet")))
    }
}

impl<T: DeserializeOwned + Clone + fmt::Debug + Send + 'static> Payload for Object<T> {
    fn follow(spec: &WatcherSpec, _equal: Equal<Self>) -> Result<Followed<Self>, InvalidSpec> {
        Err(invalid(spec, Invalid::new("object_store", "todo", "not yet")))
    }
}
