//! What is in a store: a folder and a store in memory, followed alike. Objects appear, change and go away; what the
//! globs leave out is not told.
//!
//! ```bash
//! cargo run -p koprs-external-examples-heavy --example bucket
//! ```

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use koprs_external::store::object_store::local::LocalFileSystem;
use koprs_external::store::object_store::memory::InMemory;
use koprs_external::store::object_store::path::Path;
use koprs_external::store::object_store::{self, ObjectStore, ObjectStoreExt};
use koprs_external::store::{ObjectStorePoller, StoredObject};
use koprs_external::{ExternalEvent, Watch, WatchConfig, watch, watch_external};
use tokio::sync::mpsc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    println!("a folder");
    follow(Arc::new(LocalFileSystem::new_with_prefix(folder.path())?)).await?;
    println!("a store in memory, by the same code; S3, GCS and Azure are no different");
    follow(Arc::new(InMemory::new())).await?;
    println!("what is there, on a channel of one's own");
    on_a_channel().await
}

/// Follows the YAML files below `models`, but for drafts.
async fn follow(store: Arc<dyn ObjectStore>) -> Result<(), Box<dyn Error>> {
    put(&store, "models/small.yaml", "layers: 12").await?;
    put(&store, "models/eu/large.yaml", "layers: 96").await?;
    put(&store, "models/README.md", "not followed").await?;

    let poller = ObjectStorePoller::new(Arc::clone(&store))
        .with_prefix("models")
        .with_include("**/*.yaml")
        .with_exclude("**/draft-*");
    let mut objects = watch(poller, WatchConfig::new(Duration::from_secs(60)));

    println!("  two objects are there");
    tell(&mut objects, 2).await;

    println!("  one changes, one is new; a draft is left out");
    put(&store, "models/small.yaml", "layers: 24").await?;
    put(&store, "models/medium.yaml", "layers: 48").await?;
    put(&store, "models/draft-huge.yaml", "layers: 960").await?;
    objects.poll_now();
    tell(&mut objects, 2).await;

    println!("  one goes away");
    store.delete(&Path::parse("models/eu/large.yaml")?).await?;
    objects.poll_now();
    tell(&mut objects, 1).await;

    objects.shutdown().await;
    Ok(())
}

/// As `watch`, for those who have a channel.
async fn on_a_channel() -> Result<(), Box<dyn Error>> {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    put(&store, "models/small.yaml", "layers: 12").await?;
    let (tx, mut rx) = mpsc::channel(16);
    let poller = ObjectStorePoller::new(store).with_name("models");
    let _task = watch_external(poller, Duration::from_secs(60), tx);
    if let Some(event) = rx.recv().await {
        print(event);
    }
    Ok(())
}

async fn put(
    store: &dyn ObjectStore,
    key: &str,
    content: &'static str,
) -> object_store::Result<()> {
    store.put(&Path::parse(key)?, content.into()).await.map(drop)
}

/// Prints so many events.
async fn tell(objects: &mut Watch<StoredObject>, events: usize) {
    for _ in 0..events {
        match objects.recv().await {
            Some(event) => print(event),
            None => return,
        }
    }
}

fn print(event: ExternalEvent<StoredObject>) {
    match event {
        ExternalEvent::Added(object) => println!("    new: {} ({} B)", object.path, object.size),
        ExternalEvent::Modified(object) => {
            println!("    changed: {} ({} B)", object.path, object.size);
        }
        ExternalEvent::Removed(last) => {
            println!("    gone: {} (it was {} B)", last.path, last.size)
        }
    }
}
