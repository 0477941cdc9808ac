use koprs_external::{ExternalEvent, WatcherEvents};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Debug, WatcherEvents)]
#[watcher(crate = crate::polling)]
enum Change {
    Flags(ExternalEvent<Flags>),
}

fn main() {}
