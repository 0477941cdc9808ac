use koprs_external::{ExternalEvent, WatcherEvents};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Debug, WatcherEvents)]
enum Change {
    #[watcher(name = "flags")]
    Flags(ExternalEvent<Flags>),
    #[watcher(name = "others")]
    Others(ExternalEvent<Flags>),
    #[watcher(name = "7")]
    More(ExternalEvent<Flags>),
    #[watcher(name = "ueberall")]
    Überall(ExternalEvent<Flags>),
}

fn main() {}
