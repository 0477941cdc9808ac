//! Files of watchers: each of `fixtures/invalid` is refused with the words beside it, each of `fixtures/variables`
//! and `fixtures/several`, too; each of `fixtures/unwise` is warned of, each of `fixtures/valid` is accepted.
//! `UPDATE=1` writes the words anew.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fs};

use koprs_external::config::{ConfigError, Diagnostic, Severity};
use koprs_external::set::WatcherSet;
use koprs_external::{ExternalError, ExternalEvent};
use koprs_external_tests::{Reply, Server, advice};

/// What stands for a secret in the fixtures.
const SECRET: &str = "s3cr3t";

/// The YAML files of a folder, in order and without those that are mended; named as they are shown.
pub(crate) fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new("fixtures").join(folder);
    let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let is_yaml = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "yaml");
    let mut files: Vec<_> = entries.filter(is_yaml).collect();
    files.retain(|file| !is_mended(file));
    files.sort();
    assert!(!files.is_empty(), "no fixtures in {}", folder.display());
    files
}

fn is_mended(file: &Path) -> bool {
    file.to_string_lossy().ends_with(".mended.yaml")
}

#[test]
fn each_invalid_file_is_refused_with_the_words_beside_it() {
    let refused =
        |file: &PathBuf| format!("{}\n", told(&refusal(file, WatcherSet::from_path(file))));
    compare(fixtures("invalid"), refused);
}

#[test]
fn each_file_with_variables_is_refused_with_the_words_beside_it() {
    let refused = |file: &PathBuf| {
        let loaded = WatcherSet::loader().env_from(variable).from_path(file);
        format!("{}\n", told(&refusal(file, loaded)))
    };
    compare(fixtures("variables"), refused);
}

#[test]
fn several_files_are_refused_with_all_of_their_mistakes() {
    let refused = |file: &PathBuf| {
        let folder = file.parent().unwrap();
        let files = ["base.yaml", "team.yaml"].map(|name| folder.join(name));
        format!("{}\n", told(&refusal(file, WatcherSet::loader().from_paths(files))))
    };
    let folders = ["several/all-mistakes", "several/duplicate-name"];
    let last = folders.map(|folder| fixtures(folder).pop().unwrap());
    compare(last.to_vec(), refused);
}

#[test]
fn each_unwise_file_is_warned_of_with_the_words_beside_it() {
    let warned = |file: &PathBuf| {
        let set = WatcherSet::from_path(file).unwrap_or_else(|error| panic!("{error}"));
        assert!(set.warnings().iter().all(|it| it.severity() == Severity::Warning));
        set.warnings().iter().map(|warning| format!("{warning}\n\n")).collect()
    };
    compare(fixtures("unwise"), warned);
}

#[test]
fn a_strict_loader_refuses_what_is_unwise() {
    for file in fixtures("unwise") {
        let warned: Vec<_> = codes(WatcherSet::from_path(&file).unwrap().warnings());
        let error = WatcherSet::loader().strict().from_path(&file).unwrap_err();
        let mistakes = ConfigError::of(&error).unwrap().diagnostics();
        assert_eq!(codes(mistakes), warned, "{}", file.display());
        assert!(mistakes.iter().all(|it| it.severity() == Severity::Error));
        assert!(mistakes[0].to_string().contains(": error["), "{}", mistakes[0]);
    }
}

/// Variables whose values are shown by mistake if they are shown at all.
fn variable(name: &str) -> Option<OsString> {
    match name {
        "BAD" => Some(SECRET.into()),
        "CONTROL" => Some(format!("{SECRET}\n").into()),
        "HOUR" => Some("3607s".into()),
        "NAME" => Some("flags".into()),
        _ => None,
    }
}

fn refusal(file: &Path, loaded: Result<WatcherSet, ExternalError>) -> ExternalError {
    loaded.expect_err(&file.display().to_string())
}

fn codes(diagnostics: &[Diagnostic]) -> Vec<&'static str> {
    diagnostics.iter().map(Diagnostic::code).collect()
}

