//! Memory, local files, and the S3 bucket of the scripted server, which S3's and Google's clients read.

use std::sync::Arc;
use std::time::Duration;

use koprs_external::store::object_store::aws::{AmazonS3, AmazonS3Builder};
use koprs_external::store::object_store::gcp::{GoogleCloudStorage, GoogleCloudStorageBuilder};
use koprs_external::store::object_store::local::LocalFileSystem;
use koprs_external::store::object_store::memory::InMemory;
use koprs_external::store::object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use koprs_external::store::{CheckedConnector, ObjectStorePoller};
use koprs_external_tests::s3::{BUCKET, S3};
use tempfile::TempDir;

use super::stage::{Can, Rewrites, Stage};

pub(crate) struct Memory(Arc<InMemory>);

impl Stage for Memory {
    const CAN: Can =
        Can { etags: true, rewrites: Rewrites::EachWrite, raw_keys: false, backslashes: true };

    async fn start() -> Self {
        Self(Arc::new(InMemory::new()))
    }

    fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.0) as _
    }
}

/// An ETag is made of inode, time and size, and each write makes another inode.
pub(crate) struct Local {
    store: Arc<LocalFileSystem>,
    _directory: TempDir,
}

impl Stage for Local {
    const CAN: Can =
        Can { etags: true, rewrites: Rewrites::EachWrite, raw_keys: false, backslashes: true };

    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Arc::new(LocalFileSystem::new_with_prefix(directory.path()).unwrap());
        Self { store, _directory: directory }
    }

    fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.store) as _
    }
}

/// No request is sent again: what fails, fails at once.
pub(crate) fn no_retries() -> RetryConfig {
    let backoff = BackoffConfig {
        init_backoff: Duration::from_millis(1),
        max_backoff: Duration::from_millis(1),
        base: 2.,
    };
    RetryConfig { backoff, max_retries: 0, retry_timeout: Duration::from_secs(10) }
}

/// A client of S3, without retries.
pub(crate) fn client(endpoint: &str) -> AmazonS3Builder {
    AmazonS3Builder::new()
        .with_endpoint(endpoint)
        .with_allow_http(true)
        .with_bucket_name(BUCKET)
        .with_region("eu-west-1")
        .with_access_key_id("key")
        .with_secret_access_key("secret")
        .with_retry(no_retries())
        .with_http_connector(CheckedConnector::default())
}

/// A client of Google Cloud Storage, without retries.
pub(crate) fn google(endpoint: &str) -> GoogleCloudStorageBuilder {
    GoogleCloudStorageBuilder::new()
        .with_base_url(endpoint)
        .with_bucket_name(BUCKET)
        .with_skip_signature(true)
        .with_client_options(ClientOptions::new().with_allow_http(true))
        .with_retry(no_retries())
        .with_http_connector(CheckedConnector::default())
}

/// The bucket of the scripted server.
pub(crate) struct Scripted {
    pub(crate) s3: S3,
    pub(crate) store: Arc<AmazonS3>,
}

impl Stage for Scripted {
    const CAN: Can =
        Can { etags: true, rewrites: Rewrites::OtherContent, raw_keys: true, backslashes: true };

    async fn start() -> Self {
        let s3 = S3::start().await;
        let store = Arc::new(client(&s3.endpoint()).build().unwrap());
        Self { s3, store }
    }

    fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.store) as _
    }

    fn pollers(&self) -> Vec<ObjectStorePoller> {
        let paginated = ObjectStorePoller::paginated(Arc::clone(&self.store));
        vec![
            ObjectStorePoller::new(self.store()).with_name("new"),
            paginated.with_name("paginated"),
        ]
    }

    async fn put(&self, key: &str, content: &str) {
        self.s3.put(key, content.to_owned());
    }

    async fn delete(&self, key: &str) {
        self.s3.delete(key);
    }
}

/// The same bucket, read by the client of Google Cloud Storage, whose listings are those of S3.
pub(crate) struct Google {
    pub(crate) s3: S3,
    store: Arc<GoogleCloudStorage>,
}

impl Stage for Google {
    const CAN: Can = Scripted::CAN;

    async fn start() -> Self {
        let s3 = S3::start().await;
        let store = google(&s3.endpoint()).build().unwrap();
        Self { s3, store: Arc::new(store) }
    }

    fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.store) as _
    }

    fn pollers(&self) -> Vec<ObjectStorePoller> {
        let paginated = ObjectStorePoller::paginated(Arc::clone(&self.store));
        vec![
            ObjectStorePoller::new(self.store()).with_name("new"),
            paginated.with_name("paginated"),
        ]
    }

    async fn put(&self, key: &str, content: &str) {
        self.s3.put(key, content.to_owned());
    }

    async fn delete(&self, key: &str) {
        self.s3.delete(key);
    }
}
