use std::process::Command;

use serde_json::Value;

use crate::{Ended, Folder, SECRET, command, file, piped, run, run_with};

const GOOD: &str = "  - { name: flags, http: { url: 'https://h/flags' } }";
const OTHER: &str = "  - { name: models, objectStore: { url: 's3://bucket/models/' } }";
const BAD: &str = "  - { name: tenants, interval: 30, http: { url: 'https://h/?k=s3cr3t', auth: { bearer: { value: s3cr3t, file: s3cr3t } } } }";

#[test]
fn files_without_a_mistake_are_summed_up_with_what_they_ask_for() {
    let folder = Folder::new("good", &[("a.yaml", &file(GOOD)), ("b.yaml", &file(OTHER))]);
    let ended = run(&["check", &folder.path("a.yaml"), &folder.path("b.yaml")]);
    assert_eq!(ended.err, "");
    assert_eq!(ended.status, Some(0));
    let lines: Vec<_> = ended.out.lines().collect();
    assert_eq!(lines[0], "flags   24 requests a day");
    assert_eq!(lines[1], "models  24 listings a day, each a request for every thousand objects");
    assert_eq!(lines[2], "2 files, 2 watchers: no mistakes");
}

#[test]
fn every_mistake_is_told_and_no_secret() {
    let folder = Folder::new("bad", &[("a.yaml", &file(GOOD)), ("b.yaml", &file(BAD))]);
    let (missing, bad) = (folder.path("missing.yaml"), folder.path("b.yaml"));
    for format in ["human", "json", "github"] {
        let ended = run(&["check", &folder.path("a.yaml"), &missing, &bad, "--format", format]);
        assert_eq!(ended.status, Some(1), "{}", ended.out);
        for code in ["unreadable", "bad-duration", "second-choice"] {
            assert!(ended.out.contains(code), "{format}: {}", ended.out);
        }
        assert!(!ended.out.contains(SECRET) && !ended.err.contains(SECRET), "{}", ended.out);
    }
}

#[test]
fn the_last_line_counts_the_mistakes() {
    let ended = run_with(&file(BAD), &["check", "-"]);
    assert_eq!(ended.out.lines().last(), Some("1 file: 2 mistakes"), "{}", ended.out);
}

#[test]
fn json_is_one_document() {
    let folder = Folder::new("json", &[("a.yaml", &file(GOOD)), ("b.yaml", &file(BAD))]);
    let ended = run(&["check", &folder.path("b.yaml"), "--format", "json"]);
    let document: Value = serde_json::from_str(&ended.out).unwrap();
    let first = &document["diagnostics"][0];
    assert_eq!(first["file"], folder.path("b.yaml"));
    assert_eq!((&first["line"], &first["column"]), (&4.into(), &32.into()));
    assert_eq!((&first["severity"], &first["code"]), (&"error".into(), &"bad-duration".into()));
    assert_eq!(first["message"], "`30` is not a duration");
    assert_eq!(first["help"], "a duration needs a unit: `30s`");
    let ended = run(&["check", &folder.path("a.yaml"), "--format", "json"]);
    let document: Value = serde_json::from_str(&ended.out).unwrap();
    let flags = serde_json::json!({ "name": "flags", "requestsPerDay": 24.0 });
    assert_eq!(document, serde_json::json!({ "diagnostics": [], "watchers": [flags] }));
}

#[test]
fn github_shows_a_mistake_at_its_place() {
    let ended = run_with(&file(BAD), &["check", "-", "--format", "github"]);
    let first = ended.out.lines().next().unwrap();
    let expected = "::error file=<stdin>,line=4,col=32,title=bad-duration::`30` is not a duration";
    assert!(first.starts_with(expected), "{first}");
}

#[test]
fn a_name_of_two_files_is_a_mistake() {
    let folder = Folder::new("twice", &[("a.yaml", &file(GOOD)), ("b.yaml", &file(GOOD))]);
    let ended = run(&["check", &folder.path("a.yaml"), &folder.path("b.yaml")]);
    assert!(ended.out.contains("duplicate-name"), "{}", ended.out);
    assert_eq!(ended.status, Some(1));
}

#[test]
fn both_places_of_a_name_are_told_in_every_format() {
    let folder = Folder::new("related", &[("a.yaml", &file(GOOD)), ("b.yaml", &file(GOOD))]);
    let (a, b) = (folder.path("a.yaml"), folder.path("b.yaml"));
    let told = |format| run(&["check", &a, &b, "--format", format]).out;
    let document: Value = serde_json::from_str(&told("json")).unwrap();
    let first = serde_json::json!({ "file": a, "line": 4, "column": 13, "message": "the first" });
    assert_eq!(document["diagnostics"][0]["related"], serde_json::json!([first]));
    let github = told("github");
    assert!(github.contains(&format!("%0Athe first: {a}:4:13")), "{github}");
}

