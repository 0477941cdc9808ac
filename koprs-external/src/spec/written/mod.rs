//! The written form of a spec: what a file would say of it, in the order of the reference, and only what differs
//! from the defaults.

mod http;
mod store;
mod value;

use std::fmt;

use serde::ser::{Error, Serialize, Serializer};

use self::value::{Map, Value, of_bytes, of_ratio, of_time};
use super::{Items, OnBadItem, Removal, SourceSpec, WatcherSpec, items, jitter};

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

fn watcher(spec: &WatcherSpec) -> Result<Map, Refused> {
    let WatcherSpec {
        name,
        interval,
        max_backoff,
        jitter,
        deadline,
        decode,
        items,
        ignore,
        distinct,
        removal,
        memory_limit,
        walk_limit,
        source,
        trust: _,
        ports: _,
    } = spec;
    let mut map = Map::of("name", name.as_str());
    map.put("interval", of_time("interval", *interval)?);
    if let Some(longest) = max_backoff {
        map.put("maxBackoff", of_time("max_backoff", *longest)?);
    }
    map.differing("jitter", of_ratio(*jitter), of_ratio(jitter::DEFAULT));
    if let Some(deadline) = deadline {
        map.put("deadline", of_time("deadline", *deadline)?);
    }
    if let Some(format) = decode {
        map.put("decode", format.word());
    }
    if let Some(items) = items {
        map.put("items", list(items));
        map.differing("onBadItem", items.on_bad.word(), OnBadItem::default().word());
    }
    map.filled("ignore", ignore.iter().map(|it| Value::Text(it.to_string())).collect::<Value>());
    map.differing("distinct", *distinct, false);
    map.filled("removal", removals(removal));
    for (name, limit) in [("memoryLimit", memory_limit), ("walkLimit", walk_limit)] {
        if let Some(bytes) = limit {
            map.put(name, of_bytes(*bytes));
        }
    }
    match source {
        SourceSpec::Http(http) => map.put("http", http::block(http)?),
        SourceSpec::ObjectStore(store) => map.put("objectStore", store::block(store)?),
    }
    Ok(map)
}

/// A list is one by its block, also where that is empty.
fn list(list: &Items) -> Map {
    let Items { at, key, limit, on_bad: _ } = list;
    let mut map = Map::default();
    if !at.is_root() {
        map.put("at", at.to_string().as_str());
    }
    if let Some(key) = key {
        map.put("key", key.to_string().as_str());
    }
    map.differing("limit", *limit, items::LIMIT);
    map
}

fn removals(removal: &Removal) -> Map {
    let Removal { confirm, hold_above, hold_min } = *removal;
    let default = Removal::DEFAULT;
    let mut map = Map::default();
    map.differing("confirm", confirm, default.confirm);
    map.differing("holdAbove", of_ratio(hold_above), of_ratio(default.hold_above));
    map.differing("holdMin", hold_min, default.hold_min);
    map
}

#[cfg(test)]
#[cfg(all(feature = "aws", feature = "oauth2"))]
mod tests;
