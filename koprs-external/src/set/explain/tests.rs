use std::collections::BTreeSet;

use super::*;
use crate::spec::table::{Kind, SETTINGS};

fn explain(watcher: &str) -> Explanation {
    let text = format!("apiVersion: koprs-external/v1\nwatchers:\n  - {watcher}\n");
    let set = WatcherSet::from_str(&text).unwrap_or_else(|error| panic!("{error}"));
    set.explain("flags").unwrap()
}

fn origin(explanation: &Explanation, setting: &str) -> String {
    let found = explanation.settings.iter().find(|it| it.setting == setting);
    found.map(|it| it.origin.to_string()).unwrap_or_default()
}

/// With each kind of credential, of body and of paging, and an object store.
fn all() -> Vec<Explanation> {
    let secrets = ["env: A", "file: a", "value: a"];
    let auths = secrets.iter().flat_map(|secret| {
        [
            format!("bearer: {{ {secret} }}"),
            format!("basic: {{ username: me, password: {{ {secret} }} }}"),
            format!("header: {{ name: X-Key, prefix: 'Key ', {secret} }}"),
            format!("query: {{ name: key, {secret} }}"),
            format!(
                "oauth2: {{ tokenUrl: 'https://h/t', clientId: me, clientSecret: {{ {secret} }}, scopes: [a], \
                 audience: a }}"
            ),
        ]
    });
    let auths = auths.map(|auth| format!("https://h/x, auth: {{ {auth} }}"));
    let pages = [
        "linkHeader: {}, origins: ['https://o']",
        "cursor: { at: /next, param: cursor }",
        "cursor: { header: X-Next }",
        "number: { param: page }",
        "offset: { param: offset }",
    ];
    let pages = pages.map(|pages| format!("https://h/x, pages: {{ {pages} }}"));
    let others = [
        "https://h/x, query: { a: b }, header: { X-A: b }, body: { json: '{}' }",
        "https://h/x, body: { text: a }, tls: { ca: ca.pem, cert: a.pem, key: a.key }",
        "http://h/x, unixSocket: a.sock",
    ];
    let https = auths.chain(pages).chain(others.map(str::to_owned));
    let list = "ignore: [/a], items: { at: /data, key: /id }";
    let http = |http: String| {
        explain(&format!("{{ name: flags, interval: 30s, {list}, http: {{ url: {http} }} }}"))
    };
    let store = "url: 's3://b/', include: ['*'], exclude: ['a'], option: { aws_region: a }";
    https
        .map(http)
        .chain([explain(&format!("{{ name: flags, interval: 30s, objectStore: {{ {store} }} }}"))])
        .collect()
}

#[test]
fn every_setting_is_explained_where_it_is_in_use() {
    let explained: BTreeSet<_> =
        all().into_iter().flat_map(|it| it.settings).map(|it| it.setting).collect();
    let is_explained = |path: &str| {
        explained.iter().any(|known| known == path || known.starts_with(&format!("{path}.")))
    };
    let missing: Vec<_> = SETTINGS
        .iter()
        .filter(|setting| !matches!(setting.kind, Kind::Block))
        .map(|setting| setting.yaml_path())
        .filter(|path| !is_explained(path))
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn what_defaults_say_comes_from_there_and_what_the_watcher_says_from_it() {
    let set: WatcherSet = "
apiVersion: koprs-external/v1
defaults:
  interval: 30s
  jitter: 10%
  removal: { confirm: 3 }
  http: { timeout: 5s, retries: 2, header: { X-A: a, X-B: b }, tls: { ca: ca.pem } }
watchers:
  - name: flags
    jitter: 5%
    http:
      url: https://h
      header: { x-a: c }
      query: { page: 7 }
"
    .parse()
    .unwrap();
    let flags = set.explain("flags").unwrap();
    let cases = [
        ("interval", "defaults, <text>:4:13"),
        // As the default of the library is, and written.
        ("jitter", "<text>:10:13"),
        ("maxBackoff", "built in"),
        ("removal.confirm", "defaults, <text>:6:23"),
        ("removal.holdAbove", ""),
        ("http.url", "<text>:12:12"),
        ("http.timeout", "defaults, <text>:7:20"),
        ("http.retries", "defaults, <text>:7:33"),
        ("http.header.X-A", ""),
        ("http.header.x-a", "<text>:13:17"),
        ("http.header.X-B", "defaults, <text>:7:54"),
        ("http.tls.ca", "defaults, <text>:7:75"),
        ("http.query.page", "<text>:14:16"),
        ("http.bodyLimit", "built in"),
    ];
    for (setting, expected) in cases {
        assert_eq!(origin(&flags, setting), expected, "{setting}");
    }
}

#[test]
fn an_object_store_is_explained_by_what_is_listed() {
    let store = "url: 's3://b/models/', include: ['*.yaml'], option: { aws_region: a, aws_endpoint: { env: E } }";
    let flags = explain(&format!("{{ name: flags, interval: 30s, objectStore: {{ {store} }} }}"));
    let Asks::Listing(listing) = &flags.asks else { panic!("{:?}", flags.asks) };
    assert_eq!(listing.url, "s3://b/models/");
    assert_eq!(listing.include, ["*.yaml"]);
    let value = |name: &str| {
        let found =
            flags.settings.iter().find(|it| it.setting == format!("objectStore.option.{name}"));
        found.unwrap().value.as_str()
    };
    assert_eq!(value("aws_endpoint"), "{ env: E }");
    assert_eq!(value("aws_region"), "a");
}

#[test]
fn a_default_that_follows_from_something_else_is_what_it_comes_to() {
    let flags = explain("{ name: flags, interval: 10m, http: { url: https://h } }");
    let value = |setting: &str| {
        flags.settings.iter().find(|it| it.setting == setting).unwrap().value.as_str()
    };
    assert_eq!(value("maxBackoff"), "5h 20m");
    assert_eq!(value("deadline"), "10m");
    assert_eq!(value("http.method"), "get");
}

#[test]
fn no_value_of_a_variable_is_shown_for_a_name() {
    let sources = [
        "objectStore: { url: 's3://b/', option: { AWS_ACCESS_KEY_ID: { env: '${V}' } } }",
        "objectStore: { url: 's3://b/', option: { aws_access_key_id: { file: '${V}' } } }",
        "http: { url: 'https://h/?a=b', auth: { query: { name: '${V}', env: A } } }",
        "http: { url: https://h, auth: { header: { name: '${V}', env: A } } }",
    ];
    for source in sources {
        let text = format!(
            "{{ apiVersion: koprs-external/v1, watchers: [ {{ name: flags, interval: 1h, {source} }} ] }}"
        );
        let loader = WatcherSet::loader().env_from(|_| Some("s3cr3t_Tok".into()));
        let flags = loader.from_str(&text).unwrap().explain("flags").unwrap();
        let shown = format!("{flags:?}");
        assert!(shown.contains("${V}"), "{shown}");
        assert!(!shown.to_lowercase().contains("s3cr3t"), "{shown}");
    }
}
