//! One vocabulary: each setting of the table in YAML, in the schemas, in the builder and in the derive, with one
//! default and one check.

mod bounds;
mod builder;
mod derive;
mod limits;
mod planted;
mod reference;

use std::path::Path;

use koprs_external_json_schema::mistakes;
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::schema::{holds, schema};
use super::{File, Rules, tree};
use crate::spec::table::{Default, Kind, Need, SETTINGS, Setting, settings_of};
use crate::spec::{Trust, WatcherSpec};

/// The example of a setting, typed as the schema of a CRD wants it.
fn example(setting: &Setting) -> Value {
    if matches!(setting.kind, Kind::Options { .. }) {
        return json!({ "aws_region": { "value": "eu-west-1" } });
    }
    let node = tree::parse(setting.example, &mut Vec::new()).unwrap();
    match setting.kind {
        Kind::Block => typed(&setting.path(), &holds::written(holds::TEXT, &node)),
        kind => holds::written(kind, &node),
    }
}

/// A block whose settings have their types.
fn typed(block: &str, value: &Value) -> Value {
    let entries = value.as_object().into_iter().flatten().map(|(name, value)| {
        let setting = settings_of(block).find(|it| it.yaml() == *name).unwrap();
        let value = match setting.kind {
            Kind::Block => typed(&setting.path(), value),
            Kind::Whole { .. } => json!(value.as_str().unwrap().parse::<u64>().unwrap()),
            _ => value.clone(),
        };
        (name.clone(), value)
    });
    Value::Object(entries.collect())
}

/// A watcher with this setting, and what cannot be left out beside it.
fn watcher(setting: &Setting, value: &Value) -> Value {
    let path = setting.path();
    let mut watcher = block("", &path, value);
    let mut put = |pointer: &str, name: &str, value: Value| {
        let block = watcher.pointer_mut(pointer).and_then(Value::as_object_mut).unwrap();
        block.insert(name.to_owned(), value);
    };
    match path.as_str() {
        path if path.starts_with("http.pages") || path == "on_bad_item" => {
            put("", "items", json!({ "at": "/data", "key": "/id" }));
        }
        "http.tls.cert" => put("/http/tls", "key", json!("tls.key")),
        "http.tls.key" => put("/http/tls", "cert", json!("tls.crt")),
        "http.unix_socket" => put("/http", "url", json!("http://localhost/x")),
        _ => {}
    }
    watcher
}

fn block(of: &str, path: &str, value: &Value) -> Value {
    let on_path = |setting: &Setting| {
        let own = setting.path();
        path == own || path.strip_prefix(&own).is_some_and(|rest| rest.starts_with('.'))
    };
    let chosen = settings_of(of).any(|it| it.need == Need::OneOf && on_path(it));
    let first = settings_of(of).find(|it| it.need == Need::OneOf && !chosen).map(Setting::path);
    let mut map = Map::new();
    for setting in settings_of(of) {
        let own = setting.path();
        if own == path {
            map.insert(setting.yaml(), value.clone());
        } else if on_path(setting) {
            map.insert(setting.yaml(), block(&own, path, value));
        } else if setting.need == Need::Required || first.as_ref() == Some(&own) {
            map.insert(setting.yaml(), example(setting));
        }
    }
    Value::Object(map)
}

/// A file of one watcher.
fn file(watcher: &Value) -> Value {
    json!({ "apiVersion": "koprs-external/v1", "watchers": [watcher] })
}

fn loaded(watcher: &Value) -> Result<WatcherSpec, String> {
    let path = Path::new("watchers.yaml").into();
    let file = File { path, bytes: file(watcher).to_string().into_bytes() };
    let loaded = super::load(&[file], &Rules::default()).map_err(|it| it.to_string())?;
    Ok(*loaded.watchers.into_iter().next().unwrap().spec)
}

fn deserialized(watcher: &Value) -> Result<WatcherSpec, String> {
    serde_json::from_value(watcher.clone()).map_err(|error| error.to_string())
}

fn crd() -> Value {
    SchemaGenerator::default().into_root_schema_for::<WatcherSpec>().to_value()
}

fn resource_mistakes(watcher: &Value) -> Vec<String> {
    mistakes(&crd(), watcher)
}

#[test]
fn each_setting_is_read_from_its_example() {
    for setting in SETTINGS {
        let watcher = watcher(setting, &example(setting));
        let read = loaded(&watcher).unwrap_or_else(|told| panic!("{}: {told}", setting.path()));
        let bare = deserialized(&watcher).unwrap();
        assert_eq!(bare.trust(), None);
        assert_eq!(bare.under(Trust::Trusted).unwrap(), read, "{}", setting.path());
    }
}

#[test]
fn each_setting_stands_in_both_schemas_and_they_accept_its_example() {
    let (of_a_file, of_a_resource) = (schema().to_value(), crd());
    for setting in SETTINGS {
        let path: Vec<_> = setting.path().split('.').map(crate::spec::table::camel).collect();
        let pointer = format!("/properties/{}", path.join("/properties/"));
        let at = |schema: &Value, root: &str| schema.pointer(&format!("{root}{pointer}")).cloned();
        let watchers = "/properties/watchers/items";
        assert!(at(&of_a_file, watchers).is_some(), "{pointer}");
        assert!(at(&of_a_resource, "").is_some(), "{pointer}");
        let shared = at(&of_a_file, "/properties/defaults").is_some();
        let inherited = setting.block.starts_with("http.tls") || setting.block == "removal";
        assert_eq!(shared, setting.shared || inherited, "{pointer}");
        let watcher = watcher(setting, &example(setting));
        assert_eq!(mistakes(&of_a_file, &file(&watcher)), [""; 0], "{pointer}");
        assert_eq!(resource_mistakes(&watcher), [""; 0], "{pointer}");
    }
}

