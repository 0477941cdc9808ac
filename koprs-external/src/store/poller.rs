use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;
use object_store::ObjectStore;
use object_store::list::PaginatedListStore;

use super::StoredObject;
use crate::error::Result;
use crate::watcher::{ExternalEvent, ExternalSource};

/// Polls an object store, and tells what its listing says.
pub struct ObjectStorePoller {
    name: String,
}

impl ObjectStorePoller {
    /// Follows all objects of a store.
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self { name: store.to_string() }
    }

    /// As [`new`](Self::new), of a store whose listings can be had page by page.
    pub fn paginated<S: ObjectStore + PaginatedListStore>(store: Arc<S>) -> Self {
        Self::new(store)
    }

    /// Only objects below this path.
    #[must_use]
    pub fn with_prefix(self, prefix: impl Into<String>) -> Self {
        let _ = prefix.into();
        self
    }

    /// The name in logs, status and errors.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// One more glob, of objects to follow.
    #[must_use]
    pub fn with_include(self, _glob: impl Into<String>) -> Self {
        self
    }

    /// One more glob, of objects to leave out.
    #[must_use]
    pub fn with_exclude(self, _glob: impl Into<String>) -> Self {
        self
    }

    /// Leaves objects alone that are younger than this.
    #[must_use]
    pub fn with_settle(self, _settle: Duration) -> Self {
        self
    }

    /// The share of the objects above which removals are held, and of how many at least.
    #[must_use]
    pub fn with_hold(self, _above: f64, _min: u64) -> Self {
        self
    }

    /// The most objects.
    #[must_use]
    pub fn with_object_limit(self, _objects: usize) -> Self {
        self
    }

    /// The most parts of the keys that are listed at a time.
    #[must_use]
    pub fn with_listing_concurrency(self, _parts: usize) -> Self {
        self
    }
}

impl ExternalSource for ObjectStorePoller {
    type Item = StoredObject;

    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<StoredObject>>>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    fn name(&self) -> &str {
        &self.name
    }
}
