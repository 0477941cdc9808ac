//! What the objects of a store hold, as typed values: YAML files in a folder, followed by a derived source and by a
//! watcher from YAML. An object that cannot be read keeps its last good value, shows in the status, and holds up no
//! other.
//!
//! ```bash
//! cargo run -p koprs-external-examples-heavy --example bucket_typed
//! ```

use std::error::Error;
use std::ffi::OsStr;
use std::fs::{remove_file, write};
use std::path::Path;

use koprs_external::set::WatcherSet;
use koprs_external::store::Object;
use koprs_external::{ExternalEvent, ExternalSource, Watch};
use serde::Deserialize;
use tempfile::TempDir;
use tokio::task::yield_now;

/// Each object is one. In a bucket the URL is as `s3://{bucket}/models/`, and nothing else changes.
#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "file:///tmp/{folder}", include("**/*.yaml")),
    params(folder: String),
    interval = "1m",
)]
#[allow(dead_code, reason = "the fields are printed")]
struct Model {
    layers: u32,
    quantized: bool,
}

/// The same, for those who change what is watched without touching Rust.
const WATCHERS: &str = r#"
apiVersion: koprs-external/v1
watchers:
  - name: models
    interval: 1m
    objectStore:
      url: file:///tmp/FOLDER
      include: ["**/*.yaml"]
"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("declared on the struct");
    let folder = two_models()?;
    follow(Model::watch(name(&folder)?.to_owned())?, folder.path()).await?;

    println!("declared in YAML");
    let folder = two_models()?;
    let set = WatcherSet::from_str(&WATCHERS.replace("FOLDER", name(&folder)?))?;
    follow(set.watch::<Object<Model>>("models")?, folder.path()).await
}

fn two_models() -> std::io::Result<TempDir> {
    let folder = tempfile::tempdir_in("/tmp")?;
    write(folder.path().join("small.yaml"), "{ layers: 12, quantized: true }")?;
    write(folder.path().join("large.yaml"), "{ layers: 96, quantized: false }")?;
    Ok(folder)
}

fn name(folder: &TempDir) -> Result<&str, &'static str> {
    folder.path().file_name().and_then(OsStr::to_str).ok_or("the name of the folder is no text")
}

async fn follow(mut models: Watch<Object<Model>>, folder: &Path) -> Result<(), Box<dyn Error>> {
    println!("  two models are there");
    observe(&mut models).await?;

    println!("  one is broken by an edit, and keeps its last good value; the other changes");
    write(folder.join("small.yaml"), "{ layers: twelve, quantized: true }")?;
    write(folder.join("large.yaml"), "{ layers: 80, quantized: true }")?;
    observe(&mut models).await?;

    println!("  the edit is corrected");
    write(folder.join("small.yaml"), "{ layers: 24, quantized: true }")?;
    observe(&mut models).await?;

    println!("  it goes away");
    remove_file(folder.join("small.yaml"))?;
    observe(&mut models).await?;

    models.shutdown().await;
    Ok(())
}

/// Prints what a poll tells, and what the status says after it. The first poll comes by itself.
async fn observe(models: &mut Watch<Object<Model>>) -> Result<(), &'static str> {
    let before = models.status().last_success;
    if before.is_some() {
        models.poll_now();
    }
    while models.status().last_success == before {
        tokio::select! {
            event = models.recv() => print(event.ok_or("the watcher has ended")?),
            () = yield_now() => {}
        }
    }
    let report = models.status().report;
    println!("    bad items: {}", report.bad_items);
    if let Some(why) = report.last_bad_item.filter(|_| report.bad_items > 0) {
        println!("    {why}");
    }
    Ok(())
}

fn print(event: ExternalEvent<Object<Model>>) {
    let text = event.map(|object| format!("{}: {:?}", object.path, object.value));
    println!("    {text}");
}