/// All that is told of files: an error shows as much of it as fits.
fn told(error: &ExternalError) -> String {
    let Some(refused) = ConfigError::of(error) else { return error.to_string() };
    let text = error.to_string();
    let counted = text.lines().last().unwrap_or_default();
    let counted = counted.split("; the first ").next().unwrap_or_default();
    let each = refused.diagnostics().iter().map(|told| format!("{told}\n\n"));
    each.collect::<String>() + counted
}

/// Compares what is told of each file with the words beside it.
fn compare(files: Vec<PathBuf>, tell: impl Fn(&PathBuf) -> String) {
    let mut differing = Vec::new();
    for file in files {
        let told = tell(&file);
        for value in [SECRET, "3607s"] {
            assert!(!told.contains(value), "{told}");
        }
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

/// `bad-url.yaml` has its watchers, mended as its help advises, in `bad-url.mended.yaml`.
#[test]
fn the_help_of_each_fixture_is_followed_beside_it_and_that_loads_without_a_warning() {
    let mut wrong = Vec::new();
    for (folder, is_strict) in [("invalid", false), ("variables", false), ("unwise", true)] {
        for file in fixtures(folder) {
            wrong.extend(
                not_mended(&file, is_strict).map(|why| format!("{}: {why}", file.display())),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Why what stands beside a fixture is not what its help advises.
fn not_mended(file: &Path, is_strict: bool) -> Option<String> {
    let mended = file.with_extension("mended.yaml");
    let Ok(text) = fs::read_to_string(&mended) else { return Some("is not mended".to_owned()) };
    #[expect(
        clippy::disallowed_methods,
        reason = "no runtime is blocked; the file may not be UTF-8"
    )]
    let fixture = fs::read(file).unwrap();
    let fixture = String::from_utf8_lossy(&fixture).into_owned();
    let watchers = |text: &str| text.lines().filter(|line| line.starts_with("  - ")).count();
    if watchers(&text) < watchers(&fixture) {
        return Some("has lost a watcher".to_owned());
    }
    let told = fs::read_to_string(file.with_extension("stderr")).unwrap();
    let mut helps =
        told.lines().filter_map(|line| line.split_once("= help: ")).map(|(_, help)| help);
    if let Some(help) = helps.find(|help| !advice::is_followed(help, &fixture, &text)) {
        return Some(format!("does not follow: {help}"));
    }
    let is_expanded = file.starts_with("fixtures/variables") || told.contains("`--env`");
    let loader = WatcherSet::loader();
    let loader = if is_strict { loader.strict() } else { loader };
    let loader = if is_expanded { loader.env_from(mended_variable) } else { loader };
    loader.from_path(&mended).err().map(|error| error.to_string())
}

/// Variables of mended fixtures.
fn mended_variable(name: &str) -> Option<OsString> {
    let value = match name {
        "NAME" | "TEAM" => "flags",
        "INTERVAL" => "30s",
        "TIMEOUT" => "5s",
        "FORMAT" => "json",
        "AT" => "/data",
        "RETRIES" => "3",
        "LIMIT" => "1MiB",
        "BASE" => "https://api.example.com",
        "HOST" => "api.example.com",
        "TOKEN" => SECRET,
        _ => return None,
    };
    Some(value.into())
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
    let documented = ["config/diagnostic.rs", "spec/mod.rs"]
        .map(|file| fs::read_to_string(Path::new("../koprs-external/src").join(file)).unwrap());
    let documented = documented.concat();
    let codes = |file: PathBuf| {
        let error = WatcherSet::from_path(file).unwrap_err();
        let mistakes = ConfigError::of(&error).unwrap().diagnostics().iter();
        mistakes.map(|mistake| mistake.code().to_owned()).collect::<Vec<_>>()
    };
    let told = fixtures("invalid").into_iter().flat_map(codes);
    let sources =
        ["config", "spec", "spec/object_store", "spec/reader", "spec/rules", "spec/trust"]
            .map(|room| sources(room).into_iter());
    let written = sources.into_iter().flatten().flat_map(|text| codes_in(&text));
    // A code of declarations in Rust, and a feature.
    let others = ["bad-parameter", "object-store"];
    for code in told.chain(written).filter(|code| !others.contains(&code.as_str())) {
        assert!(documented.contains(&format!("| `{code}` |")), "`{code}` is not documented");
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
        if file.ends_with("nothing-unwise.yaml") {
            assert_eq!(set.warnings(), []);
        }
    }
}

#[test]
fn every_code_has_a_fixture() {
    const NONE: [(&str, &str); 5] = [
        ("ignored-variable", "the environment of a test is set by a test of its own"),
        ("missing-feature", "the tests have all features"),
        ("missing-platform", "the tests run on one platform"),
        ("other-source", "a file has other words for it: `unknown-key`"),
        ("too-large", "a fixture of that size is a burden"),
    ];
    let documented = fs::read_to_string("../koprs-external/src/config/diagnostic.rs").unwrap();
    let rows = documented.lines().filter_map(|line| line.strip_prefix("/// | `")?.split_once('`'));
    let folders =
        ["invalid", "variables", "unwise", "several/all-mistakes", "several/duplicate-name"];
    let told: String = folders.iter().flat_map(|folder| fixtures(folder)).map(beside).collect();
    let missing = |code: &&str| !told.contains(&format!("[{code}]"));
    let missing: Vec<_> = rows.map(|(code, _)| code).filter(missing).collect();
    assert_eq!(missing, NONE.map(|(code, _)| code));
}

/// The words beside a fixture.
fn beside(file: PathBuf) -> String {
    fs::read_to_string(file.with_extension("stderr")).unwrap_or_default()
}

#[test]
fn several_files_are_one_set_with_each_its_own_defaults_and_folder() {
    let folder = folder().join("several");
    fs::create_dir_all(folder.join("team")).unwrap();
    let text = |name: &str, interval: &str| {
        format!(
            "apiVersion: koprs-external/v1
defaults: {{ interval: {interval} }}
watchers:
  - name: {name}
    http:
      url: https://api.example.com/v1/{name}
      tls: {{ ca: ca.pem }}
      auth: {{ bearer: {{ env: NO_SUCH_VARIABLE }} }}
"
        )
    };
    let files = [folder.join("base.yaml"), folder.join("team/team.yaml")];
    fs::write(&files[0], text("tenants", "30s")).unwrap();
    fs::write(&files[1], text("flags", "1m")).unwrap();

    let set = WatcherSet::loader().from_paths(&files).unwrap();

    assert!(set.names().eq(["tenants", "flags"]));
    let intervals = ["tenants", "flags"].map(|name| set.spec(name).unwrap().interval().as_secs());
    assert_eq!(intervals, [30, 60]);
    let place = set.place("flags").unwrap();
    assert_eq!(place.to_string(), format!("{}:4:11", files[1].display()));
    assert_eq!((place.file(), place.line(), place.column()), (files[1].as_path(), 4, 11));
    assert_eq!(set.place("flag"), None);
    let error = set.source::<String>("flags").unwrap_err().to_string();
    assert!(error.contains(&format!("{}:8:", files[1].display())), "{error}");
    let spec = format!("{:?}", set.spec("flags"));
    assert!(spec.contains("team/ca.pem"), "{spec}");

    let twice = [&files[0], &folder.join("team/../base.yaml")];
    let error = WatcherSet::loader().from_paths(twice).unwrap_err().to_string();
    assert!(error.contains("base.yaml is given twice"), "{error}");
    let none: [&str; 0] = [];
    let error = WatcherSet::loader().from_paths(none).unwrap_err().to_string();
    assert!(error.contains("no file of watchers is given"), "{error}");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn no_setting_shows_what_a_variable_holds() {
    let settings = [
        "interval",
        "maxBackoff",
        "jitter",
        "deadline",
        "decode",
        "onBadItem",
        "distinct",
        "items: { at: @ }",
        "items: { key: @ }",
        "items: { key: /id, limit: @ }",
        "ignore: [@]",
        "removal: { confirm: @ }",
        "removal: { holdAbove: @ }",
        "removal: { holdMin: @ }",
        "http: { url: @ }",
        "http: { url: 'https://h/', method: @ }",
        "http: { url: 'https://h/', query: { a: @ } }",
        "http: { url: 'https://h/', header: { a: @ } }",
        "http: { url: 'https://h/', body: { json: @ } }",
        "http: { url: 'https://h/', auth: { bearer: { env: @ } } }",
        "http: { url: 'https://h/', auth: { bearer: { value: @ } } }",
        "http: { url: 'https://h/', auth: { bearer: { file: @ } } }",
        "http: { url: 'https://h/', auth: { header: { name: @, env: A } } }",
        "http: { url: 'https://h/', auth: { basic: { username: @, password: { env: A } } } }",
        "http: { url: 'https://h/', auth: { oauth2: { tokenUrl: @, clientId: @, clientSecret: { env: @ }, scopes: [@], audience: @, margin: @ } } }",
        "http: { url: 'https://h/', tls: { ca: @, cert: @ } }",
        "http: { url: 'https://h/', unixSocket: @ }",
        "http: { url: 'https://h/', pages: { cursor: { at: @, param: @ }, limit: @, origins: [@] } }",
        "http: { url: 'https://h/', timeout: @ }",
        "http: { url: 'https://h/', retries: @ }",
        "http: { url: 'https://h/', respectMaxAge: @ }",
        "http: { url: 'https://h/', bodyLimit: @ }",
        "objectStore: { url: @ }",
        "objectStore: { url: 's3://b/', include: [@], exclude: [@] }",
        "objectStore: { url: 's3://b/', option: { aws_region: @, aws_secret_access_key: @ } }",
        "objectStore: { url: 's3://b/', settle: @ }",
        "objectStore: { url: 's3://b/', concurrency: @ }",
    ];
    let values = [
        "s3cr3t",
        "s3cr3t`s3cr3t",
        "{s3cr3t",
        "s3cr3t\n",
        "99 s3cr3t",
        "http://s3cr3t",
        "/~s3cr3t",
        "[s3cr3t",
    ];
    for setting in settings {
        for value in values {
            let setting =
                if setting.contains(':') { setting.to_owned() } else { format!("{setting}: @") };
            let setting = setting.replace('@', "\"${X}\"");
            let text = format!(
                "apiVersion: koprs-external/v1\nwatchers:\n  - {{ name: flags, {setting} }}\n"
            );
            let loader = WatcherSet::loader().env_from(move |_| Some(value.into()));
            let error = loader.from_str(&text).expect_err(&text).to_string();
            assert!(!error.contains(SECRET), "{text}\n{error}");
        }
    }
}

#[test]
fn what_a_source_refuses_does_not_show_what_a_variable_holds() {
    let text = "apiVersion: koprs-external/v1
watchers:
  - { name: flags, interval: 30s, http: { url: 'https://h/', auth: { bearer: { env: '${X}' } } } }
";
    let loader = WatcherSet::loader().env_from(|_| Some("s3cr3t".into()));
    let error = loader.from_str(text).unwrap().source::<String>("flags").unwrap_err().to_string();
    assert!(error.contains("<text>:3:85: the value of `${X}` is refused"), "{error}");
    assert!(!error.contains(SECRET), "{error}");
}

#[tokio::test]
async fn what_an_option_of_a_store_is_refused_for_does_not_show_what_a_variable_holds() {
    for name in ["aws_access_key_id", "AWS_ACCESS_KEY_ID"] {
        let text = format!(
            "apiVersion: koprs-external/v1
watchers:
  - name: models
    interval: 30s
    objectStore:
      url: s3://b/
      option: {{ aws_region: a, {name}: {{ env: '${{X}}' }} }}
"
        );
        let loader = WatcherSet::loader().env_from(|_| Some("s3cr3t_Tok".into()));
        let error = loader.from_str(&text).unwrap().values().unwrap_err().to_string();
        assert!(error.contains("<text>:7:58: the value of `${X}` is refused"), "{error}");
        assert!(!error.contains(SECRET), "{error}");
    }
}

#[test]
fn a_variable_that_other_tools_read_is_warned_of_where_no_credential_is_declared() {
    let warned = |option: &str, variable: &'static str| {
        let text = format!(
            "{{ apiVersion: koprs-external/v1, watchers: [ {{ name: a, interval: 1h, objectStore: {{
                url: 's3://b/', option: {{ {option} }} }} }} ] }}"
        );
        let loader =
            WatcherSet::loader().env_from(move |name| (name == variable).then(|| "x".into()));
        let set = loader.from_str(&text).unwrap();
        set.warnings().iter().map(ToString::to_string).collect::<String>()
    };
    let told = warned("region: a", "AWS_PROFILE");
    assert!(
        told.contains("warning[ignored-variable]: the variable `AWS_PROFILE` is set"),
        "{told}"
    );
    assert!(told.contains("write `option: { aws_access_key_id: "), "{told}");
    assert_eq!(warned("aws_access_key_id: { env: ID }", "AWS_PROFILE"), "");
    assert_eq!(warned("region: a", "AWS_REGION"), "");
}

