use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", retries = 10, max_in_flight = 1, redirect_limit = 10, pages(link_header, limit = 10)),
    items(limit = 1),
    removal(confirm = 1, hold_min = 10, hold_above = "50%"),
    interval = "30s",
)]
struct Tenant {
    id: String,
}

fn main() {}
