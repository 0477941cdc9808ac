use koprs_external::{ExternalEvent, WatcherEvents};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Debug, WatcherEvents)]
#[watcher(krate = koprs_external)]
enum Change {
    #[watcher(nmae = "flags")]
    Flags(ExternalEvent<Flags>),
    #[watcher(interval = "30s")]
    Others(ExternalEvent<Flags>),
    #[watcher]
    More(ExternalEvent<Flags>),
    #[watcher(name = "a", name = "b")]
    Twice(ExternalEvent<Flags>),
    #[watcher("tenants")]
    Bare(ExternalEvent<Flags>),
    OnTheField(#[watcher(name = "c")] ExternalEvent<Flags>),
}

fn main() {}
