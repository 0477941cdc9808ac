//! Promise 14: what a watcher knows, and what a poll holds, is bounded in bytes.

use koprs_external::declared::DeclaredSource;
use koprs_external::spec::{Format, Paging, WatcherBuilder};
use koprs_external::watcher::ExternalSource;
use koprs_external_tests::{Recorded, Reply, Server};
use serde_json::Value;

use super::faults::{coded, encoded};
use super::stage::{Stage, declare, source};
use crate::memory::limit_of;

async fn poll_values(source: &mut DeclaredSource<Value>) -> Result<usize, (&'static str, u64)> {
    source.poll().await.map(|events| events.len()).map_err(|error| limit_of(&error))
}

/// A list of pages, each with one item of so many bytes.
fn paged(bytes: usize, encoding: &'static str) -> Reply {
    Reply::with(move |request: &Recorded| {
        let page = request.query().unwrap_or_default();
        let text = "x".repeat(bytes);
        encoded(encoding, format!(r#"[{{"id":"{page}","text":"{text}"}}]"#).as_bytes())
    })
}

fn pages(url: String) -> WatcherBuilder {
    declare(url).items("").key("/id").pages(Paging::number("page").limit(300))
}

const MIB: u64 = 1 << 20;

#[tokio::test]
async fn promise_14_the_pages_of_a_walk_are_bounded_together() {
    for encoding in ["identity", "gzip", "br", "zstd"] {
        let server = Server::start().await;
        server.fallback(paged(1 << 20, encoding));
        let declaration = pages(server.url("/v")).walk_limit(8 * MIB);
        let mut source = source::<Value>(declaration);
        assert_eq!(poll_values(&mut source).await, Err(("walk_limit", 8 * MIB)));
        assert_eq!(server.total_hits(), 7, "{encoding}");
    }
}

#[tokio::test]
async fn a_walk_that_takes_too_much_removes_nothing_and_what_is_known_stays() {
    let server = Server::start().await;
    let page = |item: &str| Reply::json(format!("[{item}]"));
    let small = r#"{"id":"a","n":1}"#;
    let list = |item: &str| {
        let item = page(item);
        Reply::with(move |request| match request.query() {
            Some("page=1") => item.clone(),
            _ => Reply::json("[]"),
        })
    };
    let declaration = pages(server.url("/v")).memory_limit(8192);
    let mut source = source::<Value>(declaration);
    server.fallback(list(small));
    assert_eq!(poll_values(&mut source).await, Ok(1));
    let large = format!(r#"{{"id":"b","text":"{}"}}"#, "x".repeat(8192));
    for _ in 0..4 {
        server.fallback(list(&large));
        assert_eq!(poll_values(&mut source).await, Err(("memory_limit", 8192)));
    }
    server.fallback(list(small));
    assert_eq!(poll_values(&mut source).await, Ok(0));
}

#[tokio::test]
async fn a_value_fits_into_its_limits_and_not_into_one_byte_less() {
    // The body, and the value: 1000 bytes each, and what a `String` takes.
    let text = Reply::text("x".repeat(1000));
    let value = 1000 + size_of::<String>() as u64;
    let play = async |declaration: fn(String, u64) -> WatcherBuilder, limit: u64| {
        let make = |url| source::<String>(declaration(url, limit));
        let mut stage = Stage::of("declared", make).await;
        let word = stage.sees(text.clone()).await;
        let error = stage.error.as_ref().map(limit_of);
        (word.starts_with('+'), error)
    };
    let walk = |url, limit| declare(url).decode(Format::Text).walk_limit(limit);
    assert_eq!(play(walk, 1000 + value).await, (true, None));
    let less = 1000 + value - 1;
    assert_eq!(play(walk, less).await, (false, Some(("walk_limit", less))));
    let memory = |url, limit| declare(url).decode(Format::Text).memory_limit(limit);
    assert_eq!(play(memory, 2 * value).await, (true, None));
    let less = 2 * value - 1;
    assert_eq!(play(memory, less).await, (false, Some(("memory_limit", less))));
}

#[tokio::test]
async fn a_body_does_not_fit_into_a_smaller_walk() {
    for encoding in ["identity", "gzip", "br", "zstd"] {
        let make = |url| source::<String>(declare(url).walk_limit(1000));
        let mut stage = Stage::of("declared", make).await;
        let body = format!("\"{}\"", "x".repeat(1000));
        stage.sees(encoded(encoding, body.as_bytes())).await;
        assert_eq!(limit_of(stage.error()), ("walk_limit", 1000), "{encoding}");
    }
}

/// A body whose values take much more than its text, by format.
fn amplified() -> Vec<(&'static str, Format, String, bool)> {
    let arrays = format!("[{}[]]", "[],".repeat(20_000));
    let objects = format!("[{}{{}}]", r#"{"":0},"#.repeat(10_000));
    let lines = (0..10_000).fold(String::new(), |lines, n| lines + &format!("{{\"id\":{n}}}\n"));
    let names = (0..1000).map(|n| format!("a{n}")).collect::<Vec<_>>().join(",");
    let record = |n: usize| format!("\n{n}{}", ",".repeat(999));
    let table = (0..60).map(record).fold(names, |table, record| table + &record);
    let yaml = format!("[{}[]]", "[],".repeat(20_000));
    vec![
        ("arrays", Format::Json, arrays, false),
        ("objects", Format::Json, objects.clone(), false),
        ("a member that is large", Format::Json, format!(r#"{{"a":{objects}}}"#), true),
        ("lines", Format::Ndjson, lines, true),
        ("a table", Format::Csv, table, true),
        ("arrays of YAML", Format::Yaml, yaml, false),
        ("a member of YAML", Format::Yaml, format!("a: {objects}"), true),
    ]
}

#[tokio::test]
async fn what_a_body_decodes_to_is_bounded_in_every_format() {
    for (what, format, body, is_list) in amplified() {
        let declared = |url: String, limit: u64| {
            let declaration = declare(url).decode(format).memory_limit(limit);
            match (is_list, format) {
                (false, _) => declaration,
                (true, Format::Ndjson) => declaration.items("").key("/id"),
                (true, Format::Csv) => declaration.items("").key("/a0"),
                (true, _) => declaration.items(""),
            }
        };
        let body = Reply::text(body);
        for (limit, fits) in [(MIB, false), (64 * MIB, true)] {
            let server = Server::start().await;
            server.set("/v", body.clone());
            let mut source = source::<Value>(declared(server.url("/v"), limit));
            let polled = poll_values(&mut source).await;
            match fits {
                true => assert!(polled.is_ok_and(|events| events > 0), "{what}"),
                false => assert_eq!(polled, Err(("memory_limit", limit)), "{what}"),
            }
        }
    }
}

#[tokio::test]
async fn the_tree_of_a_body_of_yaml_is_bounded() {
    let body = format!("a: [{}[]]", "[],".repeat(20_000));
    for items in [false, true] {
        let server = Server::start().await;
        server.set("/v", Reply::text(body.clone()));
        let declaration = declare(server.url("/v")).decode(Format::Yaml).walk_limit(MIB);
        let declaration = if items { declaration.items("") } else { declaration };
        let error = source::<Value>(declaration).poll().await.unwrap_err().to_string();
        assert!(error.contains("`walk_limit`, 1048576 bytes"), "{error}");
    }
}

#[tokio::test]
async fn what_is_removed_makes_room() {
    let server = Server::start().await;
    let list =
        |id: &str| Reply::json(format!(r#"[{{"id":"{id}","text":"{}"}}]"#, "x".repeat(2000)));
    let declaration = declare(server.url("/v")).items("").key("/id").memory_limit(12 * 1024);
    let mut source = source::<Value>(declaration.hold_min(100));
    for id in ["a", "b", "c", "d", "e", "f"] {
        server.set("/v", list(id));
        assert!(poll_values(&mut source).await.is_ok_and(|events| events > 0), "{id}");
    }
}

#[tokio::test]
async fn a_post_is_bounded_too() {
    let make = |url| source::<Value>(declare(url).json_body("{}").walk_limit(1000));
    let mut stage = Stage::of("declared", make).await;
    stage.sees(Reply::json(format!("\"{}\"", "x".repeat(1000)))).await;
    assert_eq!(limit_of(stage.error()), ("walk_limit", 1000));
}

#[tokio::test]
async fn requests_that_are_repeated_do_not_add_up() {
    let server = Server::start().await;
    let body = coded("identity", format!("\"{}\"", "x".repeat(1000)).as_bytes());
    let cut = Reply::json(body.clone()).truncate(900);
    server.queue("/v", [cut.clone(), cut, Reply::json(body)]);
    let declaration = declare(server.url("/v")).retries(2).walk_limit(2500);
    let mut source = source::<String>(declaration);
    tokio::time::pause();
    assert_eq!(source.poll().await.unwrap().len(), 1);
}
