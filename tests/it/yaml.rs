//! Files of watchers: each of `fixtures/invalid` is refused with the words beside it, each of
//! `fixtures/valid` is accepted. `UPDATE=1` writes the words anew.

use std::path::{Path, PathBuf};
use std::{env, fs};

use koprs_external::ExternalEvent;
use koprs_external::config::ConfigError;
use koprs_external::set::WatcherSet;
use koprs_external_tests::{Reply, Server};

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
fn each_mistake_is_told_with_a_way_out() {
    for file in fixtures("invalid") {
        let error = WatcherSet::from_path(&file).expect_err(&file.display().to_string());
        for mistake in ConfigError::of(&error).unwrap().diagnostics() {
            assert!(mistake.help().is_some(), "{mistake}");
        }
    }
}

#[test]
fn each_code_stands_in_the_documentation() {
    let documented = fs::read_to_string("../koprs-external/src/config/diagnostic.rs").unwrap();
    let codes = |file: PathBuf| {
        let error = WatcherSet::from_path(file).unwrap_err();
        let mistakes = ConfigError::of(&error).unwrap().diagnostics().iter();
        mistakes.map(|mistake| mistake.code().to_owned()).collect::<Vec<_>>()
    };
    let told = fixtures("invalid").into_iter().flat_map(codes);
    let sources =
        ["config", "config/raw", "spec", "spec/object_store"].map(|room| sources(room).into_iter());
    let written = sources.into_iter().flatten().flat_map(|text| codes_in(&text));
    // A code of declarations in Rust, and a feature.
    let others = ["bad-parameter", "object-store"];
    for code in told.chain(written).filter(|code| !others.contains(&code.as_str())) {
        assert!(documented.contains(&format!("/// | `{code}` | ")), "`{code}` is not documented");
    }
}

/// The sources of a room, without their tests.
fn sources(room: &str) -> Vec<String> {
    let entries = fs::read_dir(Path::new("../koprs-external/src").join(room)).unwrap();
    let files = entries.map(|entry| entry.unwrap().path());
    let files = files.filter(|file| file.is_file() && !file.ends_with("tests.rs"));
    let text = |file| fs::read_to_string(file).unwrap();
    let code = |text: String| text.split("#[cfg(test)]").next().unwrap().to_owned();
    files.map(text).map(code).collect()
}

/// The texts in the quotes of a source that look like `bad-name`.
fn codes_in(source: &str) -> Vec<String> {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let texts = code.flat_map(|line| line.split('"').skip(1).step_by(2));
    let word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
    let is_code = |text: &&str| text.contains('-') && text.split('-').all(word);
    texts.filter(is_code).map(str::to_owned).collect()
}

#[test]
fn each_valid_file_is_accepted() {
    for file in fixtures("valid") {
        let set = WatcherSet::from_path(&file).unwrap_or_else(|error| panic!("{error}"));
        assert!(set.names().next() == Some("flags"), "{}", file.display());
    }
}

#[tokio::test]
async fn a_watcher_of_a_file_polls_what_the_file_says() {
    let server = Server::start().await;
    server.set("/flags", Reply::json(r#"["dark"]"#));
    let folder = folder();
    fs::write(folder.join("token"), "t0ken\n").unwrap();
    let text = format!(
        "apiVersion: koprs-external/v1
watchers:
  - name: flags
    interval: 1h
    http:
      url: {}
      query: {{ page: 7 }}
      header: {{ X-Team: platform }}
      auth: {{ bearer: {{ file: token }} }}
",
        server.url("/flags")
    );
    let file = folder.join("watchers.yaml");
    fs::write(&file, text).unwrap();

    let set = WatcherSet::from_path(&file).unwrap();
    let mut flags = set.watch::<Vec<String>>("flags").unwrap();

    assert_eq!(flags.recv().await, Some(ExternalEvent::Added(vec!["dark".to_owned()])));
    let requests = server.requests();
    let headers = &requests[0].headers;
    assert_eq!(requests[0].query(), Some("page=7"));
    assert_eq!(headers["x-team"], "platform");
    assert_eq!(headers["authorization"], "Bearer t0ken");
    fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_distinct_watcher_of_a_file_tells_no_value_that_equals_the_last_one() {
    let server = Server::start().await;
    server.queue("/flags", ["[1]", "[ 1]", "[1,2]"].map(Reply::json));
    let text = format!(
        "apiVersion: koprs-external/v1
watchers:
  - {{ name: flags, interval: 1h, distinct: true, http: {{ url: {} }} }}
",
        server.url("/flags")
    );
    let set = WatcherSet::from_str(&text).unwrap();
    let mut flags = set.distinct_watch::<Vec<u8>>("flags").unwrap();
    let handle = flags.handle();
    let told = |expected| Some(ExternalEvent::Modified(expected));

    assert_eq!(flags.recv().await, Some(ExternalEvent::Added(vec![1])));
    handle.poll_now();
    let next = flags.recv();
    let poll = async {
        server.wait_for(2).await;
        handle.poll_now();
    };
    let (next, ()) = tokio::join!(next, poll);
    assert_eq!(next, told(vec![1, 2]), "`[ 1]` is `[1]`");
    assert_eq!(server.requests().len(), 3);
}

/// A folder of this test run.
fn folder() -> PathBuf {
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("yaml-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}
