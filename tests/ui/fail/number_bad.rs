use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", retries = 11, max_in_flight = 0, redirect_limit = "many", header_limit = "0", pages(link_header, limit = -1)),
    items(limit = 0),
    removal(confirm = 0, hold_min = 1.5, hold_above = 0.5),
    interval = "30s",
)]
struct Tenant {
    id: String,
}

fn main() {}
