//! The written form of a spec: what a file would say of it, in the order of the reference, and only what differs
//! from the defaults.

mod value;

use std::fmt;

use http::header::{AUTHORIZATION, COOKIE};
use serde::ser::{Error, Serialize, Serializer};
use url::Url;

use self::value::{Map, Value, of_bytes, of_path, of_ratio, of_secret, of_time};
use super::settings::{Given, Pair, StoreOption, Value as Setting};
use super::table::{Kind, Row, row};
use super::{Method, SecretSource, SourceSpec, WatcherSpec};

/// What cannot be written: which setting, why, and what to do.
#[derive(Debug)]
struct Refused {
    setting: String,
    message: String,
    help: &'static str,
}

fn refuse(setting: &str, message: impl Into<String>, help: &'static str) -> Refused {
    Refused { setting: setting.to_owned(), message: message.into(), help }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { setting, message, help } = self;
        write!(f, "`{setting}`: {message} ({help})")
    }
}

/// As an entry of `watchers` in a file: names in `camelCase`, durations as `30s`, sizes as `8MiB`, percentages as
/// `50%`, and only what differs from the defaults. What is written is read again as the same spec, by
/// [`Deserialize`](serde::Deserialize); [who wrote it](super::Trust) is not written.
///
/// A secret is never written: a spec with a literal one (`SecretSource::Value`, userinfo in a URL, a header like
/// `Authorization`) is not serialized, and the error names its setting. Name an environment variable or a file
/// instead. What else stands in a URL, in headers and in a body is written as it is.
///
/// # Errors
///
/// Those of the format; a literal secret; and what no file can say: a path that is not UTF-8, a header that
/// stands twice, a duration above 365 d.
///
/// ```
/// # use std::time::Duration;
/// use koprs_external::spec::WatcherSpec;
///
/// let spec = WatcherSpec::http("flags", "https://api.example.com/v1/flags")
///     .interval(Duration::from_secs(30))
///     .retries(5)
///     .build()?;
/// assert_eq!(
///     serde_json::to_string(&spec)?,
///     r#"{"name":"flags","interval":"30s","http":{"url":"https://api.example.com/v1/flags","retries":5}}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Serialize for WatcherSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        watcher(self).map_err(S::Error::custom)?.serialize(serializer)
    }
}

/// Each setting that differs from its default, in the block that it stands in.
fn watcher(spec: &WatcherSpec) -> Result<Map, Refused> {
    let mut map = Map::default();
    for given in spec.settings.given().filter(|given| is_written(given)) {
        if given.row == row!("http.method") && spec.has_default_method() {
            continue;
        }
        let written = match &spec.source {
            // Its query is part of it, since a parameter may stand there twice.
            SourceSpec::Http(http) if given.row == row!("http.url") => {
                of_url(given.row, http.url.as_str())?
            }
            _ => written(given)?,
        };
        map.put_at(&given.row.yaml_path(), written);
    }
    Ok(map)
}

impl WatcherSpec {
    /// Whether its method is the one that it has without one.
    fn has_default_method(&self) -> bool {
        match &self.source {
            SourceSpec::Http(http) => {
                http.method == if http.body.is_some() { Method::Post } else { Method::Get }
            }
            SourceSpec::ObjectStore(_) => false,
        }
    }
}

/// Whether there is something to write: a value that is not the default, or a block that says something by itself.
fn is_written(given: &Given) -> bool {
    let Given { row, value, .. } = given;
    match value {
        Setting::Block => [row!("items"), row!("http.pages.link_header")].contains(row),
        _ if given.says_nothing() => false,
        value => *row != row!("http.query") && row.default.value().as_ref() != Some(value),
    }
}

