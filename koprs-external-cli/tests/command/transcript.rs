//! The transcript in the README is what the command prints. `UPDATE=1` writes it anew.

use std::fs;
use std::path::Path;

use koprs_external_tests::{Reply, Server};

use crate::{Ended, Folder, command};

const BEGIN: &str = "<!-- transcript -->\n```text\n";
const END: &str = "```\n<!-- /transcript -->\n";
/// In the fixtures, where the server is; as many digits as a port that is free has.
const PORT: &str = "40404";
/// What a time is shown as.
const TIME: &str = "12:04:07";

const COMMANDS: [&[&str]; 4] = [
    &["check", "draft.yaml"],
    &["check", "watchers.yaml"],
    &["run", "watchers.yaml", "--once", "--only", "tenants"],
    &["explain", "watchers.yaml", "flags"],
];

#[tokio::test(flavor = "multi_thread")]
async fn the_transcript_of_the_readme_is_what_the_command_prints() {
    let server = Server::start().await;
    server.set(
        "/v1/tenants",
        Reply::json(r#"{"data":[{"id":"acme","plan":"premium"},{"id":"initech","plan":"free"}]}"#),
    );
    let port = server.address().port().to_string();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let fixture = |name| {
        let path = root.join("tests/fixtures/transcript").join(name);
        fs::read_to_string(path).unwrap().replace(PORT, &port)
    };
    let files =
        [("draft.yaml", &*fixture("draft.yaml")), ("watchers.yaml", &*fixture("watchers.yaml"))];
    let folder = Folder::new("transcript", &files);

    let told: Vec<_> = COMMANDS.iter().map(|arguments| told(arguments, &folder)).collect();
    let told = told.join("\n").replace(&port, PORT);

    let path = root.join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).expect("the README has a transcript");
    let (known, after) = rest.split_once(END).expect("the transcript has an end");
    if std::env::var_os("UPDATE").is_some() {
        return fs::write(&path, [before, BEGIN, &told, END, after].concat()).unwrap();
    }
    assert_eq!(known, told, "`UPDATE=1` writes the README anew");
}

/// The command and what it prints.
fn told(arguments: &[&str], folder: &Folder) -> String {
    let ended: Ended = command(arguments).current_dir(&folder.0).output().unwrap().into();
    let lines =
        ended.out.lines().chain(ended.err.lines()).map(|line| match line.get(..TIME.len()) {
            Some(time)
                if time.chars().all(|c| c.is_ascii_digit() || c == ':') && time.contains(':') =>
            {
                line.replacen(time, TIME, 1)
            }
            _ => line.to_owned(),
        });
    let lines: Vec<_> = lines.collect();
    format!("$ koprs-external {}\n{}\n", arguments.join(" "), lines.join("\n"))
}
