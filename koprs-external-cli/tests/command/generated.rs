use serde_json::Value;

use crate::run;

#[test]
fn the_schema_is_json() {
    let schema: Value = serde_json::from_str(&run(&["schema"]).out).unwrap();
    assert_eq!(schema["properties"]["apiVersion"]["const"], "koprs-external/v1");
}

#[test]
fn the_schema_is_the_file_of_the_repository() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/watchers.schema.json");
    assert!(run(&["schema"]).out == std::fs::read_to_string(file).unwrap(), "{file}");
}

#[test]
fn each_shell_has_its_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ended = run(&["completions", shell]);
        assert_eq!(ended.status, Some(0), "{shell}");
        let asks =
            ended.out.contains("koprs-external") && ended.out.contains("KOPRS_EXTERNAL_COMPLETE");
        assert!(asks, "{shell}: {}", ended.out);
    }
}

#[test]
fn the_manual_page_has_every_command() {
    let page = run(&["man"]).out;
    assert!(page.contains(".TH koprs-external"), "{page}");
    let sections: Vec<_> = page.lines().filter_map(|line| line.strip_prefix(".SH ")).collect();
    let commands = ["CHECK", "RUN", "EXPLAIN", "SCHEMA", "COMPLETIONS", "MAN"];
    let before = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS"];
    assert_eq!(sections, [&before[..], &commands, &["EXTRA", "VERSION"]].concat());
    assert!(!page.contains("koprs\\-external\\-check(1)"), "there is no such page");
    assert!(page.contains("ndjson") && page.contains("\\-\\-once"), "{page}");
}

#[test]
fn the_help_has_examples() {
    for command in
        [&["--help"][..], &["check", "--help"], &["run", "--help"], &["explain", "--help"]]
    {
        let ended = run(command);
        assert!(ended.out.contains("Examples:\n  "), "{}", ended.out);
        assert_eq!(ended.status, Some(0));
    }
}