fn written(Given { row, value, .. }: &Given) -> Result<Value, Refused> {
    let path = row.path();
    Ok(match value {
        Setting::Block => Value::Map(Map::default()),
        Setting::Flag(on) => Value::Flag(*on),
        Setting::Whole(number) => Value::Whole(*number),
        Setting::Bytes(bytes) => of_bytes(*bytes),
        Setting::Ratio(ratio) => of_ratio(*ratio),
        Setting::Duration(time) => of_time(&path, *time)?,
        Setting::Word(word) => (*word).into(),
        Setting::Text(text) if matches!(row.kind, Kind::Url(_)) => of_url(*row, text)?,
        Setting::Text(text) => text.as_str().into(),
        Setting::Path(file) => of_path(&path, file)?,
        Setting::Secret(_) => {
            let help = "name an environment variable (`env`) or a file (`file`)";
            return Err(refuse(row.block, "a literal secret is not written", help));
        }
        Setting::List(entries) => entries.iter().map(|entry| entry.text.as_str()).collect(),
        Setting::Pairs(pairs) => headers(pairs)?.into(),
        Setting::Options(options) => store_options(options)?.into(),
    })
}

/// A URL. A brace in it would be read as a placeholder.
fn of_url(row: Row, text: &str) -> Result<Value, Refused> {
    let url = Url::parse(text).ok();
    // The name before the `@` of a store is that of the container.
    let is_container = row == row!("object_store.url");
    let has_secret =
        |url: &Url| url.password().is_some() || !is_container && !url.username().is_empty();
    if url.as_ref().is_none_or(has_secret) {
        let help = "write the credential as `auth`, from an environment variable or a file";
        let message = "a literal secret is not written, and the URL has userinfo";
        return Err(refuse(&row.path(), message, help));
    }
    Ok(Value::Text(text.replace('{', "%7B").replace('}', "%7D")))
}

/// Headers, but for those that carry a credential by their definition.
fn headers(pairs: &[Pair]) -> Result<Map, Refused> {
    let is_credential = |name: &str| {
        [AUTHORIZATION, COOKIE].iter().any(|it| it.as_str().eq_ignore_ascii_case(name))
    };
    let secret = pairs.iter().find(|pair| is_credential(&pair.name.text));
    if let Some(Pair { name, .. }) = secret {
        let setting = format!("http.header.{}", name.text.to_ascii_lowercase());
        let help = "write it as `auth`, from an environment variable or a file";
        return Err(refuse(&setting, "a literal secret is not written", help));
    }
    let mut map = Map::default();
    for Pair { name, value, .. } in pairs {
        let name = name.text.to_ascii_lowercase();
        if map.has(&name) {
            let help = "join the values, with a comma between them";
            let setting = format!("http.header.{name}");
            return Err(refuse(&setting, "a header that stands twice cannot be written", help));
        }
        map.put(&name, value.text.as_str());
    }
    Ok(map)
}

/// Options that hold no secret. What is not named here may be one, and is not written.
const PUBLIC: [&str; 14] = [
    "region",
    "default_region",
    "bucket",
    "bucket_name",
    "account_name",
    "storage_account_name",
    "container_name",
    "allow_http",
    "skip_signature",
    "virtual_hosted_style_request",
    "use_emulator",
    "use_azure_cli",
    "timeout",
    "connect_timeout",
];

/// A text stands in a block of its own too, since the schema of Kubernetes has one type for a value.
fn store_options(options: &[StoreOption]) -> Result<Map, Refused> {
    let mut map = Map::default();
    for StoreOption { name, value, .. } in options {
        let name = name.text.to_ascii_lowercase();
        let setting = format!("object_store.option.{name}");
        let value = match value {
            Some(SecretSource::Value(text)) if is_public(&name) => Map::of("value", text.expose()),
            Some(SecretSource::Value(_)) | None => {
                let help = "take it from an environment variable (`env`) or a file (`file`)";
                let message = "the option may be a secret, and is not written";
                return Err(refuse(&setting, message, help));
            }
            Some(secret) => of_secret(&setting, secret)?,
        };
        map.put(&name, value);
    }
    Ok(map)
}

fn is_public(option: &str) -> bool {
    let prefix =
        ["aws_", "google_", "azure_"].iter().find_map(|prefix| option.strip_prefix(prefix));
    PUBLIC.contains(&prefix.unwrap_or(option))
}

#[cfg(test)]
#[cfg(all(feature = "aws", feature = "oauth2"))]
mod tests;
