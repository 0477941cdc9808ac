//! Text that forges log lines or floods, planted in every setting of the table: no refusal holds it as it is, and none
//! is longer than an error may be.

use serde_json::{Map, Value, json};

use super::{deserialized, file, watcher_unchecked};
use crate::config::{File, Rules};
use crate::printable::{LONGEST_ERROR, is_printable};
use crate::spec::table::{Kind, SETTINGS};
use crate::spec::{Trust, WatcherSpec};

/// What a terminal or a log would obey, behind text and before it: a setting may be judged by its first character.
fn planted() -> Vec<String> {
    let bad = "\n\r\0\u{1b}[31m\u{7f}\u{85}\u{9b}\u{202e}\u{2028}\u{2066}\u{200b}\u{feff}planted";
    let around = ["", "/", "https://h/", "https://", "s3://b/", "x://", "30", "X-", "a: "];
    let mut planted: Vec<_> = around.iter().map(|it| format!("{it}{bad}")).collect();
    let long = "\u{202e}ü".repeat(4_000);
    planted.extend(["", "/", "https://h/"].map(|it| format!("{it}{long}")));
    planted
}

/// Values of a kind with the text in it, as a value, as a name, and in another shape.
fn values(kind: Kind, text: &str) -> Vec<Value> {
    let mut values = vec![json!(text), json!([text]), json!({ text: text })];
    if let Kind::Map { .. } | Kind::Options { .. } = kind {
        let known = if matches!(kind, Kind::Options { .. }) { "aws_region" } else { "X-Team" };
        values.extend([
            json!({ known: text }),
            json!({ text: { "value": text } }),
            json!({ text: "x", "aws_region": { text: text } }),
        ]);
    }
    values
}

/// The watcher as a file, in another order of the same words: everything is a place for text.
fn files(watcher: &Value, text: &str) -> Vec<Value> {
    let mut beside = file(watcher);
    if let Value::Object(beside) = &mut beside {
        beside.insert(text.to_owned(), json!(text));
        beside.insert("defaults".to_owned(), json!({ text: text, "http": { text: 1 } }));
    }
    let mut version = Map::new();
    version.insert("apiVersion".to_owned(), json!(text));
    version.insert("watchers".to_owned(), json!([watcher, text, { text: text }]));
    vec![file(watcher), beside, Value::Object(version)]
}

fn read(text: String) -> Result<WatcherSpec, String> {
    let path = std::path::Path::new("watchers\u{202e}\n.yaml").into();
    let file = File { path, bytes: text.into_bytes() };
    let loaded = super::super::load(&[file], &Rules::default());
    let loaded = loaded.map_err(|refused| {
        let each = refused.diagnostics().iter().map(ToString::to_string);
        each.for_each(|told| is_clean("a diagnostic", &told, true));
        refused.to_string()
    })?;
    for warning in &loaded.warnings {
        is_clean("a warning", &warning.to_string(), true);
    }
    Ok(*loaded.watchers.into_iter().next().unwrap().spec)
}

#[track_caller]
fn is_clean(what: &str, text: &str, has_lines: bool) {
    let raw = text.chars().find(|c| !(is_printable(*c) || has_lines && *c == '\n'));
    assert_eq!(raw, None, "{what}: {}", text.escape_debug());
    assert!(!text.lines().any(|line| line.starts_with("planted")), "{what}: {text}");
    assert!(text.len() <= LONGEST_ERROR, "{what}: {} bytes: {text:.200}", text.len());
}

#[test]
fn no_refusal_of_a_setting_holds_what_a_terminal_obeys_or_floods() {
    let mut refused = 0;
    for text in planted() {
        for setting in SETTINGS {
            let path = setting.path();
            for value in values(setting.kind, &text) {
                let watcher = watcher_unchecked(setting, &value);
                match deserialized(&watcher) {
                    Ok(spec) => {
                        if let Err(told) = spec.under(Trust::Untrusted) {
                            is_clean(&path, &told.to_string(), false);
                        }
                    }
                    Err(told) => {
                        is_clean(&path, &told, false);
                        refused += 1;
                    }
                }
            }
            let watcher = watcher_unchecked(setting, &json!(text));
            for document in files(&watcher, &text) {
                match read(document.to_string()) {
                    Ok(_) => {}
                    Err(told) => is_clean(&path, &told, true),
                }
            }
        }
    }
    assert!(refused > 1_000, "{refused}");
}

#[test]
fn no_refusal_of_a_text_that_is_no_file_holds_what_a_terminal_obeys() {
    for text in planted() {
        for body in [
            text.clone(),
            format!("{text}: {text}"),
            format!("apiVersion: koprs-external/v1\nwatchers:\n  - {{ name: {text}"),
            format!("apiVersion: koprs-external/v1\nwatchers:\n  - !{} x", text.replace('\n', "")),
            format!("a: *{}", text.replace('\n', "")),
        ] {
            is_clean("a text", &read(body).map(drop).unwrap_err(), true);
        }
    }
}
