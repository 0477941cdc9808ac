use koprs_external::{ExternalEvent, WatcherEvents};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
struct Flags {
    enabled: Vec<String>,
}

use koprs_external::set::WatcherSet;

/// With a mistake; what uses it is none.
#[derive(Debug, WatcherEvents)]
enum Change {
    Flags(ExternalEvent<Flags>),
    #[watcher(name = "others")]
    Others(ExternalEvent<Flags>),
}

/// Without the derive: that is told where it is used.
#[derive(Debug)]
enum Underived {
    Flags(ExternalEvent<Flags>),
}

async fn watch(set: &WatcherSet) {
    let mut changes = set.events::<Change>().unwrap();
    while let Some(change) = changes.recv().await {
        match change {
            Change::Flags(event) => drop(event),
            Change::Others(event) => drop(event),
        }
    }
    let _ = set.events::<Underived>();
}

fn main() {}
