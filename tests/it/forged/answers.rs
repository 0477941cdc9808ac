//! What servers answer: each header with each status, and bodies, against each kind of source.

use std::fmt::Debug;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use koprs_external::declared::DeclaredSource;
use koprs_external::http::HttpPoller;
use koprs_external::spec::{
    ClientCredentials, Format, Method, OnBadItem, Paging, SecretSource, WatcherBuilder, WatcherSpec,
};
use koprs_external_tests::{Reply, Server};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{IN_HEADER, PLANTED, Seen, long, run};

const HEADERS: [&str; 20] = [
    "content-type",
    "content-encoding",
    "content-range",
    "content-location",
    "location",
    "link",
    "retry-after",
    "www-authenticate",
    "proxy-authenticate",
    "etag",
    "last-modified",
    "date",
    "age",
    "cache-control",
    "set-cookie",
    "server",
    "x-next",
    "ratelimit",
    "ratelimit-reset",
    "x-ratelimit-reset",
];
const STATUSES: [u16; 12] = [200, 202, 206, 302, 304, 307, 401, 403, 404, 410, 429, 503];

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[allow(dead_code, reason = "only what its errors say matters")]
struct Item {
    id: String,
    plan: u32,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
#[allow(dead_code, reason = "only what its errors say matters")]
enum Word {
    One,
    Two { id: u32 },
}

type Source = fn(String) -> BoxFuture<'static, Seen>;

fn http(url: String) -> WatcherBuilder {
    WatcherSpec::http("flags", url)
        .interval(Duration::from_secs(1))
        .timeout(Duration::from_secs(2))
        .retries(0)
}

fn list(url: String) -> WatcherBuilder {
    http(url).items("").key("/id")
}

fn polled<T: DeserializeOwned + Clone + Debug + Send + 'static>(
    declaration: WatcherBuilder,
) -> BoxFuture<'static, Seen> {
    async move {
        let mut seen = Seen::default();
        let mut source = DeclaredSource::<T>::new(declaration.build().unwrap()).unwrap();
        seen.polls(&mut source).await;
        seen
    }
    .boxed()
}

const SOURCES: [(&str, Source); 24] = [
    ("a number", |url| polled::<u32>(http(url))),
    ("a word", |url| polled::<Word>(http(url))),
    ("an item", |url| polled::<Item>(http(url))),
    ("anything", |url| polled::<Value>(http(url))),
    ("a map", |url| polled::<std::collections::HashMap<String, u32>>(http(url))),
    ("yaml", |url| polled::<Item>(http(url).decode(Format::Yaml))),
    ("text", |url| polled::<Item>(http(url).decode(Format::Text))),
    ("bytes", |url| polled::<u32>(http(url).decode(Format::Bytes))),
    ("json", |url| polled::<Item>(http(url).decode(Format::Json))),
    ("head", |url| polled::<Value>(http(url).method(Method::Head))),
    ("post", |url| polled::<Value>(http(url).text_body("x"))),
    ("a list", |url| polled::<Item>(list(url))),
    ("a list that fails", |url| polled::<Item>(list(url).on_bad_item(OnBadItem::Fail))),
    ("a list below", |url| polled::<Item>(http(url).items("/planted/data").key("/meta/id"))),
    ("an object", |url| polled::<u32>(http(url).items(""))),
    ("yaml items", |url| polled::<Item>(list(url).decode(Format::Yaml))),
    ("ndjson", |url| polled::<Item>(list(url).decode(Format::Ndjson))),
    ("csv", |url| polled::<Item>(list(url).decode(Format::Csv))),
    ("links", |url| polled::<Item>(list(url).pages(Paging::link_header()))),
    ("a cursor", |url| {
        polled::<Item>(http(url).items("/data").key("/id").pages(Paging::cursor_at("/next")))
    }),
    ("a cursor in a header", |url| {
        polled::<Item>(list(url).pages(Paging::cursor_header("x-next").param("c")))
    }),
    ("numbers", |url| polled::<Item>(list(url).pages(Paging::number("n").limit(2)))),
    ("tokens", |url| {
        let secret = SecretSource::Value("x".into());
        polled::<Value>(
            http("http://127.0.0.1:9/".into()).oauth2(ClientCredentials::new(url, "us", secret)),
        )
    }),
    ("by hand", |url| {
        async move {
            let mut seen = Seen::default();
            seen.polls(&mut HttpPoller::new(url).with_retries(0)).await;
            seen
        }
        .boxed()
    }),
];

fn headers(value: &str) -> Vec<Reply> {
    let shapes = |name: &str| match name {
        "location" => vec![
            value.to_owned(),
            format!("/{value}"),
            format!("http://{value}/"),
            format!("x://h/{value}"),
        ],
        "link" => vec![
            value.to_owned(),
            format!("</{value}>; rel=next"),
            format!("<http://h/{value}>; rel=next"),
            format!("</x>; rel=\"next"),
        ],
        "content-range" => vec![value.to_owned(), format!("items 0-1/{value}")],
        _ => vec![value.to_owned()],
    };
    let mut replies = Vec::new();
    for name in HEADERS {
        for status in STATUSES {
            for value in shapes(name) {
                let reply = Reply::json("[]").status_code(status);
                replies.push(reply.header(name, value.as_bytes()));
            }
        }
    }
    replies
}

