use crate::config::ConfigError;
use crate::error::ExternalError;
use crate::set::WatcherSet;

const TEXT: &str = "
apiVersion: koprs-external/v1
defaults: { interval: 30s }
watchers:
  - { name: tenants, http: { url: https://h/tenants } }
  - { name: flags, http: { url: https://h/flags, auth: { bearer: { env: NO_SUCH_VARIABLE } } } }
";

fn set() -> WatcherSet {
    TEXT.parse().unwrap()
}

#[test]
fn watchers_are_found_by_name_in_the_order_of_the_file() {
    assert!(set().names().eq(["tenants", "flags"]));
    assert_eq!(set().spec("flags").unwrap().name(), "flags");
    assert_eq!(set().spec("flag"), None);
}

#[test]
fn an_unknown_name_is_an_error_with_the_known_ones() {
    let error = set().source::<String>("flag").unwrap_err().to_string();
    assert!(error.contains("`flag` is not a watcher of <text>"), "{error}");
    assert!(error.contains("did you mean `flags`? known: `tenants`, `flags`"), "{error}");
}

#[test]
fn what_a_source_refuses_is_told_with_its_place() {
    let error = set().source::<String>("flags").unwrap_err();
    let told = "<text>:6:73: the environment variable `NO_SUCH_VARIABLE` is not set";
    assert!(error.to_string().contains(told), "{error}");
    assert!(error.is_permanent());
}

#[test]
fn a_distinct_watcher_needs_values_that_can_be_compared() {
    let set: WatcherSet =
        TEXT.replace("name: tenants,", "name: tenants, distinct: true,").parse().unwrap();
    let error = set.source::<String>("tenants").unwrap_err().to_string();
    assert!(error.contains("<text>:5:32: values that are compared"), "{error}");
    assert!(error.contains("`DeclaredSource::distinct`, or `distinct_watch` and"), "{error}");
    assert_eq!(set.distinct_source::<String>("tenants").unwrap().spec().name(), "tenants");
    let error = set.distinct_source::<String>("tenant").unwrap_err().to_string();
    assert!(error.contains("did you mean `tenants`?"), "{error}");
}

#[test]
fn a_watcher_that_is_not_distinct_may_have_values_that_can_be_compared() {
    assert!(!set().distinct_source::<String>("tenants").unwrap().spec().distinct());
}

#[test]
fn a_set_of_some_of_the_watchers_has_no_warnings_of_the_others() {
    let set: WatcherSet = "
apiVersion: koprs-external/v1
defaults: { interval: 1s, http: { timeout: 2s } }
watchers:
  - { name: a, items: { key: /id }, removal: { holdAbove: 100% }, http: { url: https://h/ } }
  - { name: b, http: { url: https://h/, query: { q: '${Q}' }, auth: { bearer: { value: x } } } }
  - { name: c, interval: 1m, http: { url: https://h/, header: { X-Q: '${Q}' } } }
"
    .parse()
    .unwrap();
    let warned = |names: &[&str]| {
        let set = set.only(names).unwrap();
        let warned = set.warnings().iter().map(|it| format!("{}:{}", it.line(), it.code()));
        warned.collect::<Vec<_>>().join(" ")
    };
    let defaults = "3:interval-below-timeout 3:many-requests";
    assert_eq!(warned(&["a"]), format!("{defaults} 5:held-never"));
    assert_eq!(warned(&["b"]), format!("{defaults} 6:unexpanded-variable 6:literal-secret"));
    assert_eq!(warned(&["c"]), "7:unexpanded-variable");
    assert_eq!(set.warnings().len(), 6);
    assert_eq!(set.only(["a", "b", "c"]).unwrap().warnings(), set.warnings());
}

#[tokio::test]
async fn a_set_without_watchers_knows_none_and_its_stream_ends_at_once() {
    let set: WatcherSet = "{ apiVersion: koprs-external/v1, watchers: [] }".parse().unwrap();
    let warned: Vec<_> = set.warnings().iter().map(|it| it.code()).collect();
    assert_eq!((set.names().count(), warned), (0, vec!["no-watchers"]));
    let error = set.source::<String>("a").unwrap_err().to_string();
    assert!(error.contains("`a` is not a watcher of <text> (known: none)"), "{error}");
    let mut values = set.values().unwrap();
    values.synced().await.unwrap();
    assert_eq!(values.recv().await, None);
    values.shutdown().await;
}

#[test]
fn the_mistakes_of_a_file_are_reached_through_the_error() {
    let error = "defaults: {}".parse::<WatcherSet>().unwrap_err();
    let mistakes = ConfigError::of(&error).unwrap();
    let codes: Vec<_> = mistakes.diagnostics().iter().map(|it| it.code()).collect();
    assert_eq!(codes, ["missing-api-version", "missing-watchers"]);
    assert_eq!(error.to_string(), mistakes.to_string());
    assert!(error.is_permanent() && !error.is_retryable());
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_with_its_path() {
    let error = WatcherSet::from_path("no/such.yaml").unwrap_err();
    assert!(matches!(&error, ExternalError::Io(_)));
    assert!(error.to_string().contains("no/such.yaml"), "{error}");
}
