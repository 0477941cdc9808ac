//! A list that is answered in another shape: an error with 200, or one item where an array was. No test here
//! sees an event for that.

use koprs_external::spec::{Format, Method, WatcherBuilder};
use koprs_external_tests::{Reply, Server};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::shelf::{With, linked, list, page_before};
use super::stage::{declare, poll, source};

type Item = Value;

/// Polls through these replies.
async fn plays(declare: With, replies: impl IntoIterator<Item = Reply>) -> Vec<String> {
    let server = Server::start().await;
    let mut source = source::<Item>(declare(self::declare(server.url("/v"))));
    let mut words = Vec::new();
    for reply in replies {
        server.set("/v", reply);
        words.push(poll(&mut source).await);
    }
    words
}

/// An error as a list of `{"id": …}` may be answered: each member has the key of an item.
fn error() -> Value {
    json!({"error": {"id": "Unauthorized", "message": "jwt expired"}})
}

fn items(ids: &[&str]) -> Value {
    ids.iter().map(|id| json!({"id": id})).collect()
}

fn reply(value: &Value) -> Reply {
    Reply::json(value.to_string())
}

fn yaml(text: &str) -> Reply {
    Reply::bytes("application/yaml", text.to_owned())
}

#[tokio::test]
async fn an_object_where_an_array_of_items_was_is_a_failed_poll() {
    let keyed: With = |list| list.items("").key("/id");
    let wrapped: With = |list| list.items("/r").key("/id");
    let nested: With = |list| list.items("/r").key("/meta/id");
    let posted: With = |list| list.items("").key("/id").method(Method::Post).json_body("{}");
    let one = json!({"id": "a", "meta": {"id": "a"}});
    let two = json!([one, {"id": "b", "meta": {"id": "b"}}]);
    let within = |value: &Value| reply(&json!({"r": value}));
    let csv = |text: &str| Reply::bytes("text/csv", text.to_owned());
    let lines = |text: &str| Reply::bytes("application/x-ndjson", text.to_owned());
    let cases: Vec<(&str, With, Reply, Vec<Reply>)> = vec![
        ("the body", keyed, reply(&two), vec![reply(&error()), reply(&one), reply(&json!({}))]),
        ("with a POST", posted, reply(&two), vec![reply(&error()), reply(&one)]),
        (
            "at a place",
            wrapped,
            within(&two),
            vec![
                within(&error()),
                within(&one),
                within(&json!({})),
                within(&json!(null)),
                within(&json!("a")),
                within(&json!(7)),
                within(&json!(false)),
                reply(&json!({})),
                reply(&error()),
                reply(&json!([])),
                reply(&two),
            ],
        ),
        ("one item", nested, within(&two), vec![within(&one)]),
        (
            "YAML",
            keyed,
            yaml("- id: a\n- id: b\n"),
            vec![yaml("error: { id: Unauthorized }\n"), yaml("id: { id: a }"), yaml("{}")],
        ),
        (
            "lines, and JSON",
            keyed,
            lines("{\"id\":\"a\"}\n{\"id\":\"b\"}\n"),
            vec![
                reply(&error()),
                lines("{\"error\":{\"id\":\"a\"}}\n"),
                lines("{\n\"error\": 1\n}\n"),
            ],
        ),
        (
            "CSV, and JSON",
            keyed,
            csv("id\na\nb\n"),
            vec![reply(&error()), csv(&error().to_string()), csv("{\n\"error\": 1\n}\n")],
        ),
    ];
    for (what, declare, list, others) in cases {
        for other in others {
            let words =
                plays(declare, [list.clone(), other.clone(), other.clone(), other, list.clone()]);
            let words = words.await;
            assert!(words[0].starts_with('+'), "{what}: {words:?}");
            assert_eq!(words[1..], ["!decode", "!decode", "!decode", "."], "{what}");
        }
    }
}

