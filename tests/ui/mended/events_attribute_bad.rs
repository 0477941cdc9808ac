use koprs_external::{ExternalEvent, WatcherEvents};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Debug, WatcherEvents)]
#[watcher(crate = koprs_external)]
enum Change {
    #[watcher(name = "flags")]
    Flags(ExternalEvent<Flags>),
    #[watcher(name = "others")]
    Others(ExternalEvent<Flags>),
    #[watcher(name = "flags-of-more")]
    More(ExternalEvent<Flags>),
    #[watcher(name = "a")]
    Twice(ExternalEvent<Flags>),
    #[watcher(name = "flags-of-tenants")]
    Bare(ExternalEvent<Flags>),
    #[watcher(name = "c")]
    OnTheField(ExternalEvent<Flags>),
}

fn main() {}
