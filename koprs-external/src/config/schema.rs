//! JSON Schemas of declarations, made of the table of settings: of a file, for editors, and of a watcher in a CRD.
//!
//! Neither is the check: it knows no two settings at once but those that must or cannot stand together, and what it
//! lets pass is still refused by the loader. What it refuses, the loader refuses too.

pub(super) mod holds;

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use self::holds::{described, holds};
use super::raw::API_VERSION;
use crate::spec::WatcherSpec;
use crate::spec::table::{Need, Setting, settings_of};

/// Where the schema of this version is found.
const ID: &str =
    "https://raw.githubusercontent.com/bartvanbenthem/koprs/main/schemas/watchers.schema.json";

/// The JSON Schema of a file of watchers, for editors: every setting with its words, its default and an example,
/// and unknown keys refused. It is draft 7, which the YAML language server and the editors that use it know best.
///
/// With the file `schemas/watchers.schema.json` of the repository, which is this schema, a file of watchers begins
///
/// ```yaml
/// # yaml-language-server: $schema=./watchers.schema.json
/// apiVersion: koprs-external/v1
/// ```
///
/// What holds a `${…}` is accepted everywhere but in `apiVersion`: a schema does not know what it stands for.
///
/// What needs more than one setting to be seen is left to the loader: a `maxBackoff` below the `interval`, a
/// setting that has no use beside another, two watchers of one name.
///
/// ```
/// let schema = koprs_external::config::schema();
/// assert_eq!(schema.pointer("/properties/apiVersion/const").unwrap(), "koprs-external/v1");
/// ```
pub fn schema() -> Schema {
    let mut watchers = json!({
        "type": "array",
        "uniqueItems": true,
        "description": "What is followed: a list of watchers, each with a name of its own."
    });
    put(&mut watchers, "items", block("", Use::Watcher));
    let mut defaults = block("", Use::Defaults);
    put(
        &mut defaults,
        "description",
        json!("What holds for every watcher that does not say otherwise."),
    );
    let file = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": ID,
        "title": "Watchers of koprs-external",
        "type": "object",
        "required": ["apiVersion", "watchers"],
        "properties": {
            "apiVersion": { "const": API_VERSION, "description": "The version of the format." },
            "defaults": defaults,
            "watchers": watchers
        },
        "patternProperties": { "^x-": { "description": "A place for anchors." } },
        "additionalProperties": false,
        // An interval is required, here or there.
        "if": {
            "required": ["defaults"],
            "properties": { "defaults": { "type": "object", "required": ["interval"] } }
        },
        "else": { "properties": { "watchers": { "items": { "required": ["interval"] } } } }
    });
    schema_of(file)
}

/// The schema of a watcher as it stands in a CRD, for [`kube::CustomResource`] and the like: structural in the
/// sense of Kubernetes, with no `$ref`.
///
/// No `default` is set, only said: the API server would write it into every object, which would then say what
/// nobody has said, and keep it when the default of the library changes. A value has one type, as Kubernetes wants
/// it: numbers are numbers, and an option of an object store is a block (`aws_region: { value: eu-west-1 }`). Keys
/// that are unknown are dropped by the API server; `kubectl` refuses them before.
///
/// It says nothing of trust: what a tenant wrote is put under [`Untrusted`](crate::spec::Trust::Untrusted) by who
/// reads it.
///
/// [`kube::CustomResource`]: https://docs.rs/kube/latest/kube/derive.CustomResource.html
impl JsonSchema for WatcherSpec {
    fn schema_name() -> Cow<'static, str> {
        "WatcherSpec".into()
    }

    fn schema_id() -> Cow<'static, str> {
        "koprs_external::spec::WatcherSpec".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut watcher = block("", Use::Resource);
        put(
            &mut watcher,
            "description",
            json!("What is followed outside of the cluster, and how often."),
        );
        schema_of(watcher)
    }
}

fn schema_of(value: Value) -> Schema {
    match value {
        Value::Object(map) => map.into(),
        _ => Schema::default(),
    }
}

/// Where a block stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// A watcher of a file.
    Watcher,
    /// The `defaults` of a file.
    Defaults,
    /// A custom resource.
    Resource,
}

impl Use {
    fn has(self, setting: &Setting) -> bool {
        self != Self::Defaults || setting.shared
    }

    /// Whether a setting cannot be left out there.
    fn requires(self, setting: &Setting) -> bool {
        match self {
            // What may be in `defaults` is required here or there.
            Self::Watcher => setting.need == Need::Required && !setting.shared,
            Self::Resource => setting.need == Need::Required,
            Self::Defaults => false,
        }
    }
}

/// A mapping of settings.
fn block(path: &str, place: Use) -> Value {
    let settings = || settings_of(path).filter(|setting| place.has(setting));
    let properties: Map<_, _> =
        settings().map(|setting| (setting.yaml(), property(setting, place))).collect();
    let required: Vec<_> = settings().filter(|it| place.requires(it)).map(Setting::yaml).collect();
    let one_of: Vec<_> = settings()
        .filter(|it| it.need == Need::OneOf && place != Use::Defaults)
        .map(|it| json!({ "required": [it.yaml()] }))
        .collect();
    let mut block = json!({ "type": "object" });
    if !properties.is_empty() {
        put(&mut block, "properties", properties.into());
    }
    if !required.is_empty() {
        put(&mut block, "required", required.into());
    }
    if !one_of.is_empty() {
        put(&mut block, "oneOf", one_of.into());
    }
    if place != Use::Resource {
        put(&mut block, "additionalProperties", false.into());
    }
    block
}

fn property(setting: &Setting, place: Use) -> Value {
    let mut property = holds(setting, place);
    described(&mut property, setting, place);
    property
}

fn put(schema: &mut Value, key: &str, value: Value) {
    if let Value::Object(map) = schema {
        map.insert(key.to_owned(), value);
    }
}