#[test]
fn a_file_that_cannot_be_read_is_a_mistake_of_the_document() {
    let folder = Folder::new("unreadable", &[("a.yaml", &file(GOOD))]);
    let folder_itself = folder.path("");
    for path in [&folder_itself, &folder.path("missing.yaml"), "https://h/watchers.yaml"] {
        let ended = run(&["check", &folder.path("a.yaml"), path, "--format", "json"]);
        assert_eq!((ended.status, ended.err.as_str()), (Some(1), ""), "{path}");
        let document: Value = serde_json::from_str(&ended.out).unwrap();
        let first = &document["diagnostics"][0];
        assert_eq!((&first["file"], &first["code"]), (&path.into(), &"unreadable".into()));
    }
    let ended = run(&["check", "https://h/watchers.yaml"]);
    assert!(ended.out.contains("help: this is a URL: `curl"), "{}", ended.out);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_fails_while_it_is_read_is_told_likewise() {
    let folder = Folder::new("failing", &[("a.yaml", &file(GOOD))]);
    let ended = run(&["check", &folder.path("a.yaml"), "/proc/self/mem"]);
    let told = "/proc/self/mem: error[unreadable]: the file cannot be read: Input/output error";
    assert!(ended.out.starts_with(told), "{} {}", ended.out, ended.err);
    let input = std::fs::File::open(folder.path("")).unwrap();
    let ended: Ended = command(&["check", "-"]).stdin(input).output().unwrap().into();
    let told = "<stdin>: error[unreadable]: the file cannot be read: Is a directory";
    assert!(ended.out.starts_with(told), "{} {}", ended.out, ended.err);
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error() {
    for call in [&["schema"][..], &["man"], &["completions", "bash"], &["check", "missing.yaml"]] {
        let full = std::fs::File::create("/dev/full").unwrap();
        let ended: Ended = command(call).stdout(full).output().unwrap().into();
        assert_eq!(ended.status, Some(1), "{call:?}");
        let told = "error: cannot write to the standard output: ";
        assert!(ended.err.starts_with(told), "{call:?}: {}", ended.err);
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_is_a_file() {
    let folder = Folder::new("pipe", &[]);
    let path = folder.path("pipe");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let child = piped(&mut command(&["check", &path]));
    // It is opened once: a second time nobody would write.
    std::fs::write(&path, file(GOOD)).unwrap();
    let ended: Ended = child.wait_with_output().unwrap().into();
    assert!(ended.out.ends_with("1 file, 1 watcher: no mistakes\n"), "{}", ended.out);
}

#[test]
fn what_a_terminal_would_obey_in_the_name_of_a_file_is_escaped() {
    let name = "a\n\u{1b}[31m\u{9b}\u{202e}.yaml";
    let (missing, twice) = (format!("missing {name}"), format!("twice {name}"));
    let files = [(name, &*file(BAD)), (&*twice, &*file(GOOD))];
    let folder = Folder::new("escapes", &files);
    let (bad, missing, twice) = (folder.path(name), folder.path(&missing), folder.path(&twice));
    let calls = [
        &["check", &bad, &missing][..],
        &["check", &bad, &missing, "--format", "json"],
        &["check", &bad, &missing, "--format", "github"],
        &["check", &twice, &twice],
        &["run", &bad, &missing],
        &["run", &twice, "--only", "x"],
        &["explain", &bad, "x"],
        &["explain", &twice, "x"],
        &["explain", &twice, "flags"],
        &["explain", &twice, "flags", "--format", "json"],
    ];
    for call in calls {
        let ended = run(call);
        let told = ended.out + &ended.err;
        let obeyed = |c: char| c != '\n' && c.is_control() || c == '\u{202e}';
        assert!(told.contains("[31m") && !told.contains(obeyed), "{call:?}: {told:?}");
        assert!(!told.contains("\n\\u{1b}") && !told.contains("\n\\u001b"), "{call:?}: {told}");
    }
    let document: Value = serde_json::from_str(&run(calls[1]).out).unwrap();
    let files = document["diagnostics"].as_array().unwrap().iter().map(|it| &it["file"]);
    assert!(files.eq([&missing, &bad, &bad]), "{document}");
}

#[test]
fn of_more_mistakes_than_are_told_it_is_said_that_there_may_be_more() {
    let watchers: Vec<_> = (0..1_001).map(|n| format!("  - {{ name: w{n} }}")).collect();
    let ended = run_with(&file(&watchers.join("\n")), &["check", "-"]);
    assert!(ended.out.ends_with("\n1 file: 1000 mistakes or more\n"));
}

#[test]
fn variables_are_expanded_when_asked_for() {
    let text = file("  - { name: flags, interval: '${NO_SUCH:-30s}', http: { url: 'https://h' } }");
    assert_eq!(run_with(&text, &["check", "-", "--env"]).status, Some(0));
    assert_eq!(run_with(&text, &["check", "-"]).status, Some(1));
}

#[test]
fn warnings_are_told_and_with_strict_they_are_mistakes() {
    let secret = "{ bearer: { value: s3cr3t } }";
    let text =
        file(&format!("  - {{ name: flags, http: {{ url: 'https://h', auth: {secret} }} }}"));
    let ended = run_with(&text, &["check", "-"]);
    assert_eq!(ended.status, Some(0), "{}", ended.out);
    assert!(ended.out.contains("warning[literal-secret]"), "{}", ended.out);
    assert!(ended.out.ends_with("1 file, 1 watcher: no mistakes, 1 warning\n"), "{}", ended.out);
    let strict = run_with(&text, &["check", "-", "--strict"]);
    assert_eq!(strict.status, Some(1));
    assert!(strict.out.ends_with("1 file: 1 mistake\n"), "{}", strict.out);
    let json = run_with(&text, &["check", "-", "--format", "json"]).out;
    let document: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(document["diagnostics"][0]["severity"], "warning");
    let github = run_with(&text, &["check", "-", "--format", "github"]).out;
    assert!(github.starts_with("::warning file="), "{github}");
    for out in [ended.out, strict.out, json, github] {
        assert!(!out.contains(SECRET), "{out}");
    }
}

#[test]
fn a_command_that_is_not_understood_ends_with_2() {
    for arguments in [&["check"][..], &["chekc", "x"], &["check", "x", "--format", "xml"]] {
        assert_eq!(run(arguments).status, Some(2), "{arguments:?}");
    }
}

#[test]
fn the_standard_input_stands_alone() {
    let ended = run_with("", &["check", "-", "x.yaml"]);
    assert_eq!((ended.status, ended.out.as_str()), (Some(2), ""));
    assert!(ended.err.starts_with("error: `-`, the standard input"), "{}", ended.err);
}

#[test]
fn colour_is_for_those_who_ask_or_look() {
    let text = file(BAD);
    assert!(!run_with(&text, &["check", "-"]).out.contains('\u{1b}'));
    assert!(run_with(&text, &["check", "-", "--color", "always"]).out.contains("\u{1b}[31m"));
}

#[test]
fn a_file_that_is_too_large_names_the_option_that_reads_it() {
    let text = file(&format!("{GOOD}\n# {}", "x".repeat(4 * 1024 * 1024)));
    let folder = Folder::new("large", &[("a.yaml", &text)]);
    let path = folder.path("a.yaml");
    for call in [&["check", &path][..], &["run", &path, "--once"], &["explain", &path, "flags"]] {
        let ended = run(call);
        let told = ended.out + &ended.err;
        assert_eq!(ended.status, Some(1), "{told}");
        assert!(told.contains("error[too-large]: the file is larger than 4MiB\n"), "{told}");
        assert!(told.contains("--max-file-size"), "{told}");
    }
    for call in [&["check", &path][..], &["explain", &path, "flags"]] {
        let ended = run(&[call, &["--max-file-size", "5MiB"]].concat());
        assert_eq!(ended.status, Some(0), "{}{}", ended.out, ended.err);
    }
    let text = file(&format!("{GOOD}\n# {}", "x".repeat(1024)));
    let ended = run_with(&text, &["check", "-", "--max-file-size", "1KiB"]);
    assert!(ended.out.contains("the file is larger than 1KiB"), "{}", ended.out);
}

#[test]
fn a_file_of_many_watchers_is_read_when_its_size_is_allowed() {
    let watchers: Vec<_> = (0..4_000)
        .map(|n| {
            let parameters: Vec<_> = (0..100).map(|p| format!("p{p}: {p}")).collect();
            let parameters = parameters.join(", ");
            format!(
                "  - {{ name: w{n}, http: {{ url: 'https://h/{n}', query: {{ {parameters} }} }} }}"
            )
        })
        .collect();
    let folder = Folder::new("many", &[("a.yaml", &file(&watchers.join("\n")))]);
    let ended = run(&["check", &folder.path("a.yaml"), "--max-file-size", "8MiB"]);
    assert_eq!(ended.out.lines().last(), Some("1 file, 4000 watchers: no mistakes"));
}
