use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), interval = "30s", item = Vec<String>)]
struct Page;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), interval = "30s", item = Vec<u8>)]
struct List;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), interval = "30s")]
struct Borrowed {
    name: String,
}

#[derive(Clone, Debug, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), interval = "30s", item = [u8; 3])]
struct Row;

fn main() {}
