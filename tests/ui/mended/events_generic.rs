use koprs_external::{ExternalEvent, WatcherEvents};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Debug, WatcherEvents)]
enum Change {
    Flags(ExternalEvent<Flags>),
    Others(ExternalEvent<T>),
}

#[derive(Debug, WatcherEvents)]
enum Borrowed {
    Flags(ExternalEvent<&'a str>),
}

fn main() {}