#[test]
fn a_warning_beside_a_variable_of_the_file_refuses_nothing_and_shows_nothing_of_it() {
    let text =
        "{ apiVersion: koprs-external/v1, watchers: [ { name: a, interval: 1h, objectStore: {
        url: 's3://${BUCKET}/${FOLDER}' } } ] }";
    let variables = |name: &str| match name {
        "BUCKET" => Some("s3cr3t".into()),
        "FOLDER" => Some("s3cr3t.yaml".into()),
        "AWS_PROFILE" => Some("s3cr3t".into()),
        _ => None,
    };
    let set = WatcherSet::loader().env_from(variables).from_str(text).unwrap();
    let warnings: Vec<_> = set.warnings().iter().map(ToString::to_string).collect();
    let told = warnings.join("\n");
    assert!(told.contains("the variable `AWS_PROFILE` is set, and is not read here"), "{told}");
    assert!(told.contains("with `${BUCKET}`, `${FOLDER}` in it is legal, and unwise: "), "{told}");
    assert!(!told.contains("s3cr3t") && !told.contains("refused"), "{told}");
}

#[test]
fn a_secret_of_an_option_that_a_variable_holds_does_not_stand_in_the_file() {
    let text = |value: &str| {
        format!(
            "{{ apiVersion: koprs-external/v1, watchers: [ {{ name: a, interval: 1h, objectStore: {{
                url: 's3://b/', option: {{ AWS_SECRET_ACCESS_KEY: {value} }} }} }} ] }}"
        )
    };
    let warnings = |value: &str| {
        let loader = WatcherSet::loader().env_from(|_| Some("s3cr3t".into()));
        let set = loader.from_str(&text(value)).unwrap();
        set.warnings().iter().map(|it| it.code().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(warnings("'${X}'"), [""; 0]);
    assert_eq!(warnings("{ value: '${X}' }"), [""; 0]);
    assert_eq!(warnings("written"), ["literal-secret"]);
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

#[test]
fn what_is_kept_for_anchors_is_expanded_only_where_it_is_used() {
    let text = |used: &str| {
        format!(
            "x-kept: {{ a: &a '${{NOT_SET}}' }}
apiVersion: koprs-external/v1
watchers:
  - {{ name: flags, interval: 30s, http: {{ url: {used} }} }}
"
        )
    };
    let loader = WatcherSet::loader().env_from(|_| None);
    loader.from_str(&text("https://h/")).unwrap();
    let error = loader.from_str(&text("*a")).unwrap_err().to_string();
    assert!(error.contains("`${NOT_SET}` is not set"), "{error}");
}

#[test]
fn the_name_of_a_file_is_shown_so_that_a_terminal_does_not_obey_it() {
    let file = folder().join("a\u{1b}[2J\n.yaml");
    fs::write(&file, "watchers: 1").unwrap();
    let error = WatcherSet::from_path(&file).unwrap_err().to_string();
    assert!(error.contains("a\\u{1b}[2J\\n.yaml:1:1"), "{error}");
    assert!(!error.contains('\u{1b}') && error.ends_with(".yaml"), "{error}");
}

#[test]
fn each_file_of_the_readme_loads() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(readme).unwrap();
    let blocks = readme.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let files: Vec<_> = blocks.filter(|block| block.contains("watchers:")).collect();
    assert!(files.len() > 1);
    for file in files {
        WatcherSet::from_str(file).unwrap_or_else(|error| panic!("{error}"));
    }
}
