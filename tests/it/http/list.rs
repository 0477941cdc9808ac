//! Lists in one page: formats, keys, what counts as a change, and bad items in the log.

use std::fmt::Debug;

use koprs_external::declared::DeclaredSource;
use koprs_external::spec::{Format, WatcherBuilder};
use koprs_external::watcher::ExternalSource;
use koprs_external_tests::{Reply, Server};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::secrets::Logs;
use super::shelf::{Item, array, item, list, page};
use super::stage::{Shown, declare, poll, source};

/// Polls through these bodies, of any content type.
async fn plays<T: DeserializeOwned + Clone + Debug + Shown + Send + 'static>(
    declaration: impl FnOnce(WatcherBuilder) -> WatcherBuilder,
    replies: impl IntoIterator<Item = Reply>,
) -> String {
    let server = Server::start().await;
    let mut source = source::<T>(declaration(declare(server.url("/v"))));
    let mut words = Vec::new();
    for reply in replies {
        server.set("/v", reply);
        words.push(poll(&mut source).await);
    }
    words.join(" ")
}

#[tokio::test]
async fn items_are_added_changed_and_removed_in_the_order_of_their_keys() {
    let words = plays::<Item>(
        |list| list.items("").key("/id"),
        ["c1 a1 b1", "c1 b1 a1", "d1 c2 a1", "d1", "", "a1"].map(page),
    );
    assert_eq!(words.await, "+a1+b1+c1 . -b1~c2+d1 -a1-c2 -d1 +a1");
}

#[tokio::test]
async fn an_empty_list_is_a_list() {
    let words = plays::<Item>(|list| list.items("").key("/id"), [page(""), page(""), page("a1")]);
    assert_eq!(words.await, ". . +a1");
}

#[tokio::test]
async fn a_list_without_validators_works_as_well_as_one_with_them() {
    let bare = ["a1 b1", "a1 b1", "b2 a1"].map(|items| Reply::json(array(items)));
    assert_eq!(plays::<Item>(|list| list.items("").key("/id"), bare).await, "+a1+b1 . ~b2");
    let server = Server::start().await;
    server.set("/v", page("a1"));
    let mut source = source::<Item>(list(server.url("/v")));
    assert_eq!((poll(&mut source).await, poll(&mut source).await), ("+a1".into(), ".".into()));
    assert_eq!(server.requests()[1].header("if-none-match"), Some("\"a1\""));
}

