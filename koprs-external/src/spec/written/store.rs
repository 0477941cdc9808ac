//! The block `objectStore` as it is written.

use std::time::Duration;

use super::http::of_url;
use super::value::{Map, Value, of_bytes, of_secret, of_time};
use super::{Refused, refuse};
use crate::spec::object_store::{Backend, CONCURRENCY, LISTING_CONCURRENCY};
use crate::spec::{ObjectStoreSpec, SecretSource, body_limit};

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

pub(super) fn block(store: &ObjectStoreSpec) -> Result<Map, Refused> {
    let ObjectStoreSpec {
        url,
        secrets: _,
        backend,
        options: _,
        include,
        exclude,
        settle,
        concurrency,
        listing_concurrency,
        object_limit,
        body_limit,
    } = store;
    let mut map = match backend {
        // The name before the `@` is that of the container.
        Backend::Azure if url.password().is_none() => Map::of("url", url.as_str()),
        _ => Map::of("url", of_url("object_store.url", url)?),
    };
    map.filled("option", options(store)?);
    map.filled("include", include.iter().map(String::as_str).collect::<Value>());
    map.filled("exclude", exclude.iter().map(String::as_str).collect::<Value>());
    if *settle != Duration::ZERO {
        map.put("settle", of_time("object_store.settle", *settle)?);
    }
    map.differing("concurrency", *concurrency, CONCURRENCY);
    map.differing("listingConcurrency", *listing_concurrency, LISTING_CONCURRENCY);
    if let Some(limit) = object_limit {
        map.put("objectLimit", *limit);
    }
    map.differing("bodyLimit", of_bytes(*body_limit), of_bytes(body_limit::DEFAULT));
    Ok(map)
}

/// A text stands in a block of its own too, since the schema of Kubernetes has one type for a value.
fn options(store: &ObjectStoreSpec) -> Result<Map, Refused> {
    let mut map = Map::default();
    for (name, value) in &store.options {
        let setting = format!("object_store.option.{name}");
        let value = match value {
            SecretSource::Value(text) if is_public(name) => Map::of("value", text.expose()),
            SecretSource::Value(_) => {
                let help = "take it from an environment variable (`env`) or a file (`file`)";
                return Err(refuse(
                    &setting,
                    "the option may be a secret, and is not written",
                    help,
                ));
            }
            secret => of_secret(&setting, secret)?,
        };
        map.put(name, value);
    }
    Ok(map)
}

fn is_public(option: &str) -> bool {
    let prefix =
        ["aws_", "google_", "azure_"].iter().find_map(|prefix| option.strip_prefix(prefix));
    PUBLIC.contains(&prefix.unwrap_or(option))
}
