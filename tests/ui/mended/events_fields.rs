use koprs_external::{ExternalEvent, WatcherEvents};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Debug, WatcherEvents)]
enum Change {
    Flags(ExternalEvent<Flags>),
    Models(ExternalEvent<Models>),
    Tenants(ExternalEvent<Flags>),
    Teams(ExternalEvent<Flags>),
}

fn main() {}
