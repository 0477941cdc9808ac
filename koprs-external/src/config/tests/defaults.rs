//! What `defaults` say, and whom.

use super::*;

#[cfg(feature = "object-store")]
#[test]
fn defaults_of_http_do_not_reach_an_object_store() {
    let text = "
apiVersion: koprs-external/v1
defaults:
  interval: 30s
  removal: { confirm: 5, holdMin: 3 }
  http: { retries: 1, bodyLimit: 1KiB }
  objectStore: { settle: 5s, concurrency: 2, bodyLimit: 2KiB }
watchers:
  - { name: a, objectStore: { url: 'file:///a', concurrency: 3 } }
  - { name: b, http: { url: https://h } }
";
    let second = Duration::from_secs(1);
    let a = WatcherSpec::object_store("a", "file:///a").interval(30 * second).hold_min(3);
    let a = a.settle(5 * second).concurrency(3).body_limit(2048);
    let b = WatcherSpec::http("b", "https://h").interval(30 * second).hold_min(3);
    let b = b.confirm(5).retries(1).body_limit(1024);
    let specs: Vec<_> = loaded(text).into_iter().map(|declared| *declared.spec).collect();
    assert_eq!(specs, [a, b].map(|spec| spec.build().unwrap()));
}

#[test]
fn a_mistake_in_the_defaults_of_object_stores_is_told() {
    let text = "apiVersion: koprs-external/v1\ndefaults: { interval: 5s, objectStore: { settle: 25h, url: x } }\nwatchers: [ { name: a, http: { url: http://h } } ]";
    assert_eq!(codes(text), ["2:50 out-of-range", "2:55 unknown-key"]);
}

#[test]
fn defaults_are_taken_setting_by_setting() {
    let text = "
apiVersion: koprs-external/v1
defaults:
  interval: 30s
  removal: { confirm: 5, holdMin: 3 }
  http: { tls: { ca: ca.pem }, retries: 1, respectMaxAge: true }
watchers:
  - { name: a, http: { url: https://h } }
  - name: b
    removal: { holdMin: 7 }
    http: { url: https://h, tls: { cert: c, key: k }, retries: 3, respectMaxAge: false }
  - { name: c, http: { url: HTTP://h } }
";
    let named = |name: &str, url: &str| {
        WatcherSpec::http(name, url).interval(Duration::from_secs(30)).confirm(5)
    };
    let a = named("a", "https://h").hold_min(3).tls_ca("etc/ca.pem").retries(1).respect_max_age();
    let b = named("b", "https://h").hold_min(7).retries(3);
    let b = b.tls_ca("etc/ca.pem").tls_identity("etc/c", "etc/k");
    let c = named("c", "http://h").hold_min(3).retries(1).respect_max_age();
    let specs: Vec<_> = loaded(text).into_iter().map(|declared| *declared.spec).collect();
    assert_eq!(specs, [a, b, c].map(|spec| spec.build().unwrap()));
}

#[test]
fn a_default_format_that_is_a_list_lets_each_watcher_say_its_key() {
    let text = "apiVersion: koprs-external/v1\ndefaults: { interval: 5s, decode: ndjson }\nwatchers: [ { name: a, items: { key: /id }, http: { url: http://h } }, { name: b, http: { url: http://h } } ]";
    assert_eq!(codes(text), ["3:80 missing-key"]);
}

#[test]
fn a_default_holds_for_each_watcher_that_does_not_say_otherwise() {
    let text = r#"
apiVersion: koprs-external/v1
defaults:
  interval: 30s
  decode: text
  http: { timeout: 2s, header: { X-Team: platform, X-Env: test } }
watchers:
  - { name: a, http: { url: "https://h/a" } }
  - { name: b, interval: 1m, http: { url: "https://h/b", header: { x-team: b } } }
"#;
    let spec = |name: &str, interval| {
        WatcherSpec::http(name, format!("https://h/{name}"))
            .interval(Duration::from_secs(interval))
            .decode(Format::Text)
            .timeout(Duration::from_secs(2))
    };
    let a = spec("a", 30).header("X-Team", "platform").header("X-Env", "test").build().unwrap();
    let b = spec("b", 60).header("X-Env", "test").header("x-team", "b").build().unwrap();
    let specs: Vec<_> = loaded(text).into_iter().map(|declared| *declared.spec).collect();
    assert_eq!(specs, [a, b]);
}

#[test]
fn a_mistake_in_the_defaults_is_told_once() {
    let watchers = "watchers:\n  - { name: a, http: { url: http://h } }\n  - { name: b, http: { url: http://h } }\n";
    let cases = [
        ("interval: 30", "2:23 bad-duration"),
        ("interval: 10ms", "2:23 short-interval"),
        ("interval: 1m, maxBackoff: 30s", "2:39 short-max-backoff"),
        ("interval: 1m, http: { header: { Range: x } }", "2:45 own-header"),
    ];
    for (defaults, told) in cases {
        let text = format!("apiVersion: koprs-external/v1\ndefaults: {{ {defaults} }}\n{watchers}");
        assert_eq!(codes(&text), [told]);
    }
}

#[test]
fn an_unused_default_is_checked_too() {
    let text = "apiVersion: koprs-external/v1\ndefaults: { interval: 1ms }\nwatchers: [ { name: a, interval: 5s, http: { url: http://h } } ]";
    assert_eq!(codes(text), ["2:23 short-interval"]);
}

#[test]
fn an_interval_over_the_default_max_backoff_is_told_at_the_interval() {
    let text = "apiVersion: koprs-external/v1\ndefaults: { interval: 1s, maxBackoff: 5m }\nwatchers: [ { name: a, interval: 10m, http: { url: http://h } } ]";
    assert_eq!(codes(text), ["3:34 short-max-backoff"]);
    let error = refused(text);
    assert_eq!(
        error.diagnostics()[0].message(),
        "the default `maxBackoff` `5m` is less than the interval `10m`"
    );
}

#[test]
fn the_headers_of_a_watcher_and_of_the_defaults_are_bounded_together() {
    let headers = |prefix: &str, count, value: &str| -> String {
        (0..count).map(|n| format!("{prefix}{n}: {value}, ")).collect()
    };
    let codes = |defaults: (usize, &str), own: (usize, &str)| {
        let (defaults, own) = (headers("X-", defaults.0, defaults.1), headers("Y-", own.0, own.1));
        codes(&format!(
            "apiVersion: koprs-external/v1\ndefaults: {{ interval: 30s, http: {{ header: {{ {defaults} }} }} }}\nwatchers:\n  - {{ name: w, http: {{ url: 'https://h/', header: {{ {own} }} }} }}\n"
        ))
    };
    assert_eq!(codes((80, "a"), (80, "a")), ["4:43 too-many"]);
    assert_eq!(codes((40, &"a".repeat(900)), (40, &"a".repeat(900))), ["4:43 too-long"]);
    // Those that are too many by themselves are told once, and not merged.
    assert_eq!(codes((80, "a"), (1_000, "a")), ["4:43 too-many"]);
}

#[test]
fn default_headers_are_bounded_over_all_watchers() {
    let headers: String = (0..100).map(|n| format!("X-{n}: a, ")).collect();
    let watchers = |count: usize| -> String {
        let watcher = |n| format!("  - {{ name: w{n}, http: {{ url: 'https://h/' }} }}\n");
        (0..count).map(watcher).collect()
    };
    let text = |count| {
        format!(
            "apiVersion: koprs-external/v1\ndefaults: {{ interval: 30s, http: {{ header: {{ {headers} }} }} }}\nwatchers:\n{}",
            watchers(count)
        )
    };
    assert_eq!(loaded(&text(2)).len(), 2);
    assert_eq!(codes(&text(5_001)), ["2:46 too-complex"]);
}
