//! A declaration in an object of the cluster, kept as it was written.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{ExternalError, Result};
use crate::spec::{Trust, WatcherSpec};

/// A watcher as it was written, to stand in the spec of a custom resource.
///
/// A list of objects is decoded as one, so that a single object that cannot be decoded takes the whole list down, for
/// every tenant. A [`WatcherSpec`] cannot be wrong, and so an object with a mistake in it cannot be decoded. A
/// manifest can: it is what was written, and it is written back as it was; [`spec`](Self::spec) says what is wrong
/// with it, for the status of that object.
///
/// With the feature `schema` it has the schema of a [`WatcherSpec`], by which the API server refuses most mistakes.
/// There a value has one type: `query: { page_size: "100" }`, `retries: 3`, and of an option of an object store
/// `option: { aws_region: { value: eu-west-1 } }`.
///
/// `Debug` shows nothing of it but its name.
///
/// ```
/// use koprs_external::declared::WatcherManifest;
/// use koprs_external::spec::Trust;
///
/// let manifest: WatcherManifest = serde_json::from_value(serde_json::json!({
///     "name": "flags",
///     "interval": "30s",
///     "http": { "url": "http://169.254.169.254/latest/meta-data" },
/// }))?;
/// assert!(manifest.spec(Trust::Trusted).is_ok());
/// let refused = manifest.spec(Trust::Untrusted).unwrap_err().to_string();
/// assert!(refused.contains("is not on the public internet"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WatcherManifest(Value);

impl WatcherManifest {
    /// The checked declaration, [under](WatcherSpec::under) the trust in who wrote it.
    ///
    /// # Errors
    ///
    /// [`ExternalError::Config`] with every mistake, each with its path; [`ExternalError::Invalid`] with all that is
    /// not for who wrote it.
    pub fn spec(&self, trust: Trust) -> Result<WatcherSpec> {
        self.spec_with_ports(trust, &[])
    }

    /// The same, where it may ask [these ports](WatcherSpec::allow_ports) as well though it is untrusted.
    ///
    /// # Errors
    ///
    /// As [`spec`](Self::spec).
    pub fn spec_with_ports(&self, trust: Trust, ports: &[u16]) -> Result<WatcherSpec> {
        let spec = WatcherSpec::deserialize(&self.0);
        let spec = spec.map_err(|error| ExternalError::Config(error.into()))?;
        Ok(spec.allow_ports(ports.iter().copied()).under(trust)?)
    }
}

impl fmt::Debug for WatcherManifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0.get("name").and_then(Value::as_str);
        f.debug_struct("WatcherManifest").field("name", &name).finish_non_exhaustive()
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for WatcherManifest {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "WatcherManifest".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        WatcherSpec::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn manifest(value: &Value) -> WatcherManifest {
        WatcherManifest::deserialize(value).unwrap()
    }

    #[test]
    fn what_is_wrong_is_read_and_written_back_as_it_was() {
        let written = json!({ "name": 7, "intervall": "30s", "http": { "auth": { "bearer": { "value": "s3cr3t" } } } });
        assert_eq!(serde_json::to_value(manifest(&written)).unwrap(), written);
        let refused = manifest(&written).spec(Trust::Trusted).unwrap_err();
        assert!(refused.is_permanent());
        let refused = refused.to_string();
        assert!(refused.contains("`intervall`") && refused.contains("has no `url`"), "{refused}");
    }

    #[test]
    fn debug_and_errors_hide_what_may_be_a_secret() {
        let written = json!({ "name": "flags", "token": "s3cr3t",
            "http": { "url": "https://u:s3cr3t@h/x", "auth": { "bearer": { "value": "s3cr3t", "x": 1 } } } });
        let manifest = manifest(&written);
        assert_eq!(format!("{manifest:?}"), "WatcherManifest { name: Some(\"flags\"), .. }");
        let refused = manifest.spec(Trust::Untrusted).unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("s3cr3t"), "{refused}");
    }

    #[test]
    fn a_spec_knows_the_trust_it_was_read_under() {
        let written = json!({ "name": "flags", "interval": "30s", "http": { "url": "https://example.com/x" } });
        for trust in [Trust::Trusted, Trust::Untrusted] {
            assert_eq!(manifest(&written).spec(trust).unwrap().trust(), Some(trust));
        }
    }
}
