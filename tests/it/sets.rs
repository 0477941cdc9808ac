//! Sets of watchers: one stream of typed events, one watcher onto a channel, values for tools.

use std::fs;

use koprs_external::ExternalEvent::{Added, Modified, Removed};
use koprs_external::set::{ValueEvent, WatcherSet};
use koprs_external::store::{Object, StoredObject};
use koprs_external::watcher::State;
use koprs_external::{ExternalEvent, WatcherEvents};
use koprs_external_tests::{Reply, Server};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;

#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Flags {
    on: bool,
}

#[derive(Clone, Debug, Deserialize)]
struct Tenant {
    id: String,
}

#[derive(Debug, WatcherEvents)]
enum Change {
    Flags(ExternalEvent<Flags>),
    #[watcher(name = "tenants")]
    Tenant(ExternalEvent<Tenant>),
    Models(ExternalEvent<Object<String>>),
    Files(ExternalEvent<StoredObject>),
}

impl Change {
    fn shown(&self) -> String {
        match self {
            Self::Flags(event) => format!("flags {}", event.clone().map(|flags| flags.on)),
            Self::Tenant(event) => format!("tenants {}", event.clone().map(|tenant| tenant.id)),
            Self::Models(event) => format!("models {}", event.clone().map(|model| model.value)),
            Self::Files(event) => format!("files {}", event.clone().map(|file| file.size)),
        }
    }
}

