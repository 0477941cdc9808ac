//! A set that follows its file. Watchers are added, changed and removed while it runs, and a file with a mistake
//! changes nothing.
//!
//! ```bash
//! cargo run --example hot_reload
//! ```

use std::fs;
use std::path::Path;
use std::time::Duration;

use koprs_external::error::Result;
use koprs_external::set::{OnRemovedWatcher, Values, WatcherSet};
use koprs_external_tests::{Folder, Reply, Server};

#[tokio::main]
async fn main() -> Result<()> {
    let server = Server::start().await;
    server.set("/flags", Reply::json(r#"{"dark_mode": true}"#));
    server.set("/limits", Reply::json(r#"{"requests_per_second": 100}"#));
    let folder = Folder::create("hot_reload")?;
    let file = folder.path().join("watchers.yaml");
    let declare = |watchers: &[[&str; 2]]| write(&file, &server, watchers);

    println!("the file declares `flags`");
    declare(&[["flags", "60s"]])?;
    let mut values = WatcherSet::from_path(&file)?
        .reloading(&file)
        .every(Duration::from_millis(100))
        .on_removed_watcher(OnRemovedWatcher::Remove)
        .values()?;
    next(&mut values).await;

    println!("`limits` is added and starts; `flags` makes no event");
    declare(&[["flags", "60s"], ["limits", "60s"]])?;
    next(&mut values).await;

    println!(
        "the interval of `flags` is changed: it restarts, and only what differs makes an event"
    );
    server.set("/flags", Reply::json(r#"{"dark_mode": false}"#));
    declare(&[["flags", "30s"], ["limits", "60s"]])?;
    next(&mut values).await;

    println!("there is a mistake in the file: the running configuration is kept");
    declare(&[["flags", "30"], ["limits", "60s"]])?;
    let handle = values.handle();
    let refused = async {
        loop {
            if let Some(error) = handle.reload().refused {
                return error.to_string();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        error = refused => println!("  {}", error.lines().next().unwrap_or_default()),
        _ = values.recv() => unreachable!("nothing has changed"),
    }

    println!("`flags` is removed from the file, and so is its value");
    declare(&[["limits", "60s"]])?;
    next(&mut values).await;

    values.shutdown().await;
    println!("the watchers have stopped");
    Ok(())
}

/// Writes a new file, and puts it in place of the old one.
fn write(file: &Path, server: &Server, watchers: &[[&str; 2]]) -> Result<()> {
    let mut yaml = "apiVersion: koprs-external/v1\nwatchers:\n".to_owned();
    for [name, interval] in watchers {
        let url = server.url(&format!("/{name}"));
        yaml +=
            &format!("  - {{ name: {name}, interval: {interval}, http: {{ url: '{url}' }} }}\n");
    }
    let new = file.with_extension("new");
    fs::write(&new, yaml)?;
    Ok(fs::rename(new, file)?)
}

/// Prints the next event.
async fn next(values: &mut Values) {
    if let Some(told) = values.recv().await {
        println!("  {:<6} {}", told.watcher, told.event);
    }
}
