//! Output that cannot be written is a failure; a reader who has gone is none.

use std::fs::OpenOptions;
use std::process::{Command, Stdio};

use crate::run::stage;
use crate::{Ended, command, piped};

/// Every way to print something.
fn calls(file: &str) -> Vec<Vec<&str>> {
    let calls: [&[&str]; 15] = [
        &["--help"],
        &["-h"],
        &["--version"],
        &["help"],
        &["help", "run"],
        &["run", "--help"],
        &["schema"],
        &["man"],
        &["completions", "bash"],
        &["check", file],
        &["check", file, "--format", "json"],
        &["explain", file, "flags"],
        &["explain", file, "flags", "--format", "json"],
        &["run", file, "--once"],
        &["run", file, "--once", "--format", "ndjson"],
    ];
    calls.iter().map(|call| call.to_vec()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn output_that_cannot_be_written_is_a_failure_that_is_reported() {
    let (_server, folder) = stage("full").await;
    for call in calls(&folder.path("watchers.yaml")) {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let ended: Ended = command(&call).stdout(full).output().unwrap().into();
        let first = "error: cannot write to the standard output: ";
        assert_eq!(ended.status, Some(1), "{call:?}: {}", ended.err);
        assert!(ended.err.starts_with(first), "{call:?}: {}", ended.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn output_that_nobody_reads_is_no_failure() {
    let (_server, folder) = stage("pipe").await;
    for call in calls(&folder.path("watchers.yaml")) {
        // The reader has gone before the command begins.
        let mut shell = Command::new("sh");
        shell.args(["-c", "read -r _; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_koprs-external")]);
        let mut child = piped(shell.args(&call).stdin(Stdio::piped()));
        drop(child.stdout.take());
        drop(child.stdin.take());
        let ended: Ended = child.wait_with_output().unwrap().into();
        assert_eq!((ended.status, ended.err.as_str()), (Some(0), ""), "{call:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn candidates_that_cannot_be_written_are_a_failure() {
    let (_server, folder) = stage("full-candidates").await;
    let file = folder.path("watchers.yaml");
    let mut ask = command(&["--", "koprs-external", "explain", &file, ""]);
    ask.env("KOPRS_EXTERNAL_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", "3");
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    assert_eq!(ask.stdout(full).output().unwrap().status.code(), Some(1));
}
