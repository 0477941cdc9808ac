use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", tls(cert = "tls.crt", key = "tls.key")),
    interval = "30s",
)]
struct Tenant {
    id: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", tls(ca = "ca.pem")),
    interval = "30s",
)]
struct Team {
    id: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", tls(ca = "ca.pem")),
    interval = "30s",
)]
struct Plan {
    id: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "http://api.example.com/v1/tenants", unix_socket = "/run/app.sock"),
    interval = "30s",
)]
struct Quota {
    id: String,
}

fn main() {}
