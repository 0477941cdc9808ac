//! A resource of Kubernetes in the place of a file of watchers: told once, and not key by key.

use super::raw::API_VERSION;
use crate::spec::mistake::Mistake;
use crate::spec::node::{Node, Value};
use crate::spec::quote::{Content, is_visible};

type Entries = [(Node, Node)];

/// What is told of a file that has a `kind`, and neither our `apiVersion` nor `watchers`.
pub(super) fn check(file: &Entries) -> Option<Mistake> {
    let (at, kind) = get(file, "kind")?;
    let is_ours = get(file, "apiVersion").and_then(|it| text(&it.1)) == Some(API_VERSION);
    if is_ours || get(file, "watchers").is_some() {
        return None;
    }
    let (message, help) = match text(kind) {
        Some("ConfigMap") => config_map(get(file, "data").and_then(|it| key(&it.1))),
        // What else it is called is not shown: values of unknown keys are hidden.
        _ => (
            "this is a resource of Kubernetes, and no file of watchers".to_owned(),
            format!(
                "a file has `apiVersion: {API_VERSION}` and `watchers`; to check the watcher of a custom resource, \
                 write it as one of these"
            ),
        ),
    };
    Some(Mistake::new(at.place, "other-kind", message).help(help))
}

/// What is told of a ConfigMap, whose key was found or not.
fn config_map(key: Option<&str>) -> (String, String) {
    let message = match key {
        Some(key) => format!("this is a ConfigMap; the watchers are in `data.{key}`"),
        None => "this is a ConfigMap, and no file of watchers".to_owned(),
    };
    let path = key.unwrap_or("KEY").replace('.', "\\.");
    let help = format!(
        "check what is in it: `kubectl get configmap NAME -o jsonpath='{{.data.{path}}}' | koprs-external check -`"
    );
    (message, help)
}

/// The key of the first text that looks like a file of watchers.
fn key(data: &Node) -> Option<&str> {
    let Value::Mapping(entries) = &data.value else { return None };
    let is_file = |node: &Node| text(node).is_some_and(|text| text.contains("watchers:"));
    let found = entries.iter().find(|(key, value)| text(key).is_some_and(is_key) && is_file(value));
    found.and_then(|(key, _)| text(key))
}

/// Whether it is a key as ConfigMaps have them.
fn is_key(key: &str) -> bool {
    is_visible(Content::Name, key)
}

fn get<'a>(entries: &'a Entries, name: &str) -> Option<&'a (Node, Node)> {
    entries.iter().find(|(key, _)| text(key) == Some(name))
}

fn text(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Scalar(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree;
    use super::*;

    #[test]
    fn a_file_with_a_kind_is_ours_when_something_else_says_so() {
        let cases = [
            ("kind: X", true),
            ("kind:", true),
            ("{ kind: [X], apiVersion: [v1] }", true),
            ("{ apiVersion: v1, kind: X, spec: { watchers: [] } }", true),
            ("{ apiVersion: v1, kind: X, watchers: [] }", false),
            ("{ apiVersion: koprs-external/v1, kind: X }", false),
            ("{ apiVersion: v1, spec: {} }", false),
        ];
        for (file, told) in cases {
            let Value::Mapping(entries) = tree::parse(file, &mut Vec::new()).unwrap().value else {
                panic!("{file}")
            };
            assert_eq!(check(&entries).is_some(), told, "{file}");
        }
    }

    #[test]
    fn of_a_config_map_the_key_of_the_watchers_is_told_if_it_is_one() {
        let cases = [
            ("{ a: x, b.yaml: 'watchers:' }", "data.b.yaml", "{.data.b\\.yaml}"),
            ("{ s3cr3t: x }", "no file", "{.data.KEY}"),
            ("{ 's3cr3t x': 'watchers:' }", "no file", "{.data.KEY}"),
            ("[s3cr3t]", "no file", "{.data.KEY}"),
        ];
        for (data, message, help) in cases {
            let (told, way_out) = config_map(key(&tree::parse(data, &mut Vec::new()).unwrap()));
            assert!(told.contains(message) && way_out.contains(help), "{data}: {told}, {way_out}");
            assert!(!told.contains("s3cr3t") && !way_out.contains("s3cr3t"), "{data}: {told}");
        }
    }
}
