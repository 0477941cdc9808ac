use koprs_external::{ExternalSource, WatchConfig};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/flags/{id}"),
    params(id: u64),
    interval = "30s",
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

// So has each of these: the items are there all the same.

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x"), interval = "30s")]
struct Bare {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x"), interval = "30s")]
struct NotAList {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/{id}/{team}"), params(id: String, team: String), interval = "30s")]
struct Untyped {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/{id}"), params(id: u64), interval = "30s")]
struct Twice {
    enabled: Vec<String>,
}

fn sources() -> koprs_external::error::Result<()> {
    let _: BareSource = Bare::source()?;
    let _: NotAListSource = NotAList::source()?;
    let _: UntypedSource = Untyped::source(String::new(), String::new())?;
    let _: TwiceSource = Twice::source(7)?;
    Ok(())
}

fn main() {}
