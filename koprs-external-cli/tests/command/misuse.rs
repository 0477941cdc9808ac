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

#[test]
fn an_option_without_a_meaning_is_refused() {
    let folder = Folder::new("options", &[("a.yaml", &file(FLAGS))]);
    let path = folder.path("a.yaml");
    for call in [&["schema"][..], &["man"], &["completions", "bash"]] {
        let told = refused(&[call, &["--color", "never"]].concat());
        assert!(told.starts_with("error: unexpected argument '--color' found\n"), "{told}");
        let told = refused(&[&["--color", "never"], call].concat());
        assert!(told.starts_with("error: unexpected argument '--color' found\n"), "{told}");
    }
    for call in [&["check", &path][..], &["explain", &path, "flags"]] {
        let ended = run(&[call, &["--color", "always"]].concat());
        assert!(ended.status == Some(0) && ended.out.contains('\u{1b}'), "{call:?}");
    }
    let told = refused(&["run", &path, "--allow-absent"]);
    assert!(told.contains("--once"), "{told}");
}

#[test]
fn a_size_is_written_as_in_a_file() {
    let folder = Folder::new("sizes", &[("a.yaml", &file(FLAGS))]);
    let refusals = [
        ("0", "no file is that small"),
        ("5MB5", "write bytes, or a number and a unit: `8MiB`, `512KiB`"),
    ];
    for (size, help) in refusals {
        let told = refused(&["check", &folder.path("a.yaml"), "--max-file-size", size]);
        let expected =
            format!("error: invalid value '{size}' for '--max-file-size <SIZE>': {help}\n");
        assert!(told.starts_with(&expected), "{told}");
    }
}
