//! Values that are compared: the payload can be, whichever type it is.

use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, PartialEq, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), interval = "30s", distinct)]
struct Flags {
    #[allow(dead_code)]
    enabled: Vec<String>,
}

#[derive(ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/flags"),
    interval = "30s",
    item = Vec<String>,
    distinct,
)]
struct Handle;

/// What is not `distinct` needs no `PartialEq`.
#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/flags"),
    interval = "30s",
    distinct = false,
)]
struct Plain {}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    assert!(Flags::source()?.spec().distinct());
    assert!(Handle::source()?.spec().distinct());
    assert!(!Plain::source()?.spec().distinct());
    Ok(())
}
