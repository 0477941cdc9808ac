use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x"), interval = "30s")]
struct Flags;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/y"), interval = "30s")]
struct Tenants;

fn main() {}
