//! Declarations of tenants, at random. Most have one or two settings that are out of the ordinary, so that many are
//! followed; what is refused is refused early.

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// Characters that do not belong into a message.
const STRANGE: &str = "\n\r\t\0\u{1b}[2J\u{7f}\u{85}\u{9b}31m\u{202e}\u{2066}\u{200b}\u{feff}\u{2028}\"'`\\{}<>&%#日é🦀";

pub(super) fn declaration(rng: &mut Rng, port: u16) -> Value {
    let mut http = Map::new();
    http.insert("url".into(), url(rng, port).into());
    http.insert("timeout".into(), ["300ms", "1s", "3s"][rng.usize(..3)].into());
    let mut watcher = Map::new();
    watcher.insert("name".into(), "tenant".into());
    watcher.insert("interval".into(), "1s".into());
    watcher.insert("deadline".into(), ["500ms", "2s", "4s"][rng.usize(..3)].into());
    if rng.bool() {
        let format = ["json", "yaml", "text", "bytes", "ndjson", "csv"][rng.usize(..6)];
        watcher.insert("decode".into(), format.into());
    }
    if rng.u8(..3) > 0 {
        let at = ["", "/data", "/0", "/data/items"][rng.usize(..4)];
        let mut items = Map::from_iter([("at".to_owned(), json!(at))]);
        if rng.u8(..4) > 0 {
            items.insert("key".into(), ["/id", "/0", "/a/b"][rng.usize(..3)].into());
        }
        watcher.insert("items".into(), items.into());
        if rng.bool() {
            http.insert("pages".into(), pages(rng, port));
        }
    }
    for _ in 0..rng.u8(..3) {
        extreme(rng, port, &mut watcher, &mut http);
    }
    watcher.insert("http".into(), http.into());
    watcher.into()
}

/// Where the hostile server is, and where a tenant must not come.
fn url(rng: &mut Rng, port: u16) -> String {
    let host = match rng.u8(..20) {
        0 => "127.0.0.1",
        1 => "inside.example.com",
        2 => "[::1]",
        3 => "[::ffff:127.0.0.1]",
        4 => "localhost",
        5 => "kubernetes.default",
        6 => "both.example.com",
        7..=9 => "127.0.0.2",
        // One that says how long to wait is not asked again, by nobody.
        _ => return format!("http://h{}.outside.example.com:{port}/{}", rng.u64(..), rng.u64(..)),
    };
    format!("http://{host}:{port}/{}", rng.u64(..))
}

fn pages(rng: &mut Rng, port: u16) -> Value {
    match rng.u8(..5) {
        0 => json!({ "linkHeader": {} }),
        1 => json!({ "cursor": { "at": "/next", "param": "cursor" } }),
        2 => json!({ "cursor": { "header": "X-Next" } }),
        3 => json!({ "number": { "param": "page" }, "limit": rng.u64(1..2000) }),
        _ => json!({ "offset": { "param": "offset" }, "origins": [url(rng, port)] }),
    }
}

/// A setting with far too much, or something strange, in it.
fn extreme(
    rng: &mut Rng,
    port: u16,
    watcher: &mut Map<String, Value>,
    http: &mut Map<String, Value>,
) {
    match rng.u8(..20) {
        0 => {
            watcher.insert("items".into(), json!({ "at": pointer(rng), "key": pointer(rng) }));
        }
        1 => {
            let count = count(rng);
            let pointers: Vec<_> = (0..count).map(|n| format!("/{n}")).collect();
            watcher.insert("ignore".into(), pointers.into());
        }
        2 => {
            let pointers: Vec<_> = (0..rng.usize(1..20)).map(|_| pointer(rng)).collect();
            watcher.insert("ignore".into(), pointers.into());
        }
        3 => {
            let headers = (0..count(rng)).map(|n| (format!("X-{n}"), json!("v")));
            http.insert("header".into(), headers.collect::<Map<_, _>>().into());
        }
        4 => {
            http.insert("header".into(), json!({ "X-Long": text(rng) }));
        }
        5 => {
            let query = (0..count(rng)).map(|n| (format!("q{n}"), json!(n.to_string())));
            http.insert("query".into(), query.collect::<Map<_, _>>().into());
        }
        6 => {
            http.insert("query".into(), json!({ "q": text(rng), text(rng): "1" }));
        }
        7 => {
            http.insert("body".into(), json!({ "text": text(rng) }));
        }
        8 => {
            http.insert("body".into(), json!({ "json": "[".repeat(count(rng)) }));
        }
        9 => {
            http.insert("url".into(), format!("{}/{}", url(rng, port), text(rng)).into());
        }
        10 => {
            watcher.insert("name".into(), text(rng).into());
        }
        11 => {
            watcher.insert(text(rng), "1".into());
        }
        12 => {
            let limit = [1, 2, 100, 100_000, u64::MAX][rng.usize(..5)];
            watcher.insert("items".into(), json!({ "at": "", "key": "/id", "limit": limit }));
        }
        13 => {
            let setting = ["retries", "redirectLimit", "maxInFlight", "bodyLimit", "headerLimit"];
            let value = [json!(0), json!(1), json!(u64::MAX), json!("8MiB"), json!("16EiB")];
            http.insert(setting[rng.usize(..5)].into(), value[rng.usize(..5)].clone());
        }
        14 => {
            let setting = ["interval", "deadline", "maxBackoff"][rng.usize(..3)];
            let value = ["1ms", "0s", "365d", "18446744073709551615s", "1ns"][rng.usize(..5)];
            watcher.insert(setting.into(), value.into());
        }
        15 => {
            let origins: Vec<_> =
                (0..count(rng)).map(|n| format!("http://h{n}.example.com")).collect();
            http.insert("pages".into(), json!({ "linkHeader": {}, "origins": origins }));
        }
        16 => {
            let token = json!({
                "tokenUrl": url(rng, port), "clientId": text(rng), "clientSecret": { "value": text(rng) },
                "scopes": (0..count(rng).min(500)).map(|n| n.to_string()).collect::<Vec<_>>(),
            });
            http.insert("auth".into(), json!({ "oauth2": token }));
        }
        17 => {
            http.insert("auth".into(), json!({ "bearer": { "value": text(rng) } }));
        }
        18 => {
            let cursor = json!({ "at": pointer(rng), "param": text(rng) });
            http.insert("pages".into(), json!({ "cursor": cursor }));
        }
        _ => {
            http.insert("method".into(), ["head", "post", "get"][rng.usize(..3)].into());
        }
    }
}

/// One that is at a bound, or far above it.
fn count(rng: &mut Rng) -> usize {
    [0, 1, 10, 99, 100, 101, 127, 128, 129, 1000, 20_000][rng.usize(..11)]
}

fn pointer(rng: &mut Rng) -> String {
    let name = ["/0", "/a", "/", "/~1"][rng.usize(..4)];
    match rng.u8(..6) {
        0 => format!("/{}", text(rng)),
        _ => name.repeat(count(rng)),
    }
}

fn text(rng: &mut Rng) -> String {
    match rng.u8(..6) {
        0 => STRANGE.to_owned(),
        1 => STRANGE.repeat(count(rng)),
        2 => "a".repeat([0, 200, 4096, 8192, 8193, 65_536, 300_000][rng.usize(..7)]),
        3 => "%0a%1b".to_owned(),
        _ => rng.alphanumeric().to_string(),
    }
}
