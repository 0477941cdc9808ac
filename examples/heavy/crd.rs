//! A declaration in a custom resource: what a tenant of the cluster wants followed stands in an object of theirs.
//!
//! Prints the `CustomResourceDefinition` as JSON, which `kubectl apply -f -` takes, and reads the objects of three
//! tenants as a controller would: one is good, one has mistakes, one reaches for what is not its own. It needs no
//! cluster and ends by itself.
//!
//! ```sh
//! cargo run -p koprs-external-examples-heavy --example crd
//! ```

use koprs_external::declared::WatcherManifest;
use koprs_external::spec::Trust;
use kube::{CustomResource, CustomResourceExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A feed that a tenant wants to have followed.
#[derive(Clone, Debug, CustomResource, Serialize, Deserialize, JsonSchema)]
#[kube(group = "example.com", version = "v1", kind = "TenantFeed", namespaced, shortname = "feed")]
struct TenantFeedSpec {
    /// What is followed, and how often.
    // By its schema the API server refuses most mistakes, not all: no schema knows that a `maxBackoff` is less than
    // the `interval`. A `WatcherSpec` could stand here, too; but then one object with a mistake could not be decoded,
    // and the list of all tenants' objects with it. (`kube::core::DeserializeGuard` is kube's answer to that.)
    watcher: WatcherManifest,
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
        // Two checks: is it a declaration, and is it one that a tenant may make.
        match feed.spec.watcher.spec(Trust::Untrusted) {
            // From here on as any other: `DeclaredSource::new(spec)`.
            Ok(spec) => {
                eprintln!("{namespace}: follows `{}` every {:?}", spec.name(), spec.interval())
            }
            // For the status of the object: the tenant sees it, and nobody else is held up.
            Err(error) => eprintln!("{namespace}: {error}"),
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
    use koprs_external::spec::WatcherSpec;
    use koprs_external_json_schema::not_structural;

    use super::*;

    #[test]
    fn the_definition_is_structural() {
        let crd = serde_json::to_value(TenantFeed::crd()).unwrap();
        let schema = crd.pointer("/spec/versions/0/schema/openAPIV3Schema").unwrap();
        assert_eq!(not_structural(schema), [""; 0]);
        let interval = schema.pointer("/properties/spec/properties/watcher/properties/interval");
        assert!(interval.is_some(), "{schema}");
    }

    #[derive(Clone, Debug, CustomResource, Serialize, Deserialize, JsonSchema)]
    #[kube(group = "example.com", version = "v1", kind = "Feed")]
    struct FeedSpec {
        watcher: WatcherSpec,
    }

    #[test]
    fn a_spec_can_stand_in_a_definition_itself() {
        let crd = |crd| serde_json::to_value(crd).unwrap();
        let at =
            "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/watcher/properties";
        let (own, kept) = (crd(Feed::crd()), crd(TenantFeed::crd()));
        assert_eq!(own.pointer(at).unwrap(), kept.pointer(at).unwrap());
    }

    #[test]
    fn one_tenants_mistake_leaves_the_others_alone() {
        let good =
            json!({ "name": "a", "interval": "30s", "http": { "url": "https://api.example.com" } });
        let list = json!([tenant("blue", good), tenant("green", json!({ "name": 7 }))]);
        let feeds: Vec<TenantFeed> = serde_json::from_value(list).unwrap();
        assert!(
            feeds[0].spec.watcher.spec(Trust::Untrusted).is_ok()
                && feeds[1].spec.watcher.spec(Trust::Untrusted).is_err()
        );
    }
}
