use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", method = get, respect_max_age),
    items = "",
    on_bad_item = keep,
    distinct,
    interval = "30s",
)]
struct Tenant {
    id: String,
}

fn main() {}
