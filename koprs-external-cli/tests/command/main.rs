//! The command `koprs-external`, as it is run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod check;
mod ending;
mod explain;
mod forged;
mod generated;
mod misuse;
mod planted_secrets;
mod run;
#[cfg(target_os = "linux")]
mod terminal;
mod transcript;
#[cfg(target_os = "linux")]
mod write_errors;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// What stands for a secret.
const SECRET: &str = "s3cr3t";

/// The command, without colour and with none of our environment that it heeds.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_koprs-external"));
    command.args(arguments).env_remove("NO_COLOR").env("TERM", "xterm").stdin(Stdio::null());
    command
}

/// How the command ended.
struct Ended {
    status: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Ended {
    fn from(Output { status, stdout, stderr }: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { status: status.code(), out: text(stdout), err: text(stderr) }
    }
}

/// Runs the command to its end.
fn run(arguments: &[&str]) -> Ended {
    command(arguments).output().unwrap().into()
}

/// Runs the command with a text as its input.
fn run_with(input: &str, arguments: &[&str]) -> Ended {
    let mut child = piped(command(arguments).stdin(Stdio::piped()));
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap().into()
}

fn piped(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// A folder of one test with these files.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str, files: &[(&str, &str)]) -> Self {
        let name = format!("command-{test}-{}", std::process::id());
        let folder = Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
        fs::create_dir_all(&folder.0).unwrap();
        for (name, text) in files {
            fs::write(folder.0.join(name), text).unwrap();
        }
        folder
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A file of these watchers.
fn file(watchers: &str) -> String {
    format!("apiVersion: koprs-external/v1\ndefaults: {{ interval: 1h }}\nwatchers:\n{watchers}\n")
}
