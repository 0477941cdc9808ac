use koprs_external::{ExternalEvent, WatcherEvents};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Debug, WatcherEvents)]
enum Change { Flags(ExternalEvent<Flags>) }

fn uses(event: ExternalEvent<Flags>) -> Vec<String> {
    event.into_value().enabled
}

fn main() {}