/// The watchers of `Change`.
fn watchers(server: &Server, folder: &str) -> String {
    format!(
        "apiVersion: koprs-external/v1
defaults: {{ interval: 1h }}
watchers:
  - {{ name: flags, distinct: true, http: {{ url: {} }} }}
  - {{ name: tenants, items: {{ key: /id }}, http: {{ url: {} }} }}
  - {{ name: models, decode: text, objectStore: {{ url: file://{folder}/ }} }}
  - {{ name: files, objectStore: {{ url: file://{folder}/ }} }}
",
        server.url("/flags"),
        server.url("/tenants")
    )
}

fn set(text: &str) -> WatcherSet {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test]
async fn all_watchers_of_a_set_are_one_stream_of_typed_events() {
    let server = Server::start().await;
    server.queue(
        "/flags",
        [r#"{"on":true}"#, r#"{ "on": true }"#, r#"{"on":false}"#].map(Reply::json),
    );
    server.set("/tenants", Reply::json(r#"[{"id":"a"},{"id":"b"}]"#));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("m.txt"), "large").unwrap();
    let set = set(&watchers(&server, folder.path().to_str().unwrap()));

    let mut changes = set.events::<Change>().unwrap();
    let synced = tokio::spawn(changes.synced());
    let mut told = Vec::new();
    for _ in 0..5 {
        told.push(changes.recv().await.unwrap().shown());
    }
    told.sort();
    let first = ["files + 5", "flags + true", "models + large", "tenants + a", "tenants + b"];
    assert_eq!(told, first);

    let flags = changes.watcher("flags").unwrap();
    let poll = async {
        synced.await.unwrap().unwrap();
        for polls in 2..4 {
            flags.poll_now();
            server.wait_for_hits("/flags", polls).await;
        }
    };
    let (next, ()) = tokio::join!(changes.recv(), poll);
    assert_eq!(next.unwrap().shown(), "flags ~ false", "`{{ \"on\": true }}` is what was there");
    let healthy = changes.statuses().into_iter().filter(|(_, it)| it.state == State::Healthy);
    assert!(healthy.count() >= 3, "all but the one whose event is in hand");

    changes.shutdown().await;
    assert!(changes.recv().await.is_none());
}

#[tokio::test]
async fn all_that_keeps_a_set_from_starting_is_one_error_and_nothing_is_started() {
    let server = Server::start().await;
    let text = format!(
        "apiVersion: koprs-external/v1
defaults: {{ interval: 1h }}
watchers:
  - {{ name: flags, http: {{ url: {url}, auth: {{ bearer: {{ env: NO_SUCH_TOKEN }} }} }} }}
  - {{ name: tenant, http: {{ url: {url} }} }}
  - {{ name: models, objectStore: {{ url: s3://b/, option: {{ aws_region: {{ env: NO_SUCH_REGION }} }} }} }}
  - {{ name: others, http: {{ url: {url} }} }}
",
        url = server.url("/")
    );
    let refused = set(&text).events::<Change>().unwrap_err();
    let told = refused.to_string();
    let expected = [
        "<text>:4:",
        "the environment variable `NO_SUCH_TOKEN` is not set",
        "<text>:5:13: the watcher `tenant` has no variant in `Change` (did you mean `tenants`?",
        "<text>:6:",
        "the environment variable `NO_SUCH_REGION` is not set",
        "<text>:7:13: the watcher `others` has no variant in `Change`",
        "`Change::Tenant` has no watcher `tenants` (did you mean `#[watcher(name = \"tenant\")]`?)",
        "`Change::Files` has no watcher `files` (declare `files`, or leave the variant out)",
    ];
    for part in expected {
        assert!(told.contains(part), "{part}\nis not in\n{told}");
    }
    assert!(refused.is_permanent());
    assert_eq!(server.connections(), 0);
}

#[derive(Debug, WatcherEvents)]
#[allow(dead_code, reason = "no event of it is ever told")]
enum OnlyTenants {
    Tenants(ExternalEvent<Tenant>),
}

#[test]
fn a_distinct_watcher_whose_values_cannot_be_compared_is_an_error_with_its_place() {
    let set = set("apiVersion: koprs-external/v1
watchers:
  - name: tenants
    interval: 1h
    distinct: true
    http: { url: https://api.example.com }
");
    let told = set.events::<OnlyTenants>().unwrap_err().to_string();
    let expected = "<text>:5:15: `distinct` compares values, and those of `OnlyTenants::Tenants` \
                    cannot be (derive `PartialEq` for their type, or leave `distinct` out)";
    assert!(told.contains(expected), "{told}");
}

#[tokio::test]
async fn one_watcher_goes_onto_a_channel() {
    let server = Server::start().await;
    server.set("/flags", Reply::json(r#"{"on":true}"#));
    let set = set(&format!(
        "{{ apiVersion: koprs-external/v1, watchers: [
            {{ name: flags, interval: 1h, http: {{ url: {} }} }} ] }}",
        server.url("/flags")
    ));
    let (tx, mut flags) = mpsc::channel(1);
    let task = set.spawn("flags", tx).unwrap();
    assert_eq!(flags.recv().await, Some(Added(Flags { on: true })));
    drop(flags);
    task.await.unwrap();

    let (tx, _flags) = mpsc::channel::<ExternalEvent<Flags>>(1);
    let told = set.spawn("flag", tx).unwrap_err().to_string();
    assert!(told.contains("did you mean `flags`?"), "{told}");
}

/// What a watcher of this declaration tells first.
async fn first_value(declared: &str) -> ValueEvent {
    let text = format!(
        "{{ apiVersion: koprs-external/v1, watchers: [ {{ name: it, interval: 1h, {declared} }} ] }}"
    );
    set(&text).values().unwrap().recv().await.unwrap()
}

#[tokio::test]
async fn values_are_what_was_decoded() {
    let server = Server::start().await;
    server.set("/json", Reply::json(r#"{"a":[1,null,0.5]}"#));
    server.set("/text", Reply::text("hello"));
    server.set("/bytes", Reply::text("\u{0}\u{1}"));
    server.set("/yaml", Reply::text("a: [1, x]"));
    server.set("/list", Reply::json(r#"{"data":[{"id":7}]}"#));
    let cases = [
        ("/json", "", json!({ "a": [1, null, 0.5] })),
        ("/json", "distinct: true,", json!({ "a": [1, null, 0.5] })),
        ("/text", "decode: text,", json!("hello")),
        ("/bytes", "decode: bytes,", json!("AAE=")),
        ("/yaml", "decode: yaml,", json!({ "a": [1, "x"] })),
        ("/list", "items: { at: /data, key: /id },", json!({ "id": 7 })),
    ];
    for (path, settings, expected) in cases {
        let url = server.url(path);
        let told = first_value(&format!("{settings} http: {{ url: {url} }}")).await;
        assert_eq!(&*told.watcher, "it");
        assert_eq!(told.event, Added(expected), "{path} {settings}");
    }
}

#[tokio::test]
async fn values_of_a_store_are_what_is_listed_with_what_was_decoded() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.json"), r#"{"n": 1}"#).unwrap();
    let store = format!("objectStore: {{ url: file://{}/ }}", folder.path().display());
    let value = async |settings: &str| match first_value(&format!("{settings} {store}")).await.event
    {
        Added(Value::Object(mut object)) => {
            assert!(object["path"].as_str().unwrap().ends_with("/a.json"), "{object:?}");
            assert_eq!(object["size"], 8);
            let modified = object["lastModified"].as_str().unwrap();
            assert!(modified.contains('T') && modified.ends_with('Z'), "{modified}");
            assert!(object["etag"].is_string() && !object.contains_key("version"), "{object:?}");
            object.remove("value")
        }
        event => panic!("{event:?}"),
    };
    assert_eq!(value("").await, None, "what is not declared to be read is not read");
    assert_eq!(value("decode: json,").await, Some(json!({ "n": 1 })));
    assert_eq!(value("decode: bytes,").await, Some(json!("eyJuIjogMX0=")));
}

#[tokio::test]
async fn a_distinct_watcher_tells_no_value_that_equals_the_last_one_to_tools_either() {
    let server = Server::start().await;
    server.queue("/flags", ["[1]", "[ 1]", "[2]"].map(Reply::json));
    let set = set(&format!(
        "{{ apiVersion: koprs-external/v1, watchers: [
            {{ name: flags, interval: 1h, distinct: true, http: {{ url: {} }} }} ] }}",
        server.url("/flags")
    ));
    let mut values = set.values().unwrap();
    assert_eq!(values.recv().await.unwrap().event, Added(json!([1])));
    let flags = values.watcher("flags").unwrap();
    let polls = async {
        for polls in 2..4 {
            flags.poll_now();
            server.wait_for(polls).await;
        }
    };
    let (next, ()) = tokio::join!(values.recv(), polls);
    assert_eq!(next.unwrap().event, Modified(json!([2])));

    server.set("/flags", Reply::status(410));
    flags.poll_now();
    assert_eq!(values.recv().await.unwrap().event, Removed(json!([2])));
}
