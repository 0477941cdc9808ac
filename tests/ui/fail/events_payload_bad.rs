use koprs_external::{ExternalEvent, WatcherEvents};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Clone, Debug)]
struct Undecodable;

#[derive(Deserialize)]
struct Bare;

#[derive(Debug, WatcherEvents)]
enum Change {
    Flags(ExternalEvent<Flags>),
    Undecodable(ExternalEvent<Undecodable>),
}

#[derive(WatcherEvents)]
enum Other {
    Bare(ExternalEvent<Bare>),
}

fn main() {}
