use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants"),
    items(at = "/data", key = "/id"),
    interval = "30s",
)]
struct Tenant {
    #[serde(flatten)]
    id: Id,
}

#[derive(Clone, Debug, Deserialize)]
struct Id {
    id: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants"),
    items(key = "/id"),
    interval = "30s",
)]
struct Team {
    #[serde(skip)]
    id: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/tenants"), items(key = "/0"), interval = "30s")]
struct Pair(String, u8);

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants"),
    items(key = "/Free/id"),
    interval = "30s",
)]
enum Plan {
    Free {
        id: String,
    },
    Paid,
}

fn main() {}
