use std::io::{BufRead, BufReader};

use koprs_external_tests::{Reply, Server};
use serde_json::{Value, json};

use crate::{Folder, SECRET, command, file, piped, run};

/// A server with a list and a value, and a file that follows them.
pub(crate) async fn stage(test: &str) -> (Server, Folder) {
    let server = Server::start().await;
    server.set("/flags", Reply::json(r#"{"dark":true}"#));
    server.set("/tenants", Reply::json(r#"[{"id":"a","plan":1},{"id":"b","plan":2}]"#));
    let text = file(&format!(
        "  - {{ name: flags, http: {{ url: '{}' }} }}\n  \
         - {{ name: tenants, items: {{ key: /id }}, http: {{ url: '{}', auth: {{ bearer: {{ value: s3cr3t }} }} }} }}",
        server.url("/flags"),
        server.url("/tenants")
    ));
    let folder = Folder::new(test, &[("watchers.yaml", &text)]);
    (server, folder)
}

/// The lines without their time, sorted: watchers take turns as they please.
pub(crate) fn untimed(out: &str) -> Vec<String> {
    let mut lines: Vec<_> = out.lines().map(|line| line[8..].to_owned()).collect();
    lines.sort();
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn once_prints_what_is_there_and_ends() {
    let (_server, folder) = stage("once").await;
    let ended = run(&["run", &folder.path("watchers.yaml"), "--once"]);
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    assert_eq!(
        untimed(&ended.out),
        [
            "  flags    + {\"dark\":true}",
            "  tenants  + a {\"id\":\"a\",\"plan\":1}",
            "  tenants  + b {\"id\":\"b\",\"plan\":2}",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_those_that_are_named_are_polled() {
    let (server, folder) = stage("only").await;
    let file = folder.path("watchers.yaml");
    let ended = run(&["run", &file, "--once", "--only", "flags"]);
    assert_eq!(untimed(&ended.out), ["  flags  + {\"dark\":true}"]);
    assert_eq!(server.hits("/tenants"), 0);
    // The names end where the file begins.
    let ended = run(&["run", "--once", "--only", "tenants,flags", &file]);
    assert_eq!(untimed(&ended.out).len(), 3, "{}", ended.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn ndjson_has_an_object_a_line_and_nothing_else() {
    let (_server, folder) = stage("ndjson").await;
    let ended = run(&["run", &folder.path("watchers.yaml"), "--once", "--format", "ndjson"]);
    let mut told: Vec<Value> =
        ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for event in &mut told {
        let time = event.as_object_mut().unwrap().remove("time").unwrap();
        assert!(time.as_str().unwrap().ends_with('Z'));
    }
    assert_eq!(told.len(), 3);
    let flags = json!({ "watcher": "flags", "event": "added", "value": { "dark": true } });
    assert!(told.contains(&flags), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn once_names_a_watcher_that_fails_and_ends_with_1() {
    let (server, folder) = stage("fails").await;
    server.set("/tenants", Reply::status(403));
    let ended = run(&["run", &folder.path("watchers.yaml"), "--once"]);
    assert_eq!(ended.status, Some(1));
    assert!(ended.err.contains("error: `tenants` failed: "), "{}", ended.err);
    assert!(!ended.err.contains("`flags` failed") && ended.err.contains("403"), "{}", ended.err);
    assert!(!ended.err.contains(SECRET) && !ended.out.contains(SECRET), "{}", ended.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn once_polls_each_once_however_long_the_others_take() {
    let server = Server::start().await;
    server.set("/flags", Reply::json(r#"{"dark":true}"#));
    server.set("/slow", Reply::stall());
    let text = file(&format!(
        "  - {{ name: flags, interval: 1s, http: {{ url: '{}' }} }}\n  \
         - {{ name: slow, http: {{ url: '{}', timeout: 4s, retries: 0 }} }}",
        server.url("/flags"),
        server.url("/slow")
    ));
    let folder = Folder::new("each-once", &[("watchers.yaml", &text)]);
    let ended = run(&["run", &folder.path("watchers.yaml"), "--once"]);
    assert_eq!(untimed(&ended.out), ["  flags  + {\"dark\":true}"]);
    assert_eq!((ended.status, server.hits("/flags")), (Some(1), 1), "{}", ended.err);
    assert!(ended.err.contains("`slow` failed"), "{}", ended.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absent_value_or_list_is_no_success_of_once_unless_it_is_allowed() {
    let (server, folder) = stage("absent").await;
    let file = folder.path("watchers.yaml");
    for (name, status) in [("flags", 404), ("flags", 410), ("tenants", 404), ("tenants", 410)] {
        server.set(&format!("/{name}"), Reply::status(status));
        let ended = run(&["run", &file, "--once", "--only", name]);
        let told = format!(
            "error: `{name}` is absent: the server answered {status}; is the URL right? `--allow-absent` takes this for \
             a success\n"
        );
        assert_eq!((ended.status, ended.out.as_str()), (Some(1), ""), "{name} {status}");
        assert_eq!(ended.err, told);
        let ended = run(&["run", &file, "--once", "--only", name, "--allow-absent"]);
        let told = format!("{name}  nothing is there: the server answered {status}\n");
        assert_eq!((ended.status, ended.err), (Some(0), told));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_absent_may_be_allowed_and_a_failure_is_still_one() {
    let (server, folder) = stage("absent-and-failing").await;
    server.set("/flags", Reply::status(404));
    server.set("/tenants", Reply::status(403));
    let ended = run(&["run", &folder.path("watchers.yaml"), "--once", "--allow-absent"]);
    assert_eq!(ended.status, Some(1), "{}", ended.err);
    assert!(ended.err.contains("error: `tenants` failed: "), "{}", ended.err);
    assert!(!ended.err.contains("error: `flags`"), "{}", ended.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_that_finds_nothing_is_named_once() {
    let (server, folder) = stage("nothing").await;
    let file = folder.path("watchers.yaml");
    server.set("/flags", Reply::status(410));
    server.set("/tenants", Reply::status(404));
    let ended = run(&["run", &file, "--for", "1s"]);
    for (name, status) in [("flags", 410), ("tenants", 404)] {
        let told = format!("  {name}  nothing is there: the server answered {status}\n");
        assert_eq!(ended.err.matches(&told).count(), 1, "{}", ended.err);
    }
    server.set("/tenants", Reply::json("[]"));
    let ended = run(&["run", &file, "--once", "--only", "tenants"]);
    assert_eq!((ended.status, ended.err.as_str()), (Some(0), ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn items_that_cannot_be_read_are_counted() {
    let (server, folder) = stage("bad-items").await;
    server.set("/tenants", Reply::json(r#"[{"id":"a"},{"plan":1},{"plan":2}]"#));
    let file = folder.path("watchers.yaml");
    for arguments in [&["--once"][..], &["--for", "1s"]] {
        let ended = run(&[&["run", &file], arguments].concat());
        let told = ended.err.matches("tenants  2 items cannot be read, the last one: ").count();
        assert_eq!((ended.status, told), (Some(0), 1), "{}", ended.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_is_told_with_its_key_wherever_it_stands() {
    let (server, folder) = stage("keys").await;
    server.set("/tenants", Reply::json(r#"{"x":{"v":1},"y":{"v":1}}"#));
    let file = folder.path("watchers.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("items: { key: /id }", "items: {}")).unwrap();
    let ended = run(&["run", &file, "--once", "--only", "tenants"]);
    let expected = ["  tenants  + x {\"v\":1}", "  tenants  + y {\"v\":1}"];
    assert_eq!(untimed(&ended.out), expected);
    let ended = run(&["run", &file, "--once", "--format", "ndjson"]);
    for (key, value) in [(Some("x"), json!({ "v": 1 })), (None, json!({ "dark": true }))] {
        let told = ended.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let found = told.into_iter().find(|told| told.get("key").and_then(Value::as_str) == key);
        assert_eq!(found.unwrap()["value"], value, "{}", ended.out);
    }
}

#[test]
fn a_file_with_mistakes_is_not_run() {
    let folder = Folder::new("mistakes", &[("w.yaml", &file("  - { name: flags }"))]);
    let ended = run(&["run", &folder.path("w.yaml")]);
    assert_eq!((ended.status, ended.out.as_str()), (Some(1), ""));
    assert!(ended.err.contains("error[missing-choice]"), "{}", ended.err);
    assert!(ended.err.ends_with("error: 1 mistake\n"), "{}", ended.err);
}

#[test]
fn a_file_that_cannot_be_read_is_told_as_check_tells_it() {
    for call in [&["run", "missing.yaml"][..], &["explain", "missing.yaml", "flags"]] {
        let ended = run(call);
        assert_eq!((ended.status, ended.out.as_str()), (Some(1), ""));
        let first = "missing.yaml: error[unreadable]: the file cannot be read: ";
        assert!(ended.err.starts_with(first), "{}", ended.err);
        assert!(ended.err.ends_with("\n\nerror: 1 mistake\n"), "{}", ended.err);
    }
}

#[test]
fn the_help_says_what_is_no_failure() {
    let help = run(&["run", "--help"]).out;
    let words: Vec<_> = help.split_whitespace().collect();
    let words = words.join(" ");
    let once = "With --once, 1 when a watcher has failed, when its value is absent (404 or 410, unless --allow-absent), or \
                when it has not finished its poll when --for or a signal ends the command.";
    assert!(words.contains(once), "{help}");
    assert!(words.contains("are reported, and are no failure"), "{help}");
    let cut = "cut a second after the requested end: 1 after --for, 130 after a signal.";
    assert!(words.contains(cut), "{help}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_ndjson_with_the_values_after_and_before_it() {
    let (server, folder) = stage("before").await;
    let file = folder.path("watchers.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("1h", "1s")).unwrap();
    let mut child = piped(&mut command(&["run", &file, "--only", "tenants", "--format", "ndjson"]));
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut next = || {
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        serde_json::from_str::<Value>(&line).unwrap()
    };
    let added = [next(), next()];
    assert!(added.iter().all(|event| event.get("before").is_none()), "{added:?}");
    server.set("/tenants", Reply::json(r#"[{"id":"a","plan":3},{"id":"b","plan":2}]"#));
    let modified = next();
    assert_eq!((&modified["event"], &modified["key"]), (&json!("modified"), &json!("a")));
    assert_eq!(modified["value"], json!({ "id": "a", "plan": 3 }));
    assert_eq!(modified["before"], json!({ "id": "a", "plan": 1 }));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn of_an_object_the_value_comes_before_its_etag() {
    let folder = Folder::new("object", &[("app.json", r#"{"replicas":3}"#)]);
    let watcher = format!(
        "  - {{ name: models, decode: json, objectStore: {{ url: 'file://{}/', include: ['**/app.json'], settle: 0s }} }}",
        folder.0.display()
    );
    std::fs::write(folder.path("w.yaml"), file(&watcher)).unwrap();
    let ended = run(&["run", &folder.path("w.yaml"), "--once"]);
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    assert!(ended.out.contains(r#"app.json {"value":{"replicas":3},"size":14,"#), "{}", ended.out);
    assert!(ended.out.trim_end().contains(r#","etag":"#), "{}", ended.out);
}
