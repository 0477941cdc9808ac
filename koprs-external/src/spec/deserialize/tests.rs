use serde_json::{Value, json};

use super::*;

fn refused(value: Value) -> String {
    serde_json::from_value::<WatcherSpec>(value).unwrap_err().to_string()
}

#[test]
fn a_watcher_is_read_as_a_file_reads_it() {
    let spec: WatcherSpec = serde_json::from_value(json!({
        "name": "flags",
        "interval": "30s",
        "distinct": true,
        "http": { "url": "https://h/x", "query": { "page": 7, "all": true, "share": 1.5 }, "retries": 3 }
    }))
    .unwrap();
    let built = WatcherSpec::http("flags", "https://h/x")
        .interval(std::time::Duration::from_secs(30))
        .distinct()
        .query("all", "true")
        .query("page", "7")
        .query("share", "1.5")
        .retries(3);
    assert_eq!(spec, WatcherSpec { trust: None, ..built.build().unwrap() });
}

#[test]
fn every_mistake_is_told_with_its_path() {
    let value = json!({
        "name": "flags",
        "intervall": "30s",
        "ignore": ["/a", "b"],
        "http": { "url": "h", "auth": { "bearer": { "env": "A", "file": "b" } }, "retries": "many" }
    });
    let told = refused(value);
    for part in [
        "watcher `flags`; ",
        "intervall: a watcher has no `intervall` (did you mean `interval`?",
        "ignore.1: `b` is not a JSON pointer",
        "http.url: `h` is not a URL",
        "http.auth.bearer.file: where the secret comes from is given twice",
        "http.retries: `many` is not a whole number",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn what_is_missing_is_missing_in_the_watcher() {
    assert_eq!(
        refused(json!({ "name": "flags", "http": { "url": "https://h" } })),
        "watcher `flags`; no interval is given (say how often to poll: `interval: 30s`)"
    );
    let told = refused(json!({ "name": "flags", "interval": "30s" }));
    assert!(told.starts_with("watcher `flags`; what is polled is not given ("), "{told}");
    let told = refused(json!({ "interval": "30s", "http": { "url": "https://h" } }));
    assert!(told.starts_with("the watcher has no `name`"), "{told}");
    assert_eq!(
        refused(json!("flags")),
        "a watcher must be a mapping, found a value (write `- name: flags` and its settings under it)"
    );
}

#[test]
fn no_secret_is_told() {
    let values = [
        json!({ "http": { "auth": { "bearer": { "valu": "s3cr3t" } } } }),
        json!({ "http": { "auth": { "bearer": "s3cr3t" } } }),
        json!({ "http": { "auth": { "bearer s3cr3t": null } } }),
        json!({ "http": { "header": { "Authorization: s3cr3t": "" } } }),
        json!({ "http": { "url": "https://u:s3cr3t@h h/x?s3cr3t" } }),
        json!({ "objectStore": { "url": "s3://b", "option": { "s3cr3t is one": ["x"] } } }),
    ];
    for value in values {
        let told = refused(value);
        assert!(!told.contains("s3cr3t"), "{told}");
    }
    let twice = r#"{ "http": { "header": { "X s3cr3t": "", "X s3cr3t": "" } } }"#;
    let told = serde_json::from_str::<WatcherSpec>(twice).unwrap_err().to_string();
    assert!(told.starts_with("a key is given twice"), "{told}");
    let twice = r#"{ "name": "a", "name": "b" }"#;
    let told = serde_json::from_str::<WatcherSpec>(twice).unwrap_err().to_string();
    assert!(told.starts_with("`name` is given twice"), "{told}");
}

#[test]
fn what_is_too_large_is_refused() {
    let deep = (0..=DEEPEST).fold(json!("x"), |inner, _| json!([inner]));
    assert_eq!(refused(deep), "a watcher has at most 32 levels");
    let many: Vec<_> = (0..bounds::NODES).collect();
    assert_eq!(refused(json!(many)), too_large());
    let long = "x".repeat(bounds::DECLARATION + 1);
    assert_eq!(refused(json!([long])), too_large());
}

#[test]
fn any_format_that_has_maps_will_do() {
    let text = "name: flags\ninterval: 30s\nhttp: { url: 'https://h/x', retries: 3, respectMaxAge: true }\n";
    let yaml: WatcherSpec = serde_saphyr::from_str(text).unwrap();
    let json = json!({
        "name": "flags", "interval": "30s",
        "http": { "url": "https://h/x", "retries": 3, "respectMaxAge": true }
    });
    assert_eq!(yaml, serde_json::from_value(json).unwrap());
}

#[test]
fn of_many_mistakes_those_that_fit_into_a_status_are_told_with_their_paths() {
    let headers: serde_json::Map<_, _> =
        (0..100).map(|n| (format!("Key{n:04} y"), json!("v"))).collect();
    let told = refused(json!({ "name": "flags", "interval": "30s", "http": {
        "url": "https://h", "header": headers, "retries": "many"
    } }));
    assert!(told.starts_with("watcher `flags`; http.header.…: `Key0000…` is not"), "{told}");
    let shown = told.matches("is not a header name").count();
    assert!(shown > 20 && told.len() <= 4096, "{told}");
    assert!(told.ends_with(&format!("; and {} more", 101 - shown)), "{told}");
}
