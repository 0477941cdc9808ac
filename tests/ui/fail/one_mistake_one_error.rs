use koprs_external::{ExternalSource, WatchConfig};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/flags/{id}"),
    params(id: u64),
    interval = "30",
)]
struct Flags {
    enabled: Vec<String>,
}

fn source() -> koprs_external::error::Result<FlagsSource> {
    let _ = Flags::watch(7)?;
    let _ = Flags::spec(7)?;
    Flags::source(7)
}

fn schedule(source: &FlagsSource) -> WatchConfig {
    let _ = source.name();
    source.config()
}

fn main() {}
