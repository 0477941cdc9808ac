//! What must be given, and the defaults of the rest.

use std::time::Duration;

use koprs_external::spec::SourceSpec;
use koprs_external::{ExternalSource, WatchConfig};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), interval = "30s")]
struct FeatureFlags {
    #[allow(dead_code)]
    enabled: Vec<String>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let spec = FeatureFlags::spec()?;
    assert_eq!(spec.name(), "feature-flags");
    assert_eq!(spec.interval(), Duration::from_secs(30));
    assert_eq!(spec.max_backoff(), Duration::from_secs(960));
    assert_eq!(spec.jitter(), 0.05);
    assert_eq!(spec.decode(), None);
    let SourceSpec::Http(http) = spec.source() else { unreachable!() };
    assert_eq!(http.url().as_str(), "https://api.example.com/v1/flags");
    assert_eq!(http.timeout(), Duration::from_secs(10));
    assert_eq!(http.body_limit(), 8 << 20);

    let source: FeatureFlagsSource = FeatureFlags::source()?;
    assert_eq!(source.name(), "feature-flags");
    assert_eq!(source.spec(), &spec);
    assert_eq!(source.config(), WatchConfig::new(Duration::from_secs(30)));
    Ok(())
}
