use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", auth(bearer(env = "TOKEN"))),
    interval = "30s",
)]
struct Tenant {
    id: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", auth(basic(username = "operator", password(env = "PASSWORD")))),
    interval = "30s",
)]
struct Team {
    id: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", auth(header(name = "X-Api-Key", env = "KEY"))),
    interval = "30s",
)]
struct Plan {
    id: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", auth(query(name = "api_key", env = "KEY"))),
    interval = "30s",
)]
struct Quota {
    id: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", auth(oauth2(token_url = "https://login.example.com/token", client_id = "operator", client_secret(env = "SECRET")))),
    interval = "30s",
)]
struct Seat {
    id: String,
}

fn main() {}
