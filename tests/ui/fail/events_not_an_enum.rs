use koprs_external::{ExternalEvent, WatcherEvents};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Debug, WatcherEvents)]
struct Change(ExternalEvent<Flags>);

#[derive(WatcherEvents)]
union Both {
    number: u8,
}

fn main() {}
