//! From bodies to values.

use std::collections::BTreeMap;
use std::fmt::Debug;

use koprs_external::error::ExternalError;
use koprs_external::spec::Format;
use koprs_external::watcher::{ExternalEvent, ExternalSource};
use koprs_external_tests::{Reply, Server};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::stage::{declare, source};

#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Node {
    limits: Limits,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Limits {
    cpu: Vec<u32>,
}

/// The first sight of an answer, in a declared format or none.
async fn seen<T>(format: Option<Format>, reply: Reply) -> Result<T, ExternalError>
where
    T: DeserializeOwned + Clone + Debug + Send + 'static,
{
    let server = Server::start().await;
    server.set("/v", reply);
    let declaration = declare(server.url("/v"));
    let declaration = match format {
        Some(format) => declaration.decode(format),
        None => declaration,
    };
    let mut source = source::<T>(declaration);
    let events = source.poll().await.map_err(|error| {
        let ExternalError::Decode(decode) = &error else { panic!("{error}") };
        assert_eq!(decode.watcher(), Some("flags"));
        assert_eq!(decode.url(), Some(server.url("/v").as_str()));
        error
    })?;
    Ok(events.into_iter().map(ExternalEvent::into_value).next().unwrap())
}

/// What is wrong with an answer, without the watcher and the URL, which are checked too.
async fn refused<T>(format: Option<Format>, reply: Reply) -> String
where
    T: DeserializeOwned + Clone + Debug + Send + 'static,
{
    let error = seen::<T>(format, reply).await.unwrap_err();
    assert!(!error.is_retryable() && !error.is_permanent());
    let message = error.to_string();
    let (asked, why) = message.split_once("/v): ").unwrap();
    assert!(asked.starts_with("decode error: watcher `flags` (http://127.0.0.1:"), "{message}");
    why.to_owned()
}

