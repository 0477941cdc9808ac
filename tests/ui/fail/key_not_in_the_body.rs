use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants"),
    items = "/data",
    interval = "30s",
)]
struct Tenant {
    #[external(key)]
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
    items = "/data",
    interval = "30s",
)]
struct Team {
    #[external(key)]
    #[serde(skip)]
    id: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/tenants"), items = "/data", interval = "30s")]
struct Pair(#[external(key)] String, u8);

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants"),
    items = "/data",
    interval = "30s",
)]
enum Plan {
    Free {
        #[external(key)]
        id: String,
    },
    #[external(key)]
    Paid,
}

fn main() {}
