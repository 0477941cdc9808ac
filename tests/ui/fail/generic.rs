use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), interval = "30s")]
struct Page<'a, T> {
    items: &'a [T],
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), interval = "30s")]
struct List<T> {
    items: Vec<T>,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), interval = "30s")]
struct Borrowed<'a> {
    name: &'a str,
}

#[derive(Clone, Debug, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), interval = "30s")]
struct Row<const N: usize> {
    cells: [u8; N],
}

fn main() {}
