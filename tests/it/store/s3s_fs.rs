//! S3 as `s3s-fs` serves it, from a directory, with signatures that are checked.

use std::fs;
use std::sync::Arc;

use hyper_util::rt::TokioIo;
use koprs_external::store::ObjectStorePoller;
use koprs_external::store::object_store::ObjectStore;
use koprs_external::store::object_store::aws::AmazonS3;
use koprs_external_tests::s3::BUCKET;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use super::stage::{Can, Rewrites, Stage};
use super::stages::client;

/// Its listings tell no ETags, and times to the millisecond; its `GetObject` does not look at `If-Match`.
pub(crate) struct S3sFs {
    store: Arc<AmazonS3>,
    server: JoinHandle<()>,
    _directory: TempDir,
}

impl Stage for S3sFs {
    const CAN: Can =
        Can { etags: false, rewrites: Rewrites::ByTheClock, raw_keys: false, backslashes: true };

    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join(BUCKET)).unwrap();
        let files = s3s_fs::FileSystem::new(directory.path()).unwrap();
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single("key", "secret"));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(serve(listener, service.build()));
        let store = Arc::new(client(&endpoint).build().unwrap());
        Self { store, server, _directory: directory }
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
}

impl Drop for S3sFs {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The connections end with this task.
async fn serve(listener: TcpListener, service: S3Service) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let http =
            hyper_util::server::conn::auto::Builder::new(hyper_util::rt::TokioExecutor::new());
        let service = service.clone();
        connections.spawn(async move {
            // A client that goes away is none of its business.
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
