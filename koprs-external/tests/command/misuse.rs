//! Calls that cannot be meant: the words are those of the command, the status is that of clap, and nothing is printed.

use crate::{Folder, command, file, run};

const FLAGS: &str = "  - { name: flags, http: { url: 'https://h/flags' } }";

fn refused(call: &[&str]) -> String {
    let ended = run(call);
    assert_eq!((ended.status, ended.out.as_str()), (Some(2), ""), "{call:?}: {}", ended.err);
    ended.err
}

#[test]
fn a_file_is_given_once_by_whatever_path() {
    let folder = Folder::new("same", &[("a.yaml", &file(FLAGS))]);
    let (path, other) = (folder.path("a.yaml"), folder.path("./a.yaml"));
    for call in [&["check"][..], &["check", "--format", "json"], &["run", "--once"]] {
        let told = refused(&[call, &[&path, &path]].concat());
        assert_eq!(told, format!("error: {path} is given twice\n"), "{call:?}");
        let told = refused(&[call, &[&path, &other]].concat());
        assert_eq!(told, format!("error: {path} is given twice, also as {other}\n"), "{call:?}");
    }
}

#[test]
fn a_name_is_that_of_a_watcher() {
    let files = [("a.yaml", &*file(FLAGS)), ("b.yaml", &*file(&FLAGS.replace("flags", "other")))];
    let folder = Folder::new("name", &files);
    let (a, b) = (folder.path("a.yaml"), folder.path("b.yaml"));
    let expected =
        format!("error: no watcher is named `flag` in {a}; did you mean `flags`? known: `flags`\n");
    assert_eq!(refused(&["run", &a, "--only", "flags,flag"]), expected);
    assert_eq!(refused(&["run", &a, "--only", "flag", "--format", "ndjson"]), expected);
    assert_eq!(refused(&["explain", &a, "flag"]), expected);
    assert_eq!(refused(&["explain", &a, "flag", "--format", "json"]), expected);
    let told = refused(&["run", &a, &b, "--only", "x"]);
    assert!(told.starts_with("error: no watcher is named `x` in the 2 files; "), "{told}");
}

#[test]
fn the_file_comes_before_the_name() {
    let files = Folder::new("order", &[("a.yaml", &file(FLAGS))]);
    let path = files.path("a.yaml");
    let told = refused(&["explain", "flags", &path]);
    assert_eq!(told, format!("error: the file comes first: `{path} flags`\n"));
    // A file may be called as a watcher is.
    let folder = Folder::new("order-of-input", &[("flags", "")]);
    let input = std::fs::File::open(&path).unwrap();
    let mut call = command(&["explain", "-", "flags"]);
    let ended = call.stdin(input).current_dir(&folder.0).output().unwrap();
    assert_eq!(ended.status.code(), Some(0));
}

#[test]
fn a_time_is_written_as_in_a_file() {
    let folder = Folder::new("times", &[("a.yaml", &file(FLAGS))]);
    let refusals = [
        ("30", "a duration needs a unit: `30s`"),
        ("30sec", "the units are `ms`, `s`, `m`, `h` and `d`: write `30s`"),
        ("5M", "`m` is minutes: `5m`"),
        ("1month", "write a number and a unit: `500ms`, `30s`, `5m`, `1h`"),
        ("366d", "a duration is at most `365d`"),
    ];
    for (time, help) in refusals {
        let told = refused(&["run", &folder.path("a.yaml"), "--for", time]);
        let expected = format!("error: invalid value '{time}' for '--for <TIME>': {help}\n");
        assert!(told.starts_with(&expected), "{told}");
    }
}