#[tokio::test]
async fn the_message_names_the_place_and_both_shapes() {
    let server = Server::start().await;
    let mut source = source::<Item>(list(server.url("/v")).items("/r/list"));
    server.set("/v", reply(&json!({"r": {"list": items(&["a"])}})));
    assert_eq!(poll(&mut source).await, r#"+{"id":"a"}"#);
    server.set("/v", reply(&json!({"r": {"list": error()}})));
    let message = koprs_external::watcher::ExternalSource::poll(&mut source).await.unwrap_err();
    let message = message.to_string();
    assert!(message.contains("r.list: found an object where an array of items was"), "{message}");
}

#[tokio::test]
async fn a_watcher_that_begins_while_an_error_is_answered_recovers_with_the_list() {
    let words = plays(
        |list| list.items("").key("/id"),
        [reply(&error()), reply(&items(&["a", "b"])), reply(&error()), reply(&items(&["a"]))],
    );
    let unauthorized = r#"{"id":"Unauthorized","message":"jwtexpired"}"#;
    assert_eq!(
        words.await,
        [
            format!("+{unauthorized}"),
            format!("-{unauthorized}+{{\"id\":\"a\"}}+{{\"id\":\"b\"}}"),
            "!decode".to_owned(),
            r#"-{"id":"b"}"#.to_owned(),
        ]
    );
}

/// Its removals go by the guard. Of a map the name is a part of the item, so that it counts as changed.
#[tokio::test]
async fn a_map_that_becomes_a_list_is_compared_by_key() {
    let map: serde_json::Map<_, _> =
        (0..20).map(|n| (format!("k{n}"), json!({"id": format!("i{n}")}))).collect();
    let words = plays(
        |list| list.items("").key("/id"),
        [reply(&map.into()), reply(&items(&["i1", "z"])), reply(&items(&["i1", "z"]))],
    );
    let words = words.await;
    assert_eq!(words[1..], [r#"~{"id":"i1"}+{"id":"z"}"#, "."], "many removals are held");
}

#[tokio::test]
async fn an_empty_array_says_nothing_of_the_shape() {
    // PHP writes an empty map as `[]`.
    let map = reply(&json!({"x": {"id": "a"}}));
    let (empty, none) = (reply(&json!([])), reply(&json!({})));
    let words =
        plays(|list| list.items("").key("/id"), [empty.clone(), map.clone(), empty.clone(), map]);
    let (added, removed) = (r#"+{"id":"a"}"#, r#"-{"id":"a"}"#);
    assert_eq!(words.await, [".", added, removed, added]);
    // But for an array of items an object is none, however often the list was empty since.
    let full = reply(&items(&["a"]));
    let replies = [none, full.clone(), empty.clone(), empty, reply(&error()), full];
    let words = plays(|list| list.items("").key("/id"), replies);
    assert_eq!(words.await, [".", added, removed, ".", "!decode", added]);
}

#[tokio::test]
async fn the_shape_is_known_after_the_list_was_missing() {
    let full = reply(&items(&["a"]));
    let words = plays(
        |list| list.items("").key("/id"),
        [full.clone(), Reply::status(410), reply(&error()), full],
    );
    assert_eq!(words.await, [r#"+{"id":"a"}"#, r#"-{"id":"a"}"#, "!decode", r#"+{"id":"a"}"#]);
}

#[tokio::test]
async fn an_object_on_a_page_is_no_page_of_an_array() {
    let server = Server::start().await;
    let first = |next: &str| page_before(next, "a1").unconditional();
    server.set("/v", first("/w"));
    server.set("/w", reply(&error()));
    // In the first walk, too.
    let mut source = source::<Item>(linked(server.url("/v")));
    assert_eq!(poll(&mut source).await, "!decode");
    server.set("/w", reply(&items(&["b"])));
    assert_eq!(poll(&mut source).await, r#"+{"id":"a","n":1}+{"id":"b"}"#);
    for other in [error(), json!({}), json!({"id": {"id": "b"}})] {
        server.set("/w", reply(&other));
        assert_eq!(poll(&mut source).await, "!decode");
        server.set("/w", reply(&items(&["b"])));
        server.set("/v", reply(&other));
        assert_eq!(poll(&mut source).await, "!decode");
        server.set("/v", first("/w"));
        assert_eq!(poll(&mut source).await, ".");
    }
}

/// Any JSON that is no array, with items in it or without.
fn objects() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-e]{0,2}".prop_map(Value::from),
        "[a-e]".prop_map(|id| json!({"id": id})),
    ];
    let value = leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("id|error|[a-e]", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    prop_oneof![
        value.clone().prop_filter("no array", |value| !value.is_array()),
        prop::collection::btree_map("id|error|[a-e]", value, 0..4)
            .prop_map(|map| Value::Object(map.into_iter().collect())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn nothing_but_an_array_after_an_array_of_items_is_ever_an_event(
        others in prop::collection::vec((objects(), any::<bool>()), 1..4),
        place in prop::sample::select(vec!["", "/r"]),
    ) {
        let at = |value: Value| if place.is_empty() { value } else { json!({"r": value}) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = Server::start().await;
            let declaration: WatcherBuilder = declare(server.url("/v")).items(place).key("/id");
            let mut source = source::<Item>(declaration);
            let full = reply(&at(items(&["a", "b"])));
            server.set("/v", full.clone());
            prop_assert!(poll(&mut source).await.starts_with('+'));
            for (other, is_yaml) in others {
                // YAML is read as JSON is, and JSON is YAML.
                let text = at(other).to_string();
                server.set("/v", if is_yaml { yaml(&text) } else { Reply::json(text.clone()) });
                prop_assert_eq!(poll(&mut source).await, "!decode", "{}", text);
            }
            server.set("/v", full);
            prop_assert_eq!(poll(&mut source).await, ".");
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn a_declared_format_goes_by_the_same_rule() {
    let words = plays(
        |list| list.items("").key("/id").decode(Format::Yaml),
        [reply(&items(&["a"])), reply(&error()), reply(&items(&["a"]))],
    );
    assert_eq!(words.await, [r#"+{"id":"a"}"#, "!decode", "."]);
}
