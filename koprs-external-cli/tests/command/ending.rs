//! How `run` ends before it is done: its time is over, by a signal, or its reader has gone.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use koprs_external_tests::{Reply, Server};
use serde_json::{Value, json};

use crate::run::{stage, untimed};
use crate::{Ended, Folder, SECRET, command, file, piped, run};

const UNREAD: &str = "error: nobody reads what is printed: the last line may be cut, and what follows was not written\n";

/// A list whose lines are more than a pipe holds.
async fn large(test: &str) -> (Server, Folder) {
    let server = Server::start().await;
    let items: Vec<_> = (0..20_000).map(|id| json!({ "id": id, "plan": "premium" })).collect();
    server.set("/tenants", Reply::json(Value::from(items).to_string()));
    let url = server.url("/tenants");
    let text =
        file(&format!("  - {{ name: tenants, items: {{ key: /id }}, http: {{ url: '{url}' }} }}"));
    (server, Folder::new(test, &[("watchers.yaml", &text)]))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_reads_is_cut_when_its_time_is_over_and_that_is_said_and_no_success() {
    let (_server, folder) = large("unread").await;
    for once in [&[][..], &["--once"]] {
        let file = folder.path("watchers.yaml");
        let arguments = ["run", &file, "--format", "ndjson", "--for", "2s"];
        let mut child = piped(&mut command(&[&arguments, once].concat()));
        let status = child.wait().unwrap().code();
        let err = Ended::from(child.wait_with_output().unwrap()).err;
        assert_eq!((status, err.as_str()), (Some(1), UNREAD), "{once:?}");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_reads_is_cut_after_a_signal_and_that_is_said() {
    // One line is more than a pipe holds.
    let (server, folder) = stage("unread-signal").await;
    server.set("/flags", Reply::json(Value::from("x".repeat(300_000)).to_string()));
    let arguments = ["run", &folder.path("watchers.yaml"), "--only", "flags", "--format", "ndjson"];
    let mut child = piped(&mut command(&arguments));
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut [0]).unwrap();
    signal_to(&child, "TERM");
    let ended: Ended = child.wait_with_output().unwrap().into();
    assert_eq!((ended.status, ended.err.as_str()), (Some(130), UNREAD));
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with('x'), "the line is cut");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn it_ends_when_its_time_is_over_though_nobody_reads_its_errors_either() {
    let (_server, folder) = large("unread-errors").await;
    let file = folder.path("watchers.yaml");
    let mut both = Command::new("sh");
    both.args(["-c", "exec \"$0\" \"$@\" 2>&1", env!("CARGO_BIN_EXE_koprs-external")]);
    both.args(["run", &file, "--format", "ndjson", "--for", "2s"]).stdin(Stdio::null());
    assert_eq!(piped(&mut both).wait().unwrap().code(), Some(1));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn once_names_a_watcher_that_has_told_a_part_when_a_signal_ends_it() {
    let (_server, folder) = large("part").await;
    let mut child = piped(&mut command(&["run", &folder.path("watchers.yaml"), "--once"]));
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut String::new()).unwrap();
    signal_to(&child, "INT");
    out.read_to_string(&mut String::new()).unwrap();
    let ended: Ended = child.wait_with_output().unwrap().into();
    let told = "error: `tenants` has not finished its poll\n";
    assert_eq!((ended.status, ended.err.as_str()), (Some(1), told));
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
async fn once_names_who_failed_and_who_has_not_finished_when_its_time_is_over() {
    let (_server, folder) = unfinished("once-for").await;
    let ended = run(&["run", &folder.path("watchers.yaml"), "--once", "--for", "2s"]);
    assert_eq!(untimed(&ended.out), ["  flags    + {\"dark\":true}"]);
    assert_eq!(ended.status, Some(1), "{}", ended.err);
    assert!(ended.err.contains("error: `tenants` failed: "), "{}", ended.err);
    assert!(ended.err.contains("error: `slow` has not finished its poll\n"), "{}", ended.err);
    assert!(!ended.err.contains("`flags`") && !ended.err.contains(SECRET), "{}", ended.err);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn once_names_who_has_not_finished_when_a_signal_ends_it() {
    for signal in ["INT", "TERM"] {
        let (_server, folder) = unfinished(&format!("once-{signal}")).await;
        let file = folder.path("watchers.yaml");
        let mut child = piped(&mut command(&["run", &file, "--once", "--only", "flags,slow"]));
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut String::new()).unwrap();
        signal_to(&child, signal);
        let ended: Ended = child.wait_with_output().unwrap().into();
        assert_eq!(ended.status, Some(1), "{signal}");
        let told = "error: `slow` has not finished its poll\n";
        assert!(ended.err.ends_with(told), "{signal}: {}", ended.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn once_does_not_name_who_has_not_finished_when_its_reader_goes_away() {
    let (_server, folder) = unfinished("once-reader").await;
    let file = folder.path("watchers.yaml");
    let mut child = piped(&mut command(&["run", &file, "--once", "--only", "flags,slow"]));
    drop(child.stdout.take());
    let ended: Ended = child.wait_with_output().unwrap().into();
    assert_eq!((ended.status, ended.err.as_str()), (Some(0), ""));
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
