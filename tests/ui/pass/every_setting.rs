//! Each setting once, over two attributes.

use std::time::Duration;

use koprs_external::ExternalSource;
use koprs_external::spec::{Format, Method, OnBadItem, SourceSpec};
use serde::Deserialize;

#[derive(Clone, Debug, PartialEq, Deserialize, ExternalSource)]
#[external(http(
    url = "https://api.example.com/v1/flags?a=1",
    query("page_size" = "100", "filter" = "a&b", "filter" = "{{x}}"),
    header("X-Team" = "platform", "Accept" = "application/json"),
    method = post,
    body(json = "[1]"),
    auth(bearer(value = "t0ken")),
    tls(ca = "/etc/tls/ca.pem"),
    pages(link_header, limit = 3),
    timeout = "1m 30s",
    retries = 1,
    respect_max_age = true,
    max_in_flight = 2,
    body_limit = "512KiB",
    header_limit = "1KiB",
    redirect_limit = 3,
))]
#[external(
    name = "flags-of-all",
    interval = "1500ms",
    max_backoff = "1h",
    jitter = "12.5%",
    deadline = "2m",
    decode = "json",
    items(at = "/data", limit = 7),
    on_bad_item = fail,
    ignore("/seen"),
    distinct,
    removal(confirm = 3, hold_above = "25%", hold_min = 20),
    memory_limit = "32MiB",
    walk_limit = "16MiB",
)]
struct Flags {
    #[external(key)]
    #[allow(dead_code)]
    id: String,
    #[allow(dead_code)]
    enabled: Vec<String>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let spec = Flags::spec()?;
    assert_eq!(spec.name(), "flags-of-all");
    assert_eq!(spec.interval(), Duration::from_millis(1500));
    assert_eq!(spec.max_backoff(), Duration::from_secs(3600));
    assert_eq!(spec.jitter(), 0.125);
    assert_eq!(spec.deadline(), Some(Duration::from_secs(120)));
    assert_eq!(spec.decode(), Some(Format::Json));
    let items = spec.items().ok_or("no list")?;
    assert_eq!((items.at().to_string(), items.limit()), ("/data".to_owned(), 7));
    assert_eq!(items.key().map(ToString::to_string).as_deref(), Some("/id"));
    assert_eq!(items.on_bad_item(), OnBadItem::Fail);
    assert_eq!(spec.ignore().iter().map(ToString::to_string).collect::<Vec<_>>(), ["/seen"]);
    let removal = spec.removal();
    assert_eq!((removal.confirm(), removal.hold_above(), removal.hold_min()), (3, 0.25, 20));
    assert!(spec.distinct());
    assert_eq!((spec.memory_limit(), spec.walk_limit()), (32 << 20, 16 << 20));
    let SourceSpec::Http(http) = spec.source() else { unreachable!() };
    assert_eq!(
        http.url().as_str(),
        "https://api.example.com/v1/flags?a=1&page_size=100&filter=a%26b&filter=%7Bx%7D"
    );
    assert_eq!(http.timeout(), Duration::from_secs(90));
    assert_eq!(http.body_limit(), 512 << 10);
    assert_eq!((http.header_limit(), http.redirect_limit()), (1024, 3));
    assert_eq!((http.retries(), http.max_in_flight(), http.respect_max_age()), (1, 2, true));
    assert_eq!((http.method(), http.pages().map(|pages| pages.limit())), (Method::Post, Some(3)));

    let config = Flags::source()?.config();
    assert_eq!(config.max_backoff, Duration::from_secs(3600));
    assert_eq!(config.jitter(), 0.125);
    Ok(())
}
