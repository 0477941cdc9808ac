use koprs_external::{ExternalEvent, WatcherEvents};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Debug, WatcherEvents)]
enum Change {
    Flags,
    Models(),
    Tenants(ExternalEvent<Flags>, ExternalEvent<Flags>),
    Teams { event: ExternalEvent<Flags> },
}

fn main() {}
