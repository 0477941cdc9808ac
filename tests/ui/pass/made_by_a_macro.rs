//! A declaration may come from `macro_rules!`, and stand in a function.

use koprs_external::ExternalSource;
use koprs_external::spec::SourceSpec;
use serde::Deserialize;

macro_rules! endpoint {
    ($vis:vis $name:ident($arg:ident: $ty:ty), $url:literal, every $interval:expr, as $format:ident) => {
        #[derive(Clone, Debug, Deserialize, ExternalSource)]
        #[external(
            http(url = $url, query("v" = "{v}")),
            params($arg: $ty, v: u8),
            interval = $interval,
            decode = $format,
        )]
        $vis struct $name(#[allow(dead_code)] Vec<String>);
    };
}

mod inner {
    use super::*;

    endpoint!(pub(super) Flags(id: &'static str), "https://h/{id}", every "1h", as json);
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    endpoint!(Tenants(id: &str), "https://h/{id}", every "30s", as yaml);

    let spec = Tenants::spec("a b", 7)?;
    let SourceSpec::Http(http) = spec.source() else { unreachable!() };
    assert_eq!(http.url().as_str(), "https://h/a%20b?v=7");
    assert_eq!(inner::Flags::source("a", 7)?.config().interval.as_secs(), 3600);
    Ok(())
}