/// What no header can carry makes an answer that is none.
fn garbage() -> Vec<Reply> {
    let raw = [
        format!("HTTP/1.1 200 {PLANTED}\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\nx-{PLANTED}: 1\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\ncontent-type: {PLANTED}\r\n\r\n"),
        format!("HTTP/1.1 503 {IN_HEADER}\r\ncontent-length: 0\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;{PLANTED}\r\nx"),
        PLANTED.to_owned(),
    ];
    raw.into_iter().map(Reply::garbage).collect()
}

/// How many answers have one body.
const REPLIES: usize = 8;

fn bodies(text: &str) -> Vec<Reply> {
    let documents = [
        json!(text),
        json!([text]),
        json!([[text]]),
        json!({ text: 1 }),
        json!({ text: { "id": text }, "b": [text] }),
        json!({ "id": text, "plan": text }),
        json!([{ "id": text, "plan": text }]),
        json!([{ "id": text, "plan": 1 }, { "id": text, "plan": 2 }]),
        json!([{ "id": { text: 1 } }, { text: 1 }]),
        json!({ "planted": { text: [] } }),
        json!({ "planted": { "data": [{ "meta": { text: 1 } }] } }),
        json!({ "data": [], "next": text }),
        json!({ "data": [], "next": format!("/{text}") }),
        json!({ "data": [], "next": format!("http://h/{text}") }),
        json!({ "data": [], "next": { text: 1 } }),
        json!({ "two": { text: 1 } }),
        json!({ "error": text, "error_description": text }),
        json!({ "access_token": text, "token_type": "bearer" }),
        json!({ "access_token": "x", "token_type": text }),
    ];
    let raw = [
        text.to_owned(),
        format!("{{\"a\": {text}"),
        format!("{{\"{text}\": 1, \"{text}\": 2}}"),
        format!("id,plan\n{text},{text}\n"),
        format!("{text},{text},id\n1,2,3\n"),
        format!("id,plan\n\"{text}"),
        format!("? [{text}]"),
        format!("a: !{} x", text.replace(char::is_control, "")),
        format!("a: *{}", text.replace(char::is_control, "")),
        format!("\"{}\": 1\n\"{}\": 2", text.escape_default(), text.escape_default()),
        format!("<html><title>{text}</title>"),
    ];
    let documents = documents.iter().map(ToString::to_string).chain(raw);
    let mut replies = Vec::new();
    for body in documents {
        for status in [200, 400, 503] {
            replies.push(Reply::json(body.clone()).status_code(status));
        }
        for content_type in ["text/plain", "text/html", "application/x-planted", "application/yaml"]
        {
            replies.push(Reply::bytes(content_type, body.clone()));
        }
        replies.push(Reply::json(body).header("content-encoding", "gzip"));
    }
    replies
}

/// Tries each answer with every so-manieth source, in turn.
async fn try_each(replies: Vec<Reply>, every: usize) {
    let mut shown = 0;
    for (n, reply) in replies.into_iter().enumerate() {
        let is_next = |k: &usize| (n + n / STATUSES.len() + k).is_multiple_of(every);
        for (what, source) in (0..SOURCES.len()).filter(is_next).map(|k| SOURCES[k]) {
            // A server of its own: what one says holds for all watchers of its host.
            let server = Server::start().await;
            server.fallback(reply.clone());
            shown += run(&format!("{what}, answer {n}"), source(server.url("/v"))).await;
        }
    }
    assert!(shown > 5, "{shown}");
}

#[tokio::test]
async fn nothing_that_a_header_says_is_obeyed() {
    try_each(headers(IN_HEADER), 6).await;
}

#[tokio::test]
async fn nothing_that_a_long_header_says_floods() {
    let long: String = IN_HEADER.repeat(2_000);
    let mut replies: Vec<_> =
        HEADERS.iter().map(|name| Reply::json("[]").header(name, long.as_bytes())).collect();
    let far = "x".repeat(50_000);
    replies.extend([Reply::redirect(302, &far), Reply::redirect(307, &format!("x://{far}"))]);
    try_each(replies, 4).await;
}

#[tokio::test]
async fn nothing_that_a_body_says_is_obeyed() {
    let (plain, others): (Vec<_>, Vec<_>) =
        bodies(PLANTED).into_iter().enumerate().partition(|(n, _)| n % REPLIES == 0);
    let replies = |numbered: Vec<(usize, Reply)>| numbered.into_iter().map(|it| it.1).collect();
    try_each(replies(plain), 1).await;
    try_each(replies(others), 6).await;
    try_each(garbage(), 2).await;
}

#[tokio::test]
async fn nothing_that_a_long_body_says_floods() {
    // Each body alone would be some megabytes of JSON for each of the sources.
    let replies = bodies(&long());
    try_each(replies.into_iter().step_by(REPLIES).collect(), 3).await;
}
