//! A payload may be an enum, a newtype, or a foreign type behind a handle.

use koprs_external::spec::Format;
use koprs_external::{ExternalSource, Watch};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[serde(rename_all = "lowercase")]
#[external(http(url = "https://api.example.com/mode"), interval = "30s")]
enum Mode {
    On,
    Off { since: u64 },
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/motd"), interval = "30s", decode = text)]
struct Motd(String);

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/logo"), interval = "30s", decode = bytes)]
struct Logo(Vec<u8>);

mod foreign {
    #[derive(Clone, Debug, serde::Deserialize)]
    pub struct ConfigMap<T> {
        pub data: T,
    }
}

#[derive(ExternalSource)]
#[external(
    http(url = "https://api.example.com/settings"),
    interval = "30s",
    decode = yaml,
    item = foreign::ConfigMap<std::collections::BTreeMap<String, String>>,
)]
struct Settings;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/plans"), interval = "30s", item = Vec<Self>)]
struct Plan(#[allow(dead_code)] String);

fn yields<T>(_: &impl ExternalSource<Item = T>) {}

#[allow(dead_code)]
fn watched() -> koprs_external::error::Result<Watch<Mode>> {
    if let Mode::Off { since: 0 } = Mode::On {}
    Mode::watch()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    yields::<Mode>(&Mode::source()?);
    yields::<Motd>(&Motd::source()?);
    yields::<Logo>(&Logo::source()?);
    yields::<foreign::ConfigMap<std::collections::BTreeMap<_, _>>>(&Settings::source()?);
    yields::<Vec<Plan>>(&Plan::source()?);
    assert_eq!(Mode::spec()?.decode(), None);
    assert_eq!(Motd::spec()?.decode(), Some(Format::Text));
    assert_eq!(Logo::spec()?.decode(), Some(Format::Bytes));
    assert_eq!(Settings::spec()?.decode(), Some(Format::Yaml));
    Ok(())
}
