use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", pages(cursor(at = "next"))),
    items(at = "data", key = "$.id"),
    ignore("updated_at", "", "/a~2"),
    interval = "30s",
)]
struct Tenant {
    id: String,
}

fn main() {}