/// A value that holds a variable, of a kind that has no other settings in it.
fn variable(kind: Kind) -> Option<Value> {
    Some(match kind {
        Kind::Block => return None,
        Kind::List { of, .. } => json!([variable(*of)?]),
        Kind::Map { .. } | Kind::Options { .. } => json!({ "aws_region": "${V:-eu-west-1}" }),
        _ => json!("${V_OF_A_NAME_THAT_IS_LONGER_THAN_WHAT_IT_STANDS_FOR_CAN_EVER_BE:-x}/1"),
    })
}

#[test]
fn an_editor_accepts_a_variable_in_every_setting_and_a_resource_has_none() {
    let schema = schema().to_value();
    for setting in SETTINGS {
        let Some(variable) = variable(setting.kind) else { continue };
        let path = setting.path();
        let watcher = watcher_unchecked(setting, &variable);
        assert_eq!(mistakes(&schema, &file(&watcher)), [""; 0], "{path}");
        if !matches!(
            setting.kind,
            Kind::Text { .. }
                | Kind::Filled { .. }
                | Kind::Path
                | Kind::Json { .. }
                | Kind::Map { .. }
        ) && !matches!(setting.kind, Kind::List { of: Kind::Filled { .. }, .. })
        {
            assert_ne!(resource_mistakes(&watcher), [""; 0], "{path}");
        }
    }
}

/// What is written out of a default is nothing, so it is the default of the checks.
#[test]
fn each_default_of_the_table_is_that_of_the_library() {
    for setting in SETTINGS {
        let Some(default) = setting.default.written() else { continue };
        let watcher = watcher(setting, &holds::scalar(setting.kind, &default));
        let spec =
            deserialized(&watcher).unwrap_or_else(|told| panic!("{}: {told}", setting.path()));
        let written = serde_json::to_value(&spec).unwrap();
        let path: Vec<_> = setting.path().split('.').map(crate::spec::table::camel).collect();
        assert_eq!(written.pointer(&format!("/{}", path.join("/"))), None, "{}", setting.path());
    }
}

#[test]
fn defaults_in_words_are_those_of_the_library() {
    let spec = deserialized(&watcher(SETTINGS.first().unwrap(), &json!("flags"))).unwrap();
    let words = |path: &str| match SETTINGS.iter().find(|it| it.path() == path).unwrap().default {
        Default::Words(words) => words,
        other => panic!("{path}: {other:?}"),
    };
    assert_eq!(spec.max_backoff(), spec.interval() * 32);
    assert!(words("max_backoff").ends_with("× 32"));
    for (path, default) in
        [("memory_limit", spec.memory_limit()), ("walk_limit", spec.walk_limit())]
    {
        let [trusted, untrusted] =
            [default, crate::memory::UNTRUSTED_LIMIT].map(crate::spec::size::show);
        let limits = format!("`{trusted}`, and `{untrusted}` of an untrusted declaration");
        assert_eq!(words(path), limits);
    }
    let limits = format!(
        "`{}`, and `{}` where contents are kept",
        crate::spec::object_store::OBJECT_LIMIT,
        crate::spec::object_store::CONTENT_LIMIT
    );
    assert_eq!(words("object_store.object_limit"), limits);
}

#[test]
fn each_least_number_of_the_table_is_that_of_the_checks() {
    let refused =
        |setting: &Setting, value: Value| deserialized(&watcher(setting, &value)).is_err();
    for setting in SETTINGS {
        let Kind::Whole { least, .. } = setting.kind else { continue };
        assert!(!refused(setting, json!(least)), "{}", setting.path());
        assert!(least == 0 || refused(setting, json!(least - 1)), "{}", setting.path());
    }
}

/// A value of another kind.
fn bad(kind: Kind) -> Option<Value> {
    Some(match kind {
        Kind::Label => json!("Not A Name"),
        Kind::Duration { .. } | Kind::Percentage { .. } => json!("30"),
        Kind::Size => json!("large"),
        Kind::Whole { .. } => json!("many"),
        Kind::Flag => json!("yes"),
        Kind::Word(_) => json!("sideways"),
        Kind::Filled { .. } | Kind::Path => json!(""),
        Kind::Url(_) => json!("api.example.com"),
        Kind::Pointer => json!("$.data"),
        Kind::HeaderName => json!("X Api Key"),
        Kind::Variable => json!("not-a-variable"),
        Kind::List { of, .. } => json!([bad(*of)?]),
        Kind::Map { .. } | Kind::Options { .. } | Kind::Block => json!("a text"),
        // Every text is one, and a schema knows no JSON in a text.
        Kind::Text { .. } | Kind::Json { .. } => return None,
    })
}

#[test]
fn what_a_setting_cannot_hold_is_refused_by_the_loader_and_the_schemas() {
    for setting in SETTINGS {
        let Some(bad) = bad(setting.kind) else { continue };
        let path = setting.path();
        let watcher = watcher_unchecked(setting, &bad);
        assert!(loaded(&watcher).is_err(), "{path}");
        assert_ne!(mistakes(&schema().to_value(), &file(&watcher)), [""; 0], "{path}");
        assert_ne!(resource_mistakes(&watcher), [""; 0], "{path}");
    }
}

fn watcher_unchecked(setting: &Setting, value: &Value) -> Value {
    block("", &setting.path(), value)
}
