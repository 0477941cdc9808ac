//! Each setting once, over two attributes.

use std::time::Duration;

use koprs_external::ExternalSource;
use koprs_external::spec::{Format, SourceSpec};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(
    url = "https://api.example.com/v1/flags?a=1",
    query("page_size" = "100", "filter" = "a&b", "filter" = "{{x}}"),
    header("X-Team" = "platform", "Accept" = "application/json"),
    auth(bearer(value = "t0ken")),
    timeout = "1m 30s",
    body_limit = "512KiB",
))]
#[external(
    name = "flags-of-all",
    interval = "1500ms",
    max_backoff = "1h",
    jitter = "12.5%",
    decode = "json",
)]
struct Flags {
    #[allow(dead_code)]
    enabled: Vec<String>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let spec = Flags::spec()?;
    assert_eq!(spec.name(), "flags-of-all");
    assert_eq!(spec.interval(), Duration::from_millis(1500));
    assert_eq!(spec.max_backoff(), Duration::from_secs(3600));
    assert_eq!(spec.jitter(), 0.125);
    assert_eq!(spec.decode(), Some(Format::Json));
    let SourceSpec::Http(http) = spec.source() else { unreachable!() };
    assert_eq!(
        http.url().as_str(),
        "https://api.example.com/v1/flags?a=1&page_size=100&filter=a%26b&filter=%7Bx%7D"
    );
    assert_eq!(http.timeout(), Duration::from_secs(90));
    assert_eq!(http.body_limit(), 512 << 10);

    let config = Flags::source()?.config();
    assert_eq!(config.max_backoff, Duration::from_secs(3600));
    assert_eq!(config.jitter(), 0.125);
    Ok(())
}
