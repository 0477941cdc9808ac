use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", auth(basic(username = "operator:secret", password(value = "")))),
    interval = "30s",
)]
struct Tenant {
    id: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", auth(header(name = "X Key", prefix = "Token\n", env = "$KEY"))),
    interval = "30s",
)]
struct Team {
    id: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", header("x-api-key" = "1"), auth(header(name = "X-Api-Key", env = "KEY"))),
    interval = "30s",
)]
struct Plan {
    id: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", query("api_key" = "1"), auth(query(name = "api_key", env = "KEY"))),
    interval = "30s",
)]
struct Quota {
    id: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", auth(oauth2(token_url = "https://user@login.example.com/token", client_id = "", client_secret(env = "SECRET"), scopes("read write"), margin = "30"))),
    interval = "30s",
)]
struct Seat {
    id: String,
}

fn main() {}
