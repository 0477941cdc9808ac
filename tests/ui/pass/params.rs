//! Parameters of any type that has `Display`, with any name, in every place.

use std::fmt;

use koprs_external::ExternalSource;
use koprs_external::spec::SourceSpec;
use serde::Deserialize;

struct Region(&'static str);

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

// The names that the expansion itself might use are free.
#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(
        url = "https://{region}.example.com:{port}/v1/{type}/{spec}?page={params}",
        query("made" = "<{made}>", "config" = "{{{config}}}"),
        header("x-source" = "{source}"),
        auth(bearer(value = "{token}")),
    ),
    params(
        region: Region,
        port: u16,
        r#type: String,
        spec: &str,
        params: &String,
        made: f32,
        config: impl fmt::Display,
        source: std::borrow::Cow<'_, str>,
        token: char,
    ),
    interval = "30s",
)]
struct Flags(#[allow(dead_code)] Vec<String>);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let page = "2".to_owned();
    let flags = |region, kind: &str| {
        Flags::spec(Region(region), 8443, kind.to_owned(), "a b", &page, 1.5, 7, "s".into(), 't')
    };
    let spec = flags("eu-west", "x/y")?;
    let SourceSpec::Http(http) = spec.source() else { unreachable!() };
    assert_eq!(
        http.url().as_str(),
        "https://eu-west.example.com:8443/v1/x%2Fy/a%20b?page=2&made=%3C1.5%3E&config=%7B7%7D"
    );

    // A value cannot become structure; that is an error of the call.
    let refused = [flags("evil.example/", "x"), flags("eu-west", "..")];
    assert!(refused.iter().all(Result::is_err));
    Ok(())
}
