use koprs_external::{ExternalEvent, WatcherEvents};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Debug, WatcherEvents)]
enum Change { Flags(ExternalEvent<Flags>) }

#[derive(WatcherEvents)]
enum Both { Flags(ExternalEvent<Flags>) }

fn main() {}