#[tokio::test]
async fn a_decode_error_names_the_watcher_the_url_and_the_path_inside_the_value() {
    let json = Reply::json(r#"{"limits":{"cpu":[0,1,"two"]}}"#);
    let error = seen::<Node>(None, json.clone()).await.unwrap_err();
    let ExternalError::Decode(decode) = &error else { panic!("{error}") };
    assert_eq!(decode.path(), "limits.cpu[2]");
    let exactly = r#"limits.cpu[2]: expected u32, found "two""#;
    assert_eq!(refused::<Node>(None, json).await, exactly);
}

#[tokio::test]
async fn a_decode_error_of_yaml_has_the_path_too() {
    let yaml = Reply::bytes("application/yaml", "limits:\n  cpu:\n    - 0\n    - 1\n    - two\n");
    let why = refused::<Node>(None, yaml).await;
    assert!(why.starts_with("limits.cpu[2]: "), "{why}");
    assert!(why.contains("u32") || why.contains("two") || why.contains("integer"), "{why}");
}

#[tokio::test]
async fn the_format_is_the_declared_one_else_by_content_type_else_json() {
    let json = r#"{"limits":{"cpu":[1,2]}}"#;
    let yaml = "limits:\n  cpu: [1, 2]\n";
    let node = Node { limits: Limits { cpu: vec![1, 2] } };
    let cases = [
        (None, "application/json", json),
        (None, "application/problem+json; charset=utf-8", json),
        (None, "application/octet-stream", json),
        (None, "Application/YAML; charset=utf-8", yaml),
        (None, "text/vnd.yaml", yaml),
        (None, "application/vnd.oci+yaml", yaml),
        (Some(Format::Json), "text/plain", json),
        (Some(Format::Yaml), "text/plain", yaml),
        (Some(Format::Yaml), "application/json", json),
    ];
    for (format, content_type, body) in cases {
        let seen = seen::<Node>(format, Reply::bytes(content_type, body)).await.unwrap();
        assert_eq!(seen, node, "{format:?} {content_type}");
    }
    let bare = Reply::status(200).body(json);
    assert_eq!(seen::<Node>(None, bare).await.unwrap(), node);
}

#[tokio::test]
async fn text_and_bytes_are_values_too() {
    let text = |body: &'static str| Reply::text(body);
    assert_eq!(seen::<String>(None, text("hi\n")).await.unwrap(), "hi\n");
    assert_eq!(seen::<String>(None, text("")).await.unwrap(), "");
    assert_eq!(seen::<String>(Some(Format::Text), Reply::json("{}")).await.unwrap(), "{}");
    let page = Reply::bytes("text/html", "<p>");
    assert_eq!(seen::<String>(Some(Format::Text), page).await.unwrap(), "<p>");
    let raw = Reply::bytes("application/json", &[0u8, 255][..]);
    assert_eq!(seen::<Vec<u8>>(Some(Format::Bytes), raw).await.unwrap(), [0, 255]);
    assert!(seen::<Vec<u8>>(Some(Format::Bytes), Reply::status(204)).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_body_that_is_empty_is_said_to_be_so() {
    for empty in [Reply::json(""), Reply::json(" \n"), Reply::status(204), Reply::status(200)] {
        let why = refused::<Node>(None, empty).await;
        assert!(why.contains("the body is empty"), "{why}");
    }
    // Nothing is no value of any type.
    for body in ["", "\u{feff}", " \n", "# replicas: 3\n", "---\n", "--- # c\n...\n", "---\n---\n"]
    {
        let empty = Reply::bytes("application/yaml", body);
        for why in [
            refused::<Node>(None, empty.clone()).await,
            refused::<Option<Node>>(None, empty.clone()).await,
            refused::<()>(None, empty.clone()).await,
            refused::<BTreeMap<String, u8>>(Some(Format::Yaml), empty.clone()).await,
            refused::<serde_json::Value>(None, empty).await,
        ] {
            assert!(
                why.contains("the body is empty") || why.contains("no content"),
                "{body}: {why}"
            );
        }
    }
    let null = Reply::bytes("application/yaml", "null # there is none\n");
    assert_eq!(seen::<Option<Node>>(None, null).await.unwrap(), None);
}

/// What was there stays there.
#[tokio::test]
async fn a_body_without_content_is_a_failed_poll_of_a_list_too() {
    let compressed = |body: &[u8]| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut gzip, body).unwrap();
        gzip.finish().unwrap()
    };
    let list = [
        ("application/json", r#"[{"id":"a"}]"#, "[]"),
        ("application/yaml", "- id: a\n", "[]\n"),
        ("text/csv", "id\na\n", "id\n"),
    ];
    for (content_type, body, no_item) in list {
        let server = Server::start().await;
        server.set("/v", Reply::bytes(content_type, body));
        let mut source =
            source::<BTreeMap<String, String>>(declare(server.url("/v")).items("").key("/id"));
        assert_eq!(source.poll().await.unwrap().len(), 1);
        let gzip =
            |body: Vec<u8>| Reply::bytes(content_type, body).header("content-encoding", "gzip");
        let empties = [
            Reply::bytes(content_type, ""),
            Reply::bytes(content_type, "\u{feff}"),
            Reply::bytes(content_type, "\r\n"),
            Reply::status(204).header("content-type", content_type),
            gzip(compressed(b"")),
            gzip(compressed(b"\n")),
            gzip(Vec::new()),
            gzip(compressed(body.as_bytes())[..12].to_vec()),
        ];
        for (n, empty) in empties.into_iter().enumerate() {
            server.set("/v", empty);
            assert!(source.poll().await.is_err(), "{content_type}, {n}");
        }
        server.set("/v", Reply::bytes(content_type, no_item));
        let events = source.poll().await.unwrap();
        assert!(matches!(&events[..], [ExternalEvent::Removed(_)]), "{content_type}: {events:?}");
    }
}

/// In NDJSON no line is how an empty list is written, and what a body that was cut off looks like.
#[tokio::test]
async fn an_empty_body_of_ndjson_is_an_empty_list_once_three_polls_agree() {
    let server = Server::start().await;
    let ndjson = |body: &'static str| {
        Reply::bytes("application/x-ndjson", body).etag(&format!("\"{}\"", body.len()))
    };
    let mut source =
        source::<BTreeMap<String, String>>(declare(server.url("/v")).items("").key("/id"));
    let mut words = Vec::new();
    for body in ["{\"id\":\"a\"}\n", "", "\n", "{\"id\":\"a\"}\n", "", "", "\n"] {
        server.set("/v", ndjson(body));
        words.push(source.poll().await.unwrap().len());
    }
    assert_eq!(words, [1, 0, 0, 0, 0, 0, 1]);
}

#[tokio::test]
async fn rows_of_one_key_are_one_item_in_every_format() {
    let bodies = [
        (
            "application/x-ndjson",
            "{\"id\":\"a\"}\n{\"id\":\"b\",\"n\":\"1\"}\n{\"id\":\"a\"}\n{\"id\":\"b\",\"n\":\"2\"}\n",
        ),
        (
            "application/yaml",
            "- { id: a }\n- { id: b, n: '1' }\n- id: a # again\n- { id: b, n: '2' }\n",
        ),
        ("text/csv", "id,n\na,\nb,1\na,\nb,2\n"),
    ];
    for (content_type, body) in bodies {
        let server = Server::start().await;
        server.set("/v", Reply::bytes(content_type, body));
        let mut source =
            source::<BTreeMap<String, String>>(declare(server.url("/v")).items("").key("/id"));
        let added = source.poll().await.unwrap();
        assert!(
            matches!(&added[..], [ExternalEvent::Added(item)] if item["id"] == "a"),
            "{content_type}: {added:?}"
        );
        assert_eq!(source.report().bad_items, 1, "{content_type}");
    }
}

#[tokio::test]
async fn yaml_is_read_by_its_core_schema_in_values_and_in_items() {
    #[derive(Clone, Debug, Deserialize, PartialEq)]
    struct Country {
        id: String,
        code: String,
        population: Option<u32>,
    }

    let items =
        "- { id: 007, code: NO, population: 0123 }\n- { id: 1.10, code: on, population: ~ }\n";
    let value = format!("v:\n{items}");
    let country =
        |id: &str, code: &str, population| Country { id: id.into(), code: code.into(), population };
    let all = [country("007", "NO", Some(123)), country("1.10", "on", None)];
    let yaml = |body: &str| Reply::bytes("application/yaml", body.to_owned());
    let seen = seen::<BTreeMap<String, Vec<Country>>>(None, yaml(&value)).await.unwrap();
    assert_eq!(seen["v"], all);
    let server = Server::start().await;
    server.set("/v", yaml(items));
    let mut typed = source::<Country>(declare(server.url("/v")).items("").key("/id"));
    let events: Vec<_> =
        typed.poll().await.unwrap().into_iter().map(ExternalEvent::into_value).collect();
    assert_eq!(events, all);
    let mut untyped = source::<serde_json::Value>(declare(server.url("/v")).items("").key("/id"));
    let events: Vec<_> =
        untyped.poll().await.unwrap().into_iter().map(ExternalEvent::into_value).collect();
    let first = serde_json::json!({ "id": 7, "code": "NO", "population": 123 });
    assert_eq!(events[0], first);
    // A change of what stands there is a change, and the key is what stands there.
    server.set("/v", yaml(&items.replace("007", "7")));
    let events = typed.poll().await.unwrap();
    assert_eq!(events.len(), 2, "{events:?}");
}

#[tokio::test]
async fn a_tag_that_nobody_knows_fails_the_poll_with_its_name() {
    let yaml = Reply::bytes("application/yaml", "token: !vault api_token\n");
    let why = refused::<BTreeMap<String, String>>(None, yaml).await;
    assert!(why.contains("token: nothing here knows the tag `!vault`"), "{why}");
    assert!(why.contains("line 1 column 8"), "{why}");
}

#[tokio::test]
async fn the_aliases_of_a_body_count_against_its_limit() {
    let body = "x: &x { driver: json }\nv:\n".to_owned() + &"- *x\n".repeat(400);
    let yaml = Reply::bytes("application/yaml", body);
    let server = Server::start().await;
    server.set("/v", yaml);
    let limited = |bytes| source::<serde_json::Value>(declare(server.url("/v")).body_limit(bytes));
    assert_eq!(limited(20_000).poll().await.unwrap().len(), 1);
    let error = limited(4_000).poll().await.unwrap_err().to_string();
    assert!(error.contains("larger than `body_limit`, 4000 bytes"), "{error}");
}

#[tokio::test]
async fn a_page_for_people_is_said_to_be_one() {
    for content_type in ["text/html", "text/html; charset=utf-8", "application/xhtml+xml"] {
        let page = Reply::bytes(content_type, "<html>");
        let why = refused::<serde_json::Value>(None, page).await;
        assert!(why.contains("maintenance page") && why.contains("`decode: text`"), "{why}");
    }
}

#[tokio::test]
async fn a_decode_error_is_short_however_long_the_body_is() {
    let long = "x".repeat(100_000);
    let bodies = [
        Reply::json(format!(r#"{{"limits":{{"cpu":["{long}"]}}}}"#)),
        Reply::json(format!(r#"{{"{long}":1}}"#)),
        Reply::bytes("application/yaml", format!("limits:\n  cpu: [{long}]\n")),
        Reply::bytes("application/yaml", format!("{long}: 1\n")),
    ];
    for body in bodies {
        let why = refused::<BTreeMap<String, Limits>>(None, body).await;
        assert!(why.len() < 1000, "{} bytes: {}", why.len(), why.get(..200).unwrap_or(&why));
    }
}

#[tokio::test]
async fn a_hostile_document_is_refused_and_not_unfolded() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        let refs = vec![format!("*a{}", n - 1); 10].join(", ");
        bomb += &format!("a{n}: &a{n} [{refs}]\n");
    }
    let deep = |open: &str| open.repeat(100_000);
    let bodies = [
        Reply::bytes("application/yaml", bomb),
        Reply::bytes("application/yaml", deep("[")),
        Reply::json(deep("[")),
        Reply::json(deep("{\"a\":")),
    ];
    for body in bodies {
        let why = refused::<serde_json::Value>(None, body).await;
        assert!(why.len() < 1000, "{}", why.get(..200).unwrap_or(&why));
    }
}

#[tokio::test]
async fn a_type_that_wants_more_than_text_says_what_to_declare() {
    let why = refused::<Node>(None, Reply::text(r#"{"limits":{}}"#)).await;
    let part = "the type expects struct Node; declare another format, for example `decode: json`";
    assert!(why.contains("read as text") && why.contains(part), "{why}");
}
