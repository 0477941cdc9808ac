//! Files of watchers: each of `fixtures/invalid` is refused with the words beside it, each of
//! `fixtures/valid` is accepted. `UPDATE=1` writes the words anew.

use std::path::{Path, PathBuf};
use std::{env, fs};

use koprs_external::set::WatcherSet;

/// What stands for a secret in the fixtures.
const SECRET: &str = "s3cr3t";

/// The YAML files of a folder, in order; named as they are shown.
fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new("fixtures").join(folder);
    let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let is_yaml = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "yaml");
    let mut files: Vec<_> = entries.filter(is_yaml).collect();
    files.sort();
    assert!(!files.is_empty(), "no fixtures in {}", folder.display());
    files
}

#[test]
fn each_invalid_file_is_refused_with_the_words_beside_it() {
    let mut differing = Vec::new();
    for file in fixtures("invalid") {
        let error = WatcherSet::from_path(&file).expect_err(&file.display().to_string());
        let told = format!("{error}\n");
        assert!(!told.contains(SECRET), "{told}");
        let beside = file.with_extension("stderr");
        if env::var_os("UPDATE").is_some() {
            fs::write(&beside, &told).unwrap();
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if told != expected {
            differing.push(format!("{}\ntold:\n{told}\nexpected:\n{expected}", file.display()));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n\n"));
}

#[test]
fn each_valid_file_is_accepted() {
    for file in fixtures("valid") {
        let set = WatcherSet::from_path(&file).unwrap_or_else(|error| panic!("{error}"));
        assert!(set.names().next() == Some("flags"), "{}", file.display());
    }
}
