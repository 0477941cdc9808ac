//! Answers of hostile servers, at random: a content, its coding, its framing, and what its head says.

use std::io::Write;
use std::time::Duration;

use fastrand::Rng;

/// What a server does.
pub(super) enum Step {
    Write(Vec<u8>),
    Repeat(Vec<u8>, usize),
    Slowly(Vec<u8>, Duration),
    Close,
}

/// A repetition that ends with the connection.
const FOR_EVER: usize = usize::MAX;
const MIB: usize = 1024 * 1024;

/// A name for the statistics, and an answer.
pub(super) fn answer(rng: &mut Rng, port: u16) -> (&'static str, Vec<Step>) {
    match rng.u8(..60) {
        0 => (
            "interim answers without end",
            endless(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n", ""),
        ),
        1 => ("headers without end", endless(b"x-a: 0123456789abcdef\r\n", "HTTP/1.1 200 OK\r\n")),
        2 => ("a header without end", endless(b"0123456789abcdef", "HTTP/1.1 200 OK\r\nx-a: ")),
        3 => ("a status without end", endless(b"very ", "HTTP/1.1 200 ")),
        4 => ("chunks of a byte without end", endless(b"1\r\n[\r\n", CHUNKED)),
        5 => ("extensions of chunks", endless(b"1;a=bbbbbbbbbbbbbbbbbbbb\r\n \r\n", CHUNKED)),
        6 => ("a chunk size without end", endless(b"0000", CHUNKED)),
        7 => {
            let head = format!("{CHUNKED}2\r\n[]\r\n0\r\n");
            ("trailers without end", endless(b"x-trailer: 1\r\n", &head))
        }
        8 => ("spaces without end", endless(&[b' '; 4096], UNTIL_CLOSE)),
        9 => ("brackets without end", endless(&[b'['; 4096], UNTIL_CLOSE)),
        10 => (
            "items without end",
            endless(&br#"{"id":"a"},"#.repeat(400), &format!("{UNTIL_CLOSE}[")),
        ),
        11 => ("empty members of gzip", coded_without_end("gzip", &gzip(b""))),
        12 => ("empty frames of zstd", coded_without_end("zstd", &zstd(b""))),
        13 => {
            // A frame to skip, of no bytes.
            let skipped = [0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0];
            ("skippable frames of zstd", coded_without_end("zstd", &skipped))
        }
        14 => ("zeros of brotli", coded_without_end("br", &[0x00])),
        15 => ("an empty metablock of brotli", coded_without_end("br", &[0x06])),
        16 => ("redirect", redirect(rng, port)),
        17 => ("failure", failure(rng)),
        18 => (
            "garbage",
            vec![Step::Write((0..rng.usize(..500)).map(|_| rng.u8(..)).collect()), Step::Close],
        ),
        19 => ("closed", vec![Step::Close]),
        20..=29 => ("a few items", vec![Step::Write(whole(&numbered(rng.usize(..10), 0)))]),
        _ => content(rng, port),
    }
}

fn whole(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

const CHUNKED: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
const UNTIL_CLOSE: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n";

fn endless(bytes: &[u8], head: &str) -> Vec<Step> {
    vec![
        Step::Write(head.as_bytes().to_vec()),
        Step::Repeat(bytes.repeat(4096 / bytes.len()), FOR_EVER),
    ]
}

fn coded_without_end(coding: &str, bytes: &[u8]) -> Vec<Step> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\n\r\n");
    endless(bytes, &head)
}

fn redirect(rng: &mut Rng, port: u16) -> Vec<Step> {
    let status = [301, 302, 303, 307, 308][rng.usize(..5)];
    let location = match rng.u8(..8) {
        0 => format!("http://127.0.0.1:{port}/"),
        1 => format!("http://inside.example.com:{port}/"),
        2 => format!("http://[::1]:{port}/"),
        3 => "file:///etc/passwd".to_owned(),
        4 => format!("/{}", "a".repeat(rng.usize(..20_000))),
        5 => format!("http://outside.example.com:{}/", rng.u16(1..)),
        6 => format!("http://0x7f000001:{port}/"),
        _ => format!("/{}", rng.u64(..)),
    };
    let head =
        format!("HTTP/1.1 {status} Moved\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
    vec![Step::Write(head.into_bytes())]
}

fn failure(rng: &mut Rng) -> Vec<Step> {
    let status = [204, 206, 304, 400, 401, 403, 404, 410, 429, 500, 503][rng.usize(..11)];
    let wait =
        ["0", "1", "99999999999999999999", "-1", "\u{1b}[31m", "Fri, 31 Dec 9999 23:59:59 GMT"];
    let wait = wait[rng.usize(..6)];
    let head =
        format!("HTTP/1.1 {status} No\r\nretry-after: {wait}\r\ncontent-length: 2\r\n\r\n[]");
    vec![Step::Write(head.into_bytes()), Step::Close]
}

/// A content that has an end.
fn content(rng: &mut Rng, port: u16) -> (&'static str, Vec<Step>) {
    let depth = [2, 10, 127, 128, 129, 4000, 100_000][rng.usize(..7)];
    let (name, body) = match rng.u8(..18) {
        0 => ("arrays in arrays", nested("[", "]", depth)),
        1 => ("objects in objects", nested("{\"a\":", "}", depth)),
        2 => ("brackets that are not closed", "[".repeat(depth).into_bytes()),
        3 => ("flow of yaml", nested("{a: ", "}", depth)),
        4 => (
            "blocks of yaml",
            (0..depth.min(2000))
                .map(|n| format!("{}a:\n", " ".repeat(n)))
                .collect::<String>()
                .into(),
        ),
        5 => ("aliases of yaml", aliases()),
        6 => ("empty arrays", list(b"[]", 8 * MIB / 4)),
        7 => ("small items", numbered(rng.usize(1..100_000), 0)),
        8 => ("large items", numbered(rng.usize(1..8), MIB)),
        9 => ("a long text", list(&[b"\"", &*vec![b'a'; 7 * MIB], b"\""].concat(), 1)),
        10 => ("escapes", list(format!("\"{}\"", "\\u0041".repeat(MIB)).as_bytes(), 1)),
        11 => ("lines", numbered_lines(rng.usize(1..100_000))),
        12 => (
            "records",
            (0..rng.usize(1..50_000)).map(|n| format!("{n},\"a\nb\"\n")).collect::<String>().into(),
        ),
        13 => ("strange keys", strange()),
        14 => ("twice the same key", list(br#"{"id":"a"}"#, rng.usize(2..10_000))),
        15 => ("bytes", (0..rng.usize(..10_000)).map(|_| rng.u8(..)).collect()),
        16 => ("a page", pages(rng, port)),
        _ => ("a value", rng.u64(..).to_string().into_bytes()),
    };
    let (coding, body) = match rng.u8(..8) {
        0 => ("gzip", gzip(&body)),
        // Without optimisation, more takes long.
        1 if body.len() < MIB => ("br", brotli(&body)),
        2 => ("zstd", zstd(&body)),
        3 => ("gzip, gzip", gzip(&gzip(&body))),
        4 => ("gzip", [gzip(&body[..body.len() / 2]), gzip(&body[body.len() / 2..])].concat()),
        _ => ("identity", body),
    };
    let types = [
        "application/json",
        "application/yaml",
        "text/csv",
        "application/x-ndjson",
        "text/html",
        "text/plain; charset=utf-16",
        "\u{1b}]0;title",
    ];
    let mut head = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\ncontent-type: {}\r\n",
        types[rng.usize(..7)]
    );
    match rng.u8(..6) {
        0 => head += &format!("link: <http://127.0.0.1:{port}/>; rel=next\r\n"),
        1 => head += &format!("link: </{}>; rel=next\r\n", rng.u64(..)),
        2 => head += &format!("x-next: /{}\r\netag: \"{}\"\r\n", rng.u64(..), "e".repeat(5000)),
        3 => head += &"set-cookie: a=b\r\n".repeat(rng.usize(..150)),
        _ => {}
    }
    let steps = match rng.u8(..10) {
        0 => vec![
            Step::Write((head + "\r\n").into_bytes()),
            Step::Slowly(body, Duration::from_millis(20)),
        ],
        1 => vec![Step::Write((head + "\r\n").into_bytes()), Step::Write(body), Step::Close],
        2 => {
            head += "transfer-encoding: chunked\r\n\r\n";
            let mut steps = vec![Step::Write(head.into_bytes())];
            steps.extend(body.chunks(10_000).map(|chunk| {
                Step::Write([format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat())
            }));
            steps.push(Step::Write(b"0\r\n\r\n".to_vec()));
            steps
        }
        3 => {
            head += &format!("content-length: {}\r\n\r\n", u64::MAX);
            vec![Step::Write(head.into_bytes()), Step::Write(body)]
        }
        _ => {
            head += &format!("content-length: {}\r\n\r\n", body.len());
            vec![Step::Write(head.into_bytes()), Step::Write(body)]
        }
    };
    (name, steps)
}

fn nested(open: &str, close: &str, depth: usize) -> Vec<u8> {
    format!("{}1{}", open.repeat(depth), close.repeat(depth)).into_bytes()
}

fn aliases() -> Vec<u8> {
    let mut text = "a0: &a0 [x]\n".to_owned();
    for n in 1..40 {
        let before = format!("*a{}, ", n - 1).repeat(9);
        text += &format!("a{n}: &a{n} [{before}x]\n");
    }
    text.into_bytes()
}

fn list(item: &[u8], times: usize) -> Vec<u8> {
    let mut body = b"[".to_vec();
    for n in 0..times {
        if n > 0 {
            body.push(b',');
        }
        body.extend_from_slice(item);
    }
    body.push(b']');
    body
}

fn numbered(count: usize, padding: usize) -> Vec<u8> {
    let items: Vec<_> =
        (0..count).map(|n| format!(r#"{{"id":"{n}","pad":"{}"}}"#, "x".repeat(padding))).collect();
    format!(r#"{{"data":[{}],"next":"{count}"}}"#, items.join(",")).into_bytes()
}

fn numbered_lines(count: usize) -> Vec<u8> {
    (0..count).map(|n| format!("{{\"id\":{n}}}\n\n")).collect::<String>().into_bytes()
}

fn strange() -> Vec<u8> {
    let keys = ["\\n", "\\u001b[2J", "\\u202e", "\\u0000", "\u{85}", "\u{2028}", "🦀", ""];
    let items: Vec<_> = keys.iter().map(|key| format!(r#"{{"id":"{key}"}}"#)).collect();
    format!("[{}]", items.join(",")).into_bytes()
}

fn pages(rng: &mut Rng, port: u16) -> Vec<u8> {
    let next = match rng.u8(..5) {
        0 => format!("\"http://127.0.0.1:{port}/\""),
        1 => "\"same\"".to_owned(),
        2 => "{\"a\":[]}".to_owned(),
        3 => format!("\"{}\"", "c".repeat(rng.usize(..20_000))),
        _ => rng.u64(..).to_string(),
    };
    format!(r#"{{"data":[{{"id":"{}"}}],"next":{next}}}"#, rng.u32(..)).into_bytes()
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn brotli(body: &[u8]) -> Vec<u8> {
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 1, 22);
    encoder.write_all(body).unwrap();
    encoder.into_inner()
}

fn zstd(body: &[u8]) -> Vec<u8> {
    zstd::encode_all(body, 1).unwrap()
}
