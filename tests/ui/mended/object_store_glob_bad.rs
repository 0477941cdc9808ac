use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    object_store(url = "s3://models/", include("a/*.yaml", "*.{yaml,yml}", "*.csv"), exclude("tmp/*")),
    interval = "30s"
)]
struct Models {
    name: String,
}

fn main() {}
