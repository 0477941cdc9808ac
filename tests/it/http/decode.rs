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
    let empty = Reply::bytes("application/yaml", "");
    let why = refused::<Node>(None, empty.clone()).await;
    assert!(why.contains("the body is empty"), "{why}");
    // Nothing is a value of some types, in YAML.
    assert_eq!(seen::<Option<Node>>(None, empty).await.unwrap(), None);
}

#[tokio::test]
async fn a_page_for_people_is_said_to_be_one() {
    for content_type in ["text/html", "text/html; charset=utf-8", "application/xhtml+xml"] {
        let page = Reply::bytes(content_type, "{}");
        let why = refused::<serde_json::Value>(None, page).await;
        assert!(why.contains("maintenance page") && why.contains("`decode`"), "{why}");
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
    assert!(why.contains("taken as text") && why.contains("declare `decode`"), "{why}");
}
