use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external()]
struct Flags;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(), interval = "30s")]
struct Tenants;

fn main() {}
