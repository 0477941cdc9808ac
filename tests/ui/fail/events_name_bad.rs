use koprs_external::{ExternalEvent, WatcherEvents};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Debug, WatcherEvents)]
enum Change {
    #[watcher(name = "Feature_Flags")]
    Flags(ExternalEvent<Flags>),
    #[watcher(name = "")]
    Others(ExternalEvent<Flags>),
    #[watcher(name = 7)]
    More(ExternalEvent<Flags>),
    Überall(ExternalEvent<Flags>),
}

fn main() {}
