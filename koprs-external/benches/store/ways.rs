//! The ways to look at a store.

use std::collections::HashMap;
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use koprs_external::store::ObjectStorePoller;
use koprs_external::store::object_store::ObjectStore;
use koprs_external::watcher::Pace;
use koprs_external::{ExternalEvent, ExternalSource};

use super::stores::Store;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The listing is read to its end.
    Drain,
    /// As koprs-external 0.10 polls.
    Seed,
    Ours,
    /// Ours, one part of the listing after the other.
    Sequential,
}

impl Way {
    pub(crate) const ALL: [(&str, Self); 4] = [
        ("drain", Self::Drain),
        ("seed", Self::Seed),
        ("ours", Self::Ours),
        ("sequential", Self::Sequential),
    ];
}

/// Somebody who looks.
pub(crate) enum Looker {
    Drain(Arc<dyn ObjectStore>),
    Seed(Seed),
    Ours(Box<ObjectStorePoller>),
}

impl Looker {
    pub(crate) fn new(way: Way, store: &Store) -> Self {
        match way {
            Way::Drain => Self::Drain(store.shared()),
            Way::Seed => Self::Seed(Seed { store: store.shared(), known: HashMap::new() }),
            Way::Ours => Self::Ours(Box::new(store.poller())),
            Way::Sequential => Self::Ours(Box::new(store.poller().with_listing_concurrency(1))),
        }
    }

    /// How many events it tells, or objects are listed.
    pub(crate) async fn look(&mut self) -> usize {
        match self {
            Self::Drain(store) => {
                let (mut objects, mut count) = (store.list(None), 0);
                while let Some(object) = objects.next().await {
                    object.unwrap();
                    count += 1;
                }
                count
            }
            Self::Seed(seed) => seed.poll().await.len(),
            Self::Ours(poller) => {
                let mut count = 0;
                loop {
                    count += poller.poll().await.unwrap().len();
                    if poller.pace() != Pace::Now {
                        return count;
                    }
                }
            }
        }
    }
}

/// A poll as koprs-external 0.10 makes it, on this `object_store`.
pub(crate) struct Seed {
    store: Arc<dyn ObjectStore>,
    known: HashMap<String, String>,
}

#[derive(Clone)]
#[allow(dead_code, reason = "it is there to be told")]
pub(crate) struct SeedObject {
    path: String,
    etag: Option<String>,
    size: u64,
}

impl Seed {
    async fn poll(&mut self) -> Vec<ExternalEvent<SeedObject>> {
        let listing: Vec<_> = self.store.list(None).try_collect().await.unwrap();
        let mut current = HashMap::new();
        for meta in listing {
            let path = meta.location.to_string();
            let object = SeedObject { path: path.clone(), etag: meta.e_tag, size: meta.size };
            current.insert(path, object);
        }
        let mut events = Vec::new();
        for (path, object) in &current {
            match self.known.get(path) {
                None => events.push(ExternalEvent::Added(object.clone())),
                Some(etag) if object.etag.as_deref() != Some(etag.as_str()) => {
                    events.push(ExternalEvent::Modified(object.clone()));
                }
                Some(_) => {}
            }
        }
        for path in self.known.keys() {
            if !current.contains_key(path) {
                let gone = SeedObject { path: path.clone(), etag: None, size: 0 };
                events.push(ExternalEvent::Removed(gone));
            }
        }
        self.known = current
            .into_iter()
            .filter_map(|(path, object)| object.etag.map(|etag| (path, etag)))
            .collect();
        events
    }
}
