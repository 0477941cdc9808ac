use koprs_external::ExternalSource;

#[derive(Clone, Debug)]
struct ConfigMap;

#[derive(ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/flags"),
    interval = "30s",
    item = ConfigMap,
)]
struct Settings;

fn main() {}
