//! What the pages of a listing say beside their objects.
//!
//! `object_store` hands on objects and nothing else. So whoever lists opens a scope, and the connector, which
//! runs within it, leaves there what it read: this works for every store, listed page by page or not. Without
//! a scope nobody reads the details, and the connector must not leave out what only they would show.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

/// What pages say beside their objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Details {
    /// When the store answered, by its own clock.
    pub(super) date: Option<DateTime<Utc>>,
}

/// Where details are left. Clones are of the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Collector(Arc<Mutex<Details>>);

tokio::task_local! {
    static COLLECTOR: Collector;
}

impl Collector {
    /// Runs a future whose pages leave their details here.
    pub(super) async fn scope<F: Future>(&self, future: F) -> F::Output {
        COLLECTOR.scope(self.clone(), future).await
    }

    /// Polls something whose pages leave their details here.
    pub(super) fn scope_sync<R>(&self, poll: impl FnOnce() -> R) -> R {
        COLLECTOR.sync_scope(self.clone(), poll)
    }

    /// The collector of the scope, if there is one.
    #[cfg(feature = "_remote-store")]
    pub(super) fn current() -> Option<Self> {
        COLLECTOR.try_with(Clone::clone).ok()
    }

    /// Leaves the details of a page.
    #[cfg(feature = "_remote-store")]
    pub(super) fn add(&self, page: Details) {
        let mut details = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        details.date = page.date.or(details.date);
    }

    /// When the store answered last.
    pub(super) fn date(&self) -> Option<DateTime<Utc>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).date
    }
}
