//! The schemas of a file and of a CRD, against the files that people write and the rules of Kubernetes.

use std::path::{Path, PathBuf};
use std::{env, fs};

use koprs_external::config;
use koprs_external::spec::WatcherSpec;
use koprs_external_json_schema::{mistakes, not_structural};
use serde_json::Value;

use crate::yaml::fixtures;

/// What this schema leaves to the loader: most is of two settings at once, the rest of what stands in a text. Files
/// that are not YAML are refused before.
const LEFT_TO_THE_LOADER: &[&str] = &[
    "bad-header",
    "body-of-a-get",
    "content-of-a-file-as-its-path",
    "duplicate-header",
    "duplicate-name",
    "environment-in-the-url",
    "header-of-the-connection",
    "interval-over-default-max-backoff",
    "items-of-a-text",
    "list-without-a-key",
    "object-store-bucket-twice",
    "object-store-globs-of-people",
    "object-store-option-values",
    "placeholder",
    "secret-of-several-lines",
    "short-deadline",
    "short-interval",
    "short-max-backoff-in-defaults",
    "short-max-backoff",
    "signed-urls",
    "two-credentials",
    "variable-that-is-not-expanded",
    "zero-limits",
];

/// A file as an editor sees it; nothing where it is no YAML.
fn value(file: &Path) -> Option<Value> {
    let text = fs::read_to_string(file).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    serde_saphyr::from_str(text).ok()
}

fn of_a_file() -> Value {
    config::schema().to_value()
}

#[test]
fn the_schema_in_the_repository_is_current() {
    let file = Path::new("../schemas/watchers.schema.json");
    let schema = serde_json::to_string_pretty(&of_a_file()).unwrap() + "\n";
    if env::var_os("UPDATE").is_some() {
        fs::create_dir_all("../schemas").unwrap();
        fs::write(file, &schema).unwrap();
    }
    let kept = fs::read_to_string(file).unwrap_or_default();
    assert!(kept == schema, "{} is not what the library says: `just bless`", file.display());
}

#[test]
fn each_valid_file_is_valid_by_the_schema() {
    let schema = of_a_file();
    for file in fixtures("valid") {
        let value = value(&file).unwrap();
        assert_eq!(mistakes(&schema, &value), [""; 0], "{}", file.display());
    }
}

#[test]
fn an_invalid_file_is_refused_by_the_schema_or_left_to_the_loader() {
    let schema = of_a_file();
    let passes =
        |file: &PathBuf| value(file).is_some_and(|value| mistakes(&schema, &value).is_empty());
    let name = |file: PathBuf| file.file_stem().unwrap().to_str().unwrap().to_owned();
    let passing: Vec<_> = fixtures("invalid").into_iter().filter(passes).map(name).collect();
    assert_eq!(passing, LEFT_TO_THE_LOADER);
}

#[test]
fn an_editor_is_told_what_each_setting_is() {
    fn walk(schema: &Value, told: &mut Vec<String>) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let description = property["description"].as_str().unwrap_or_default();
            assert!(!description.is_empty(), "{name}");
            told.push(description.to_owned());
            walk(property, told);
            walk(&property["items"], told);
        }
    }
    let mut told = Vec::new();
    walk(&of_a_file(), &mut told);
    let retries =
        "Requests after the first that a poll may make; a POST is not repeated. Default: `2`.";
    assert!(told.iter().any(|description| description == retries), "{told:#?}");
    let interval = "The wait after a successful poll, as `30s`. Required, here or in `defaults`.";
    assert!(told.iter().any(|description| description == interval), "{told:#?}");
}

#[test]
fn an_interval_is_required_in_the_defaults_or_in_each_watcher() {
    let cases = [
        ("", "", false),
        ("", "interval: 30s, ", true),
        ("defaults: { interval: 30s }\n", "", true),
        ("defaults: { jitter: 5% }\n", "", false),
    ];
    for (defaults, own, valid) in cases {
        let text = format!(
            "apiVersion: koprs-external/v1\n{defaults}watchers: [{{ name: flags, {own}http: {{ url: https://h/x }} }}]\n"
        );
        let value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(mistakes(&of_a_file(), &value).is_empty(), valid, "{text}");
    }
}

fn of_a_resource() -> Value {
    let generator = schemars::SchemaGenerator::default();
    let mut schema = generator.into_root_schema_for::<WatcherSpec>().to_value();
    // What schemars says of a schema that stands by itself.
    ["$schema", "title"].iter().for_each(|key| drop(schema.as_object_mut().unwrap().remove(*key)));
    schema
}

#[test]
fn the_schema_of_a_crd_is_structural() {
    assert_eq!(not_structural(&of_a_resource()), [""; 0]);
}

/// The API server would write them into the objects.
#[test]
fn the_schema_of_a_crd_sets_no_defaults() {
    fn walk(schema: &Value) {
        assert_eq!(schema.get("default"), None);
        let inner = schema.as_object().into_iter().flatten().map(|(_, inner)| inner);
        inner.for_each(walk);
    }
    let schema = of_a_resource();
    walk(&schema);
    let retries = schema.pointer("/properties/http/properties/retries").unwrap();
    assert_eq!(
        retries["description"],
        "Requests after the first that a poll may make; a POST is not repeated. Default: `2`."
    );
    assert_eq!((&retries["minimum"], &retries["maximum"]), (&Value::from(0), &Value::from(10)));
}
