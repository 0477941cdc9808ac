use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), interval = "30s", distinct)]
struct Flags {
    enabled: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct Foreign;

#[derive(ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/flags"),
    interval = "30s",
    item = Foreign,
    distinct,
)]
struct Handle;

fn main() {}
