use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};

use koprs_external_tests::{Reply, Server};
use serde_json::{Value, json};

use crate::{Ended, Folder, SECRET, command, file, piped, run};

/// A server with a list and a value, and a file that follows them.
async fn stage(test: &str) -> (Server, Folder) {
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
fn untimed(out: &str) -> Vec<String> {
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
async fn it_ends_when_its_time_is_over_though_nobody_reads_what_it_prints() {
    let server = Server::start().await;
    let items: Vec<_> = (0..20_000).map(|id| json!({ "id": id, "plan": "premium" })).collect();
    server.set("/tenants", Reply::json(Value::from(items).to_string()));
    let url = server.url("/tenants");
    let text =
        file(&format!("  - {{ name: tenants, items: {{ key: /id }}, http: {{ url: '{url}' }} }}"));
    let folder = Folder::new("unread", &[("watchers.yaml", &text)]);
    // More than a pipe holds.
    let arguments = ["run", &folder.path("watchers.yaml"), "--format", "ndjson", "--for", "2s"];
    let mut child = piped(&mut command(&arguments));
    assert_eq!(child.wait().unwrap().code(), Some(0));
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

/// A stage where `flags` is there, `tenants` is refused, and `slow` gets no answer.
async fn unfinished(test: &str) -> (Server, Folder) {
    let (server, folder) = stage(test).await;
    server.set("/tenants", Reply::status(403));
    server.set("/slow", Reply::stall());
    let file = folder.path("watchers.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let slow = format!("  - {{ name: slow, http: {{ url: '{}' }} }}", server.url("/slow"));
    std::fs::write(&file, format!("{text}{slow}\n")).unwrap();
    (server, folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn once_names_who_failed_and_who_has_not_polled_when_its_time_is_over() {
    let (_server, folder) = unfinished("once-for").await;
    let ended = run(&["run", &folder.path("watchers.yaml"), "--once", "--for", "2s"]);
    assert_eq!(untimed(&ended.out), ["  flags    + {\"dark\":true}"]);
    assert_eq!(ended.status, Some(1), "{}", ended.err);
    assert!(ended.err.contains("error: `tenants` failed: "), "{}", ended.err);
    assert!(ended.err.contains("error: `slow` has not polled yet\n"), "{}", ended.err);
    assert!(!ended.err.contains("`flags`") && !ended.err.contains(SECRET), "{}", ended.err);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn once_names_who_has_not_polled_when_a_signal_ends_it() {
    for signal in ["INT", "TERM"] {
        let (_server, folder) = unfinished(&format!("once-{signal}")).await;
        let file = folder.path("watchers.yaml");
        let mut child = piped(&mut command(&["run", &file, "--once", "--only", "flags,slow"]));
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut String::new()).unwrap();
        signal_to(&child, signal);
        let ended: Ended = child.wait_with_output().unwrap().into();
        let told = "error: `slow` has not polled yet\n";
        assert_eq!((ended.status, ended.err.as_str()), (Some(1), told), "{signal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn once_does_not_name_who_has_not_polled_when_its_reader_goes_away() {
    let (_server, folder) = unfinished("once-reader").await;
    let file = folder.path("watchers.yaml");
    let mut child = piped(&mut command(&["run", &file, "--once", "--only", "flags,slow"]));
    drop(child.stdout.take());
    let ended: Ended = child.wait_with_output().unwrap().into();
    assert_eq!((ended.status, ended.err.as_str()), (Some(0), ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn once_waits_for_no_confirmation_of_what_is_not_there() {
    let (server, folder) = stage("absent").await;
    server.set("/flags", Reply::status(404));
    let ended = run(&["run", &folder.path("watchers.yaml"), "--once", "--only", "flags"]);
    assert_eq!((ended.status, ended.out.as_str()), (Some(0), ""), "{}", ended.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_that_finds_nothing_is_named() {
    let (server, folder) = stage("nothing").await;
    let file = folder.path("watchers.yaml");
    let nothing = "flags  nothing is there: the server answered 404 or 410\n";
    for status in [404, 410] {
        server.set("/flags", Reply::status(status));
        let ended = run(&["run", &file, "--once", "--only", "flags"]);
        assert_eq!((ended.status, ended.err.as_str()), (Some(0), nothing), "{status}");
    }
    server.set("/tenants", Reply::status(404));
    let ended = run(&["run", &file, "--for", "1s"]);
    for name in ["flags", "tenants"] {
        let told = format!("  {name}  nothing is there");
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

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_after_the_time_that_was_given() {
    let (server, folder) = stage("time").await;
    server.set("/tenants", Reply::status(403));
    let ended = run(&["run", &folder.path("watchers.yaml"), "--for", "1s"]);
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    assert_eq!(untimed(&ended.out), ["  flags    + {\"dark\":true}"]);
    assert!(ended.err.contains("tenants fails: "), "{}", ended.err);
}

#[cfg(unix)]
fn signal_to(child: &Child, signal: &str) {
    let pid = child.id().to_string();
    Command::new("kill").args([&format!("-{signal}"), &pid]).status().unwrap();
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_it_cleanly() {
    for signal in ["INT", "TERM"] {
        let (_server, folder) = stage(&format!("signal-{signal}")).await;
        let file = folder.path("watchers.yaml");
        let mut child = piped(&mut command(&["run", &file, "--only", "flags"]));
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut String::new()).unwrap();
        signal_to(&child, signal);
        let ended: Ended = child.wait_with_output().unwrap().into();
        assert_eq!((ended.status, ended.err.as_str()), (Some(0), ""), "{signal}");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_goes_away_ends_it_cleanly() {
    let (server, folder) = stage("reader").await;
    let text = std::fs::read_to_string(folder.path("watchers.yaml")).unwrap();
    std::fs::write(folder.path("watchers.yaml"), text.replace("1h", "1s")).unwrap();
    let mut child = piped(&mut command(&["run", &folder.path("watchers.yaml"), "--only", "flags"]));
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut String::new()).unwrap();
    drop(out);
    server.set("/flags", Reply::json(r#"{"dark":false}"#));
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
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
    let once =
        "with --once, 1 when one has failed, or has not polled when --for or a signal ends it.";
    assert!(words.contains(once), "{help}");
    assert!(words.contains("are told, and are no failure"), "{help}");
}
