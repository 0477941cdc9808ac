mod defaults;
mod secrets;
mod settings;

use std::time::Duration;

use super::*;
use crate::spec::{Format, SecretSource};

fn load(file: &Path, text: &str) -> Result<Vec<Declared>, ConfigError> {
    read(file, text.as_bytes())
}

fn read(file: &Path, bytes: &[u8]) -> Result<Vec<Declared>, ConfigError> {
    let file = File { path: file.into(), bytes: bytes.to_vec() };
    super::load(&[file], &Rules::default()).map(|loaded| loaded.watchers)
}

fn loaded(text: &str) -> Vec<Declared> {
    load(Path::new("etc/watchers.yaml"), text).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(text: &str) -> ConfigError {
    load(Path::new("watchers.yaml"), text).unwrap_err()
}

/// `line:column code`, in order.
fn codes(text: &str) -> Vec<String> {
    let error = refused(text);
    let shown = |it: &Diagnostic| format!("{}:{} {}", it.line(), it.column(), it.code());
    error.diagnostics().iter().map(shown).collect()
}

#[test]
fn anchors_aliases_and_merge_keys_work() {
    let text = r#"
apiVersion: koprs-external/v1
x-http: &http { timeout: 2s }
x-every: &every 30s
watchers:
  - { name: a, interval: *every, http: { <<: *http, url: "https://h/a" } }
"#;
    let spec = WatcherSpec::http("a", "https://h/a")
        .interval(Duration::from_secs(30))
        .timeout(Duration::from_secs(2));
    assert_eq!(*loaded(text).pop().unwrap().spec, spec.build().unwrap());
}

#[test]
fn a_source_beside_another_one_is_looked_over() {
    let text = "apiVersion: koprs-external/v1\nwatchers: [ { name: a, interval: 30s, http: { url: https://h }, objectStore: { settel: 5s, settle: x } } ]";
    let told = ["2:65 missing-url", "2:65 second-choice", "2:80 unknown-key", "2:100 bad-duration"];
    assert_eq!(codes(text), told);
}

#[test]
fn of_a_setting_that_cannot_be_used_nothing_more_is_told() {
    let text = "apiVersion: koprs-external/v1\nwatchers:\n  - { name: a, interval: 30s, onBadItem: x, removal: { confirm: x }, objectStore: { url: 's3://b/', option: { nope: [] } } }\n  - { name: b, interval: 30s, onBadItem: x, http: { url: https://h, tls: { key: [] } } }\n  - { name: c, interval: 30s, removal: { confirm: 4294967296 }, http: { url: https://h } }\n";
    let told = [
        "3:42 bad-word",
        "3:65 bad-number",
        "3:111 wrong-type",
        "4:42 bad-word",
        "4:76 wrong-type",
        "5:51 out-of-range",
    ];
    assert_eq!(codes(text), told);
}

#[test]
fn a_declaration_that_is_built_again_is_the_same() {
    let text = "apiVersion: koprs-external/v1\nwatchers: [ { name: a, interval: 30s, http: { url: 'https://h/${TOKEN}/x' } } ]";
    let file = File { path: Path::new("watchers.yaml").into(), bytes: text.into() };
    let env = Some(Variables::new(|_| Some("s3cr3t-of-the-path".into())));
    let loaded = super::load(&[file], &Rules { env, ..Rules::default() }).unwrap();
    let spec = *loaded.watchers.into_iter().next().unwrap().spec;
    let again = spec.clone().into_builder().build().unwrap();
    assert_eq!(again, spec);
    assert!(again.does_the_same_as(&spec));
    assert!(!format!("{again:?}").contains("/x"), "{again:?}");
}

#[test]
fn an_absolute_path_stays() {
    let text = "apiVersion: koprs-external/v1\nwatchers: [ { name: a, interval: 5s, http: { url: 'http://h', auth: { bearer: { file: /run/token } } } } ]";
    let spec = WatcherSpec::http("a", "http://h")
        .interval(Duration::from_secs(5))
        .bearer(SecretSource::File("/run/token".into()));
    assert_eq!(*loaded(text).pop().unwrap().spec, spec.build().unwrap());
}

#[test]
fn what_could_not_be_read_is_not_told_again() {
    let text = "apiVersion: koprs-external/v1\nwatchers: [ { nme: a, intervall: 5s, htp: {} }, { name: b, interval: [], http: 3 } ]";
    let expected = [
        "2:15 unknown-key",
        "2:23 unknown-key",
        "2:38 unknown-key",
        "2:60 wrong-type",
        "2:74 wrong-type",
    ];
    assert_eq!(codes(text), expected);
}

#[test]
fn ten_thousand_watchers_are_no_more_than_a_file_may_have() {
    let watcher = |n| {
        format!(
            "  - name: tenants-of-the-region-{n}
    interval: 45s
    maxBackoff: 10m
    items: {{ at: /data, key: /id }}
    http:
      url: https://api.example.com/v1/regions/{n}/tenants
      query: {{ page_size: 100, plan: premium }}
      auth: {{ bearer: {{ env: TENANTS_TOKEN }} }}
      timeout: 8s
"
        )
    };
    let watchers: String = (0..10_000).map(watcher).collect();
    let text = format!("apiVersion: koprs-external/v1\nwatchers:\n{watchers}");
    assert!(text.len() > 2_200_000, "{}", text.len());
    assert_eq!(loaded(&text).len(), 10_000);
}
