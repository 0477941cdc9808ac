use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", body(text = "query {viewer} {{login}} { id }")),
    params(viewer: u8),
    interval = "30s",
)]
struct Tenant {
    id: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", body(json = "{\"team\": {team}, \"n\": {n}}")),
    params(team: String, n: u8),
    interval = "30s",
)]
struct Team {
    id: String,
}

fn main() {}
