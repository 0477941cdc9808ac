use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", method = GET, respect_max_age = "yes"),
    items = "",
    on_bad_item = drop,
    distinct(true),
    interval = "30s",
)]
struct Tenant {
    id: String,
}

fn main() {}
