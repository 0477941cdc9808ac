//! Text from outside that a terminal, a log or GitHub would obey: no output of the command holds it as it is.

use std::fs;

use koprs_external_tests::{Reply, Server};
use serde_json::{Value, json};

use crate::{Ended, Folder, file, run, run_with};

const FORGED: &str = "a\n::error::forged\r\u{1b}[31m\u{85}\u{9b}2J\u{202e}\u{2066}\u{200b}b";

/// Line breaks are the command's own: none of them begins a line with what was planted.
#[track_caller]
fn is_clean(what: &str, ended: &Ended) {
    for text in [&ended.out, &ended.err] {
        let is_obeyed = |c: char| {
            (c.is_control() && c != '\n')
                || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!text.contains(is_obeyed), "{what}: {}", text.escape_debug());
        assert!(!text.lines().any(|line| line.starts_with("::error::forged")), "{what}: {text}");
    }
    assert!(ended.out.len() + ended.err.len() > 20, "{what}: nothing was shown");
}

#[test]
fn nothing_that_a_file_of_watchers_says_is_obeyed() {
    let watchers = [
        json!({ "name": FORGED, "interval": FORGED, "http": { "url": FORGED } }),
        json!({ "name": "flags", FORGED: FORGED, "http": { "url": "https://h/x", "header": { FORGED: FORGED } } }),
        json!({ "name": "flags", "ignore": [FORGED], "items": { "at": FORGED }, "http": { "method": FORGED } }),
        json!({ "name": "models", "objectStore": { "url": FORGED, "include": [FORGED], "option": { FORGED: { "value": 1 } } } }),
        json!(FORGED),
    ];
    for watcher in watchers {
        let text = json!({ "apiVersion": "koprs-external/v1", "watchers": [watcher] }).to_string();
        for format in ["human", "github", "json"] {
            let ended = run_with(&text, &["check", "-", "--format", format]);
            is_clean(&format!("{format} {text}"), &ended);
            if format == "github" {
                assert!(
                    ended.out.lines().all(|line| line.starts_with("::error file=")),
                    "{}",
                    ended.out
                );
            }
        }
        is_clean("run", &run_with(&text, &["run", "-", "--once"]));
        is_clean("explain", &run_with(&text, &["explain", "-", "flags"]));
    }
    let folder = Folder::new("forged-names", &[(FORGED.replace('/', "").as_str(), "x: 1")]);
    for format in ["human", "github", "json"] {
        is_clean(format, &run(&["check", &folder.path(FORGED), "--format", format]));
        is_clean(
            format,
            &run(&["check", &folder.path(&format!("{FORGED}.gone")), "--format", format]),
        );
    }
    let good = Folder::new(
        "forged-good",
        &[("watchers.yaml", &file("  - { name: flags, http: { url: 'https://h' } }"))],
    );
    let path = good.path("watchers.yaml");
    is_clean("explain", &run(&["explain", &path, FORGED]));
    is_clean("only", &run(&["run", &path, "--once", "--only", FORGED]));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_a_server_or_a_folder_says_is_obeyed() {
    let server = Server::start().await;
    let list = json!([{ "id": FORGED, "plan": FORGED }, { "id": "a", FORGED: FORGED }]);
    server.set("/list", Reply::json(list.to_string()));
    server.set("/value", Reply::json(json!({ FORGED: FORGED }).to_string()));
    server.set("/text", Reply::text(FORGED));
    server.set("/bad", Reply::json(format!("{{\"{FORGED}")));
    server.set(
        "/bad-items",
        Reply::json(json!([{ FORGED: 1 }, { "id": { FORGED: 1 } }]).to_string()),
    );
    let objects = Folder::new("forged-objects", &[]);
    fs::write(objects.path(FORGED), FORGED).unwrap();
    let mut watchers = Vec::new();
    for name in ["list", "bad-items"] {
        watchers.push(json!({ "name": name, "items": { "key": "/id" }, "http": { "url": server.url(&format!("/{name}")) } }));
    }
    for name in ["value", "text", "bad"] {
        watchers.push(json!({ "name": name, "http": { "url": server.url(&format!("/{name}")) } }));
    }
    let url = format!("file://{}/", objects.path(""));
    watchers.push(json!({ "name": "objects", "objectStore": { "url": url } }));
    let defaults = json!({ "interval": "1h" });
    let text =
        json!({ "apiVersion": "koprs-external/v1", "defaults": defaults, "watchers": watchers });
    for format in ["human", "ndjson"] {
        let ended = run_with(&text.to_string(), &["run", "-", "--once", "--format", format]);
        is_clean(format, &ended);
        if format == "ndjson" {
            for line in ended.out.lines() {
                serde_json::from_str::<Value>(line).unwrap();
            }
        }
    }
}
