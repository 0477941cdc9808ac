//! A declaration in a custom resource: what a tenant of the cluster wants followed stands in an object of theirs.
//!
//! Prints the `CustomResourceDefinition` as JSON, which `kubectl apply -f -` takes, and reads the objects of three
//! tenants as a controller would: one is good, one has mistakes, one reaches for what is not its own. It needs no
//! cluster and ends by itself.
//!
//! ```sh
//! cargo run --example crd
//! ```

use koprs_external::spec::{Trust, WatcherSpec};
use kube::{CustomResource, CustomResourceExt};
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

/// A feed that a tenant wants to have followed.
#[derive(Clone, Debug, CustomResource, Serialize, Deserialize, JsonSchema)]
#[kube(group = "example.com", version = "v1", kind = "TenantFeed", namespaced, shortname = "feed")]
struct TenantFeedSpec {
    /// What is followed, and how often.
    ///
    /// The schema is that of `WatcherSpec`, and so the API server refuses most mistakes. Not all of them: no schema
    /// knows that a `maxBackoff` is less than the `interval`. A typed list (`Api<TenantFeed>`) is decoded as one,
    /// and a single object that cannot be would take the whole list down with it, for every tenant. So the field
    /// keeps what is wrong with it, and the object is decoded either way; `kube::core::DeserializeGuard` does the
    /// same around a whole object, and says which one it was.
    #[schemars(with = "WatcherSpec")]
    watcher: Checked,
}

/// A watcher of a tenant, or what is wrong with it.
#[derive(Clone, Debug)]
struct Checked {
    /// As it stands in the object, so that it is written back as it was.
    raw: Value,
    spec: Result<WatcherSpec, String>,
}

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Value::deserialize(deserializer)?;
        if !raw.is_object() {
            return Err(D::Error::custom("`watcher` must be a mapping"));
        }
        // Two checks: is it a declaration, and is it one that a tenant may make. Until the second is passed no
        // source is made of it.
        let spec = WatcherSpec::deserialize(&raw).map_err(|error| error.to_string());
        let spec = spec
            .and_then(|spec| spec.under(Trust::Untrusted).map_err(|refused| refused.to_string()));
        Ok(Self { raw, spec })
    }
}

impl Serialize for Checked {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw.serialize(serializer)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{}", serde_json::to_string_pretty(&TenantFeed::crd())?);

    let list = json!([
        tenant(
            "blue",
            json!({
                "name": "flags", "interval": "30s",
                "http": { "url": "https://api.example.com/v1/flags", "retries": 1 }
            })
        ),
        tenant(
            "green",
            json!({
                "name": "flags", "interval": "5m", "maxBackoff": "30s",
                "http": { "url": "https://api.example.com/v1/flags", "timout": "5s" }
            })
        ),
        tenant(
            "red",
            json!({
                "name": "flags", "interval": "30s",
                "http": { "url": "http://169.254.169.254/latest/meta-data", "auth": { "bearer": { "env": "TOKEN" } } }
            })
        ),
    ]);
    let feeds: Vec<TenantFeed> = serde_json::from_value(list)?;
    for feed in feeds {
        let namespace = feed.metadata.namespace.unwrap_or_default();
        match feed.spec.watcher.spec {
            // From here on as any other: `HttpPoller` and `watch` of it.
            Ok(spec) => {
                eprintln!("{namespace}: follows `{}` every {:?}", spec.name(), spec.interval())
            }
            // For the status of the object: the tenant sees it, and nobody else is held up.
            Err(mistakes) => eprintln!("{namespace}: {mistakes}"),
        }
    }
    Ok(())
}

fn tenant(namespace: &str, watcher: Value) -> Value {
    json!({
        "apiVersion": "example.com/v1",
        "kind": "TenantFeed",
        "metadata": { "name": "feed", "namespace": namespace },
        "spec": { "watcher": watcher }
    })
}

#[cfg(test)]
mod tests {
    use koprs_external_tests::json_schema::not_structural;

    use super::*;

    #[test]
    fn the_definition_is_structural() {
        let crd = serde_json::to_value(TenantFeed::crd()).unwrap();
        let schema = crd.pointer("/spec/versions/0/schema/openAPIV3Schema").unwrap();
        assert_eq!(not_structural(schema), [""; 0]);
        let interval = schema.pointer("/properties/spec/properties/watcher/properties/interval");
        assert!(interval.is_some(), "{schema}");
    }

    #[test]
    fn one_tenants_mistake_leaves_the_others_alone() {
        let good =
            json!({ "name": "a", "interval": "30s", "http": { "url": "https://api.example.com" } });
        let list = json!([tenant("blue", good), tenant("green", json!({ "name": 7 }))]);
        let feeds: Vec<TenantFeed> = serde_json::from_value(list).unwrap();
        assert!(feeds[0].spec.watcher.spec.is_ok() && feeds[1].spec.watcher.spec.is_err());
    }
}
