//! The stores that are looked at, and what is in them.

use std::sync::Arc;
use std::time::Duration;

use koprs_external::store::CheckedConnector;
use koprs_external::store::ObjectStorePoller;
use koprs_external::store::object_store::aws::{AmazonS3, AmazonS3Builder};
use koprs_external::store::object_store::memory::InMemory;
use koprs_external::store::object_store::path::Path;
use koprs_external::store::object_store::{ObjectStore, ObjectStoreExt};

use super::server::{BUCKET, Server};

/// What a page of a listing takes.
const PAGE: Duration = Duration::from_millis(20);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Memory,
    Served,
}

impl Kind {
    pub(crate) const ALL: [(&str, Self); 2] = [("memory", Self::Memory), ("served", Self::Served)];
}

pub(crate) enum Store {
    Memory(Arc<InMemory>),
    Served(Arc<AmazonS3>, Server),
}

impl Store {
    pub(crate) async fn filled(kind: Kind, keys: usize) -> Self {
        match kind {
            Kind::Memory => {
                let store = InMemory::new();
                for n in 0..keys {
                    store.put(&Path::from(key(n)), "content".into()).await.unwrap();
                }
                Self::Memory(Arc::new(store))
            }
            Kind::Served => {
                let server = Server::start(keys, PAGE);
                let client = AmazonS3Builder::new()
                    .with_endpoint(&server.url)
                    .with_allow_http(true)
                    .with_bucket_name(BUCKET)
                    .with_skip_signature(true)
                    .with_http_connector(CheckedConnector::default());
                Self::Served(Arc::new(client.build().unwrap()), server)
            }
        }
    }

    pub(crate) fn shared(&self) -> Arc<dyn ObjectStore> {
        match self {
            Self::Memory(store) => Arc::<InMemory>::clone(store),
            Self::Served(store, _) => Arc::<AmazonS3>::clone(store),
        }
    }

    pub(crate) fn poller(&self) -> ObjectStorePoller {
        match self {
            Self::Memory(_) => ObjectStorePoller::new(self.shared()),
            Self::Served(store, _) => ObjectStorePoller::paginated(Arc::clone(store)),
        }
    }

    /// How often it was asked.
    pub(crate) fn requests(&self) -> usize {
        match self {
            Self::Memory(_) => 0,
            Self::Served(_, server) => server.requests(),
        }
    }
}

/// The keys, in their order.
pub(crate) fn key(n: usize) -> String {
    let (tenant, day, part) = (n / 1000, 10 + n / 100 % 10, n % 100);
    format!("tenants/{tenant:04}/models/2024-11-{day}/part-{part:06}.parquet")
}