#[tokio::test]
async fn the_items_stand_where_they_are_declared_to() {
    let body =
        |items: &str| Reply::json(format!(r#"{{"a/b":{{"c":[0,{}]}},"n":7}}"#, array(items)));
    let words = plays::<Item>(
        |list| list.items("/a~1b/c/1").key("/id"),
        [
            body("a1"),
            body("a2 b1"),
            Reply::json(r#"{"a/b":{"c":[0]}}"#),
            Reply::json("{}"),
            body("a2"),
        ],
    );
    assert_eq!(words.await, "+a1~a2+b1 !decode !decode -b1".replace("+a1~", "+a1 ~"));
}

/// The key may stand deeper, and be a number or a boolean.
#[derive(Clone, Debug, Deserialize)]
struct Deep {
    n: u32,
}

impl Shown for Deep {
    fn shown(&self) -> String {
        self.n.to_string()
    }
}

#[tokio::test]
async fn a_key_is_a_text_a_number_or_a_boolean_anywhere_in_the_item() {
    let body = |items: &'static str| Reply::json(items);
    let words = plays::<Deep>(
        |list| list.items("").key("/meta/0/id"),
        [
            body(
                r#"[{"meta":[{"id":10}],"n":1},{"meta":[{"id":"9"}],"n":2},{"meta":[{"id":true}],"n":3}]"#,
            ),
            body(r#"[{"meta":[{"id":true}],"n":3},{"meta":[{"id":10}],"n":4}]"#),
        ],
    );
    assert_eq!(words.await, "+1+2+3 ~4-2");
}

#[tokio::test]
async fn the_members_of_an_object_have_their_names_as_keys() {
    let words = plays::<u32>(
        |list| list.items(""),
        [
            r#"{"b":2,"a":1}"#,
            r#"{ "a": 1, "b": 2 }"#,
            r#"{"b":3,"a":1,"c":3}"#,
            r#"{"c":3,"a":1}"#,
            r#"{"c":3,"c":4}"#,
            r#"{"\u0063":3}"#,
            "[1]",
        ]
        .map(Reply::json),
    );
    // Items of an array have no names.
    assert_eq!(words.await, "+1+2 . ~3+3 -3 -1 . !decode");
}

#[tokio::test]
async fn members_of_an_object_may_have_keys_of_their_own() {
    let words = plays::<Item>(
        |list| list.items("/all").key("/id"),
        [
            r#"{"all":{"x":{"id":"a","n":1},"y":{"id":"b","n":1}}}"#,
            r#"{"all":{"y":{"id":"b","n":2},"x":{"id":"a","n":1}}}"#,
            r#"{"all":{"y":{"id":"b","n":2},"x":{"n":1}}}"#,
            r#"{"all":{"error":{"code":7}}}"#,
        ]
        .map(Reply::json),
    );
    assert_eq!(words.await, "+a1+b1 ~b2 . !decode");
}

fn ndjson(items: &str) -> Reply {
    let lines: Vec<_> = items.split_whitespace().map(item).collect();
    Reply::bytes("application/x-ndjson", lines.join("\n") + "\n")
}

#[tokio::test]
async fn ndjson_is_a_list_of_lines() {
    let declared = |list: WatcherBuilder| list.decode(Format::Ndjson).key("/id");
    let bodies = ["b1 a1", "a1 b1", "a2 c1", "", "", ""].map(ndjson);
    // A body without a line may have been cut off, and is believed when three polls in a row agree.
    assert_eq!(plays::<Item>(declared, bodies).await, "+a1+b1 . ~a2-b1+c1 . . -a2-c1");
    // By its content type, too; and however the lines end.
    let odd =
        Reply::bytes("application/jsonl", format!("\r\n{}\r\n\r\n  {}", item("a1"), item("b1")));
    let by_type = |list: WatcherBuilder| list.items("").key("/id");
    assert_eq!(plays::<Item>(by_type, [odd, ndjson("a2 b1")]).await, "+a1+b1 ~a2");
    // A line that is none has no key: nothing is removed beside it.
    let bad = Reply::bytes("application/x-ndjson", format!("{}\n{{\"id\"\n", item("a1")));
    assert_eq!(plays::<Item>(declared, [ndjson("a1 b1"), bad, ndjson("a1")]).await, "+a1+b1 . -b1");
}

fn csv(lines: &[&str]) -> Reply {
    Reply::bytes("text/csv", lines.join("\r\n") + "\r\n")
}

#[tokio::test]
async fn csv_is_a_list_of_records_under_a_line_of_names() {
    let declared = |list: WatcherBuilder| list.decode(Format::Csv).key("/id");
    let words = plays::<Item>(
        declared,
        [
            csv(&["id,n", "a,1", "b,1"]),
            // The order of columns and lines is nobody's business; quotes neither.
            csv(&["id,n", "\"b\",\"1\"", "a,1"]),
            csv(&["id,n", "a,2", "c,1"]),
            csv(&["id,n", "a,2", "c"]),
            csv(&["id,n", "a,2", "c,one"]),
            csv(&["id,n"]),
            csv(&[]),
        ],
    );
    assert_eq!(words.await, "+a1+b1 . ~a2-b1+c1 !decode . -a2-c1 !decode");
    // What has no column for the key is no list, and not an empty one.
    let words = plays::<Item>(
        declared,
        [csv(&["id,n", "a,1"]), csv(&["down for maintenance"]), csv(&["name,n"]), csv(&["n,id"])],
    );
    assert_eq!(words.await, "+a1 !decode !decode -a1");
    let by_type = |list: WatcherBuilder| list.items("").key("/id");
    assert_eq!(plays::<Item>(by_type, [csv(&["n,id", "1,a"])]).await, "+a1");
}

impl Shown for serde_json::Value {
    fn shown(&self) -> String {
        self.to_string()
    }
}

#[tokio::test]
async fn a_change_of_any_column_of_csv_is_one_for_a_value_of_any_type() {
    let server = Server::start().await;
    let declared = declare(server.url("/v")).decode(Format::Csv).key("/id").distinct();
    let mut source =
        DeclaredSource::<serde_json::Value>::distinct(declared.build().unwrap()).unwrap();
    for (name, words) in
        [("x", r#"+{"id":"u1","name":"x"}"#), ("y", r#"~{"id":"u1","name":"y"}"#), ("y", ".")]
    {
        server.set("/v", csv(&["id,name", &format!("u1,{name}")]));
        assert_eq!(poll(&mut source).await, words);
    }
}

#[tokio::test]
async fn yaml_lists_are_lists() {
    let yaml = |text: &'static str| Reply::bytes("application/yaml", text);
    let words = plays::<Item>(
        |list| list.items("/data").key("/id"),
        [
            yaml("data:\n- {id: a, n: 1}\n- {id: b, n: 1}\n"),
            yaml("# the same\ndata:\n  - id: a\n    n: 1\n  - id: b\n    n: 1\n"),
            yaml("data:\n- {id: a, n: 2}\n"),
            yaml("data: [\n"),
            yaml("data: soon\n"),
        ],
    );
    assert_eq!(words.await, "+a1+b1 . ~a2-b1 !decode !decode");
}

#[tokio::test]
async fn what_is_ignored_of_an_item_is_no_change() {
    let body = |seen: u32, n: u32| {
        Reply::json(format!(r#"[{{"seen":{seen},"id":"a","n":{n},"all":[{{"at":{seen}}}]}}]"#))
    };
    let ignoring =
        |list: WatcherBuilder| list.items("").key("/id").ignore("/seen").ignore("/all/0/at");
    let words = plays::<Item>(ignoring, [body(1, 1), body(2, 1), body(3, 2), body(4, 2)]).await;
    assert_eq!(words, "+a1 . ~a2 .");
    let csv = |seen: &str, n: &str| csv(&["id,n,seen", &format!("a,{n},{seen}")]);
    let ignoring = |list: WatcherBuilder| list.decode(Format::Csv).key("/id").ignore("/seen");
    let words = plays::<Item>(ignoring, [csv("1", "1"), csv("2", "1"), csv("2", "2")]).await;
    assert_eq!(words, "+a1 . ~a2");
}

#[derive(Clone, Debug, Deserialize)]
struct Whatever {}

impl Shown for Whatever {
    fn shown(&self) -> String {
        String::new()
    }
}

#[tokio::test]
async fn what_is_ignored_of_a_value_is_no_change() {
    let body = |at: u32, n: u32| Reply::json(format!(r#"{{"meta":{{"at":{at}}},"n":{n}}}"#));
    let ignoring = |value: WatcherBuilder| value.ignore("/meta/at");
    let words = plays::<Deep>(ignoring, [body(1, 1), body(2, 1), body(3, 2), body(4, 2)]).await;
    assert_eq!(words, "+1 . ~2 .");
    // Nor is that it comes or goes; that something else leaves the place around it is one.
    let bodies = [
        r#"{"meta":{"at":1,"n":7},"n":1}"#,
        r#"{"meta":{"n":7},"n":1}"#,
        r#"{"meta":{"at":2,"n":7},"n":1}"#,
        r#"{"meta":{},"n":2}"#,
        r#"{"meta":{"n":2}}"#,
    ];
    assert_eq!(plays::<Whatever>(ignoring, bodies.map(Reply::json)).await, "+ . . ~ ~");
}

/// Changes of what the type does not see.
#[tokio::test]
async fn a_distinct_source_tells_only_what_its_type_sees() {
    let beside =
        |more: u32, n: u32| Reply::json(format!(r#"[{{"id":"a","n":{n},"more":{more}}}]"#));
    let one = |more: u32, n: u32| Reply::json(format!(r#"{{"id":"a","n":{n},"more":{more}}}"#));
    for is_list in [true, false] {
        let server = Server::start().await;
        let declaration = if is_list { list(server.url("/v")) } else { declare(server.url("/v")) };
        let spec = declaration.clone().distinct().build().unwrap();
        assert!(DeclaredSource::<Item>::new(spec.clone()).is_err());
        let mut distinct = DeclaredSource::<Item>::distinct(spec).unwrap();
        let mut any = source::<Item>(declaration);
        let reply = if is_list { beside } else { one };
        for (reply, words) in [
            (reply(1, 1), ("+a1", "+a1")),
            (reply(2, 1), (".", "~a1")),
            (reply(2, 2), ("~a2", "~a2")),
            (reply(3, 2), (".", "~a2")),
            (reply(3, 2), (".", ".")),
        ] {
            server.set("/v", reply);
            let seen = (poll(&mut distinct).await, poll(&mut any).await);
            assert_eq!((seen.0.as_str(), seen.1.as_str()), words, "{is_list}");
        }
    }
}

#[tokio::test]
async fn an_item_that_is_nested_too_deep_is_a_bad_one_and_the_others_go_on() {
    let deep = |n: usize| format!(r#"{{"id":"b","n":{}1{}}}"#, "[".repeat(n), "]".repeat(n));
    let list = |n: usize| Reply::json(format!("[{},{},{}]", item("a1"), deep(n), item("c1")));
    let keyed = |list: WatcherBuilder| list.items("").key("/id");
    let words = plays::<Item>(keyed, [list(0), list(200), list(100_000), list(0)]).await;
    assert_eq!(words, "+a1+b1+c1 . . .");
}

#[tokio::test]
async fn a_bad_item_is_told_once_per_change_of_it_and_the_tenth_of_many_ends_the_telling() {
    let (logs, _guard) = Logs::listen();
    let _other = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let told = |logs: &Logs| logs.ours().iter().filter(|line| line.contains("a bad item")).count();
    let server = Server::start().await;
    server.set("/v", page("a1 b1"));
    let mut source = source::<Item>(list(server.url("/v")));
    assert_eq!(poll(&mut source).await, "+a1+b1");
    assert_eq!(told(&logs), 0);
    let bad =
        |version: &str| Reply::json(format!(r#"[{},{{"id":"b","n":"{version}"}}]"#, item("a1")));
    for (version, times) in [("two", 1), ("two", 1), ("three", 2), ("three", 2), ("two", 3)] {
        server.set("/v", bad(version));
        assert_eq!(poll(&mut source).await, ".");
        assert_eq!(told(&logs), times, "{version}");
        assert_eq!(source.report().bad_items_seen, times as u64);
    }
    // A poll that fails tells none.
    server.set("/v", Reply::json(r#"[{"id":"b","n":"four"}"#));
    assert_eq!(poll(&mut source).await, "!decode");
    assert_eq!((told(&logs), source.report().bad_items_seen), (3, 3));
    let lines = logs.ours();
    let line = lines.iter().find(|line| line.contains("a bad item")).unwrap();
    assert!(line.contains("WARN") && line.contains("item `b`") && line.contains("flags"), "{line}");

    let many: Vec<_> = (0..25).map(|n| format!(r#"{{"id":"x{n}","n":"bad"}}"#)).collect();
    server.set("/v", Reply::json(format!("[{},{},{}]", item("a1"), item("b1"), many.join(","))));
    assert_eq!(poll(&mut source).await, ".");
    assert_eq!(told(&logs), 13);
    assert_eq!((source.report().bad_items, source.report().bad_items_seen), (25, 28));
    let more = logs.ours();
    let more = more.iter().find(|line| line.contains("more bad items")).unwrap();
    assert!(more.contains("more=15"), "{more}");
}

#[tokio::test]
async fn an_item_that_was_never_good_is_added_when_it_is() {
    let server = Server::start().await;
    server.set("/v", Reply::json(format!(r#"[{},{{"id":"b","n":"two"}}]"#, item("a1"))));
    let mut source = source::<Item>(list(server.url("/v")));
    assert_eq!(poll(&mut source).await, "+a1");
    server.set("/v", page("a1 b2"));
    assert_eq!(poll(&mut source).await, "+b2");
    // One that goes without ever having been good is no event.
    server
        .set("/v", Reply::json(format!(r#"[{},{},{{"id":"c","n":"x"}}]"#, item("a1"), item("b2"))));
    assert_eq!(poll(&mut source).await, ".");
    server.set("/v", page("a1 b2"));
    assert_eq!(poll(&mut source).await, ".");
    assert_eq!(source.report().bad_items, 0);
}
