//! Answers without end, of which nothing comes: each ends by a limit or at the timeout, and its connection is closed.
//!
//! The server writes as fast as it can, so that there is always more to read: a reader that never gives way is never
//! told that its time is over.

use std::pin::pin;
use std::time::Duration;

use koprs_external::error::Result;
use koprs_external::http::HttpPoller;
use koprs_external::spec::{ClientCredentials, Format, SecretSource};

use koprs_external::watcher::{ExternalEvent, ExternalSource, WatchConfig, watch};
use koprs_external_tests::client_builder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch as channel;
use tokio::task::{JoinHandle, yield_now};

use super::stage::{declare, poll, source};

/// A server that answers each connection with a head, and then with a part, again and again.
struct Endless {
    url: String,
    /// Connections that were opened, and that were closed by the client.
    opened: channel::Receiver<usize>,
    closed: channel::Receiver<usize>,
    task: JoinHandle<()>,
}

impl Drop for Endless {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone)]
struct Script {
    /// Read before anything is written.
    until: &'static [u8],
    head: Vec<u8>,
    part: Vec<u8>,
    /// After each part, where it is slow.
    pause: Option<Duration>,
}

impl Script {
    fn http1(head: &str, part: impl Into<Vec<u8>>) -> Self {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{head}");
        Self { until: b"\r\n\r\n", head: head.into_bytes(), part: part.into(), pause: None }
    }

    /// A body in this encoding that begins so, and goes on so.
    fn coded(coding: &str, begin: &[u8], part: &[u8]) -> Self {
        let head = format!("content-encoding: {coding}\r\nconnection: close\r\n\r\n");
        let mut script = Self::http1(&head, part.repeat(1000));
        script.head.extend_from_slice(begin);
        script
    }

    /// An answer over HTTP/2, of which the head of the first stream is this.
    fn http2(head: &[u8], part: &[u8]) -> Self {
        let settings = b"\0\0\0\x04\0\0\0\0\0\0\0\0\x04\x01\0\0\0\0";
        let head = [settings, head].concat();
        Self {
            until: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            head,
            part: part.repeat(100),
            pause: None,
        }
    }

    async fn play(self, mut stream: TcpStream) {
        let (mut read, until) = (Vec::new(), self.until);
        // Of HTTP/2, the request comes behind the preface.
        while !read.windows(until.len()).any(|it| it == until) {
            if stream.read_buf(&mut read).await.is_ok_and(|bytes| bytes == 0) {
                return;
            }
        }
        let (mut reader, mut writer) = stream.into_split();
        let swallow = async {
            let mut sink = [0; 1024];
            while reader.read(&mut sink).await.is_ok_and(|bytes| bytes > 0) {}
        };
        let write = async {
            writer.write_all(&self.head).await?;
            loop {
                writer.write_all(&self.part).await?;
                match self.pause {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => yield_now().await,
                }
            }
            #[allow(unreachable_code, reason = "it says of what type the error is")]
            std::io::Result::Ok(())
        };
        tokio::select! {
            () = swallow => {}
            _ = write => {}
        }
    }
}

impl Endless {
    async fn start(script: Script) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/v", listener.local_addr().unwrap());
        let (opening, opened) = channel::channel(0);
        let (closing, closed) = channel::channel(0);
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                opening.send_modify(|count| *count += 1);
                let (script, closing) = (script.clone(), closing.clone());
                connections.spawn(async move {
                    script.play(stream).await;
                    closing.send_modify(|count| *count += 1);
                });
            }
        });
        Self { url, opened, closed, task }
    }

    /// Until every connection is closed.
    async fn is_left(&mut self) {
        let opened = *self.opened.borrow();
        self.closed.wait_for(|closed| *closed >= opened).await.unwrap();
    }
}

/// Polls, while a second passes now and then.
async fn poll_over_time(source: &mut impl super::stage::Look) -> String {
    over_time(poll(source)).await
}

async fn over_time<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    for _ in 0..600 {
        for _ in 0..100 {
            tokio::select! {
                biased;
                done = &mut future => return done,
                () = yield_now() => {}
            }
        }
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(1)).await;
        tokio::time::resume();
    }
    panic!("ten minutes did not end it");
}

/// An empty member of gzip.
const MEMBER: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x03\0\0\0\0\0\0\0\0\0";
/// A skippable frame of zstd, of no bytes.
const SKIPPED: &[u8] = b"\x50\x2a\x4d\x18\0\0\0\0";
/// An empty frame of zstd.
const FRAME: &[u8] = b"\x28\xb5\x2f\xfd\x20\0\x01\0\0";
/// Of brotli, a window, and metadata of no bytes.
const WINDOW: &[u8] = b"\x0c";
const METADATA: &[u8] = b"\x06";

fn coded() -> Vec<(&'static str, Script)> {
    vec![
        ("empty members of gzip", Script::coded("gzip", b"", MEMBER)),
        ("skippable frames of zstd", Script::coded("zstd", b"", SKIPPED)),
        ("empty frames of zstd", Script::coded("zstd", b"", FRAME)),
        ("empty blocks of brotli", Script::coded("br", WINDOW, METADATA)),
    ]
}

#[tokio::test]
async fn an_encoded_body_of_nothing_ends_at_the_limit_of_the_body() {
    for (what, script) in coded() {
        let mut server = Endless::start(script).await;
        let mut source = source::<u32>(declare(&server.url).body_limit(20_000));
        assert_eq!(poll(&mut source).await, "!large", "{what}");
        let error = source.poll().await.unwrap_err().to_string();
        assert!(error.contains("`body_limit`, 20000 bytes"), "{what}: {error}");
        server.is_left().await;
    }
}

#[tokio::test]
async fn an_encoded_body_of_nothing_ends_at_the_timeout() {
    for (what, script) in coded() {
        let mut server = Endless::start(script).await;
        let declared = declare(&server.url).body_limit(1 << 40).timeout(Duration::from_secs(2));
        let mut source = source::<u32>(declared);
        assert_eq!(poll_over_time(&mut source).await, "!timeout", "{what}");
        server.is_left().await;
    }
}

/// The server has a thread of its own, and so has the connection, so that there is always more to read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_encoded_body_of_nothing_ends_at_the_timeout_on_several_threads() {
    let (send, served) = std::sync::mpsc::channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let script = Script::coded("gzip", b"", MEMBER);
            let server = Endless::start(script).await;
            send.send(server.url.clone()).unwrap();
            let _ = stopped.await;
        });
    });
    let url = served.recv().unwrap();
    let declared = declare(&url).body_limit(1 << 40).timeout(Duration::from_secs(1));
    let mut source = source::<u32>(declared);
    let polled = tokio::spawn(async move { poll(&mut source).await });
    assert_eq!(polled.await.unwrap(), "!timeout");
    stop.send(()).unwrap();
    thread.join().unwrap();
}

#[tokio::test]
async fn an_encoded_body_of_nothing_ends_with_its_watcher() {
    for (what, script) in coded() {
        let mut server = Endless::start(script).await;
        let declared = declare(&server.url).body_limit(1 << 40).timeout(Duration::from_secs(3600));
        let config = WatchConfig::new(Duration::from_secs(1));
        let mut watch = watch(source::<u32>(declared), config);
        let opened = server.opened.wait_for(|count| *count > 0);
        tokio::select! {
            event = watch.recv() => panic!("{what}: {event:?}"),
            opened = opened => drop(opened.unwrap()),
        }
        let handle = watch.handle();
        drop(watch);
        handle.shutdown().await;
        server.is_left().await;
    }
}

/// What is endless of an answer over HTTP/1.1, and what ends it.
fn rows() -> Vec<(&'static str, Script, &'static str)> {
    let chunked = "transfer-encoding: chunked\r\n";
    let coded = format!("{chunked}content-encoding: gzip\r\n\r\n");
    let member = [b"14\r\n", MEMBER, b"\r\n"].concat();
    let mut informed = Script::http1("", b"HTTP/1.1 102 Processing\r\n\r\n".repeat(100));
    informed.head.clear();
    let mut drop_by_drop = Script::http1(&format!("{chunked}\r\n"), *b"1\r\n \r\n");
    drop_by_drop.pause = Some(Duration::from_secs(1));
    vec![
        (
            "chunks of a byte",
            Script::http1(&format!("{chunked}\r\n"), b"1\r\n \r\n".repeat(1000)),
            "!large",
        ),
        ("a byte a second", drop_by_drop, "!timeout"),
        ("chunked empty members", Script::http1(&coded, member.repeat(100)), "!large"),
        (
            "the size of a chunk",
            Script::http1(&format!("{chunked}\r\n"), b"0".repeat(1000)),
            "!timeout",
        ),
        (
            "spaces behind the size of a chunk",
            Script::http1(&format!("{chunked}\r\n1"), b" ".repeat(1000)),
            "!timeout",
        ),
        (
            "extensions of a chunk",
            Script::http1(&format!("{chunked}\r\n1"), b";a=b".repeat(1000)),
            "!interrupted",
        ),
        (
            "extensions of chunks",
            Script::http1(&format!("{chunked}\r\n"), b"1;a=b\r\n \r\n".repeat(1000)),
            "!large",
        ),
        (
            "trailers",
            Script::http1(&format!("{chunked}\r\n1\r\n1\r\n0\r\n"), b"a: b\r\n".repeat(1000)),
            "!interrupted",
        ),
        (
            "a trailer",
            Script::http1(&format!("{chunked}\r\n1\r\n1\r\n0\r\na: "), b"b".repeat(1000)),
            "!interrupted",
        ),
        ("cookies", Script::http1("", b"set-cookie: a=b\r\n".repeat(1000)), "!headers"),
        ("a header", Script::http1("a: ", b"b".repeat(1000)), "!headers"),
        ("informational answers", informed, "!timeout"),
        ("blank lines", Script::http1("connection: close\r\n\r\n", b"\n".repeat(1000)), "!large"),
    ]
}

#[tokio::test]
async fn whatever_is_endless_of_an_answer_ends_and_leaves_the_connection() {
    let mut wrong = Vec::new();
    for (what, script, word) in rows() {
        let mut server = Endless::start(script).await;
        let declared = declare(&server.url).body_limit(2_000).timeout(Duration::from_secs(60));
        let came = poll_over_time(&mut source::<u32>(declared)).await;
        if came != word {
            wrong.push((what, came));
        }
        over_time(server.is_left()).await;
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[tokio::test]
async fn a_list_of_blank_lines_ends_at_the_limit_of_the_body() {
    let script = Script::http1("connection: close\r\n\r\n", b"\n".repeat(1000));
    let mut server = Endless::start(script).await;
    let declared = declare(&server.url).body_limit(20_000).items("").key("/id");
    let declared = declared.decode(Format::Ndjson);
    assert_eq!(poll(&mut source::<super::shelf::Item>(declared)).await, "!large");
    server.is_left().await;
}

#[tokio::test]
async fn an_answer_of_a_token_endpoint_that_is_endless_ends_too() {
    for (what, script) in coded() {
        let mut server = Endless::start(script).await;
        let secret = SecretSource::Value("s3cr3t".to_owned().into());
        let credentials = ClientCredentials::new(&*server.url, "client", secret);
        let declared = declare(&server.url).oauth2(credentials);
        let error = over_time(source::<u32>(declared).poll()).await.unwrap_err();
        assert!(error.to_string().contains("larger than"), "{what}: {error}");
        server.is_left().await;
    }
}

/// `:status: 200`, and what it may be followed by on the first stream.
const OK: &[u8] = b"\0\0\x01\x01\x04\0\0\0\x01\x88";
const EMPTY_DATA: &[u8] = b"\0\0\0\0\0\0\0\0\x01";
const PING: &[u8] = b"\0\0\x08\x06\0\0\0\0\0\0\0\0\0\0\0\0\0";
const CONTINUATION: &[u8] = b"\0\0\0\x09\0\0\0\0\x01";
/// `:status: 103`.
const EARLY: &[u8] = b"\0\0\x05\x01\x04\0\0\0\x01\x08\x03103";

#[tokio::test]
async fn whatever_is_endless_of_an_answer_over_http2_ends_and_leaves_the_connection() {
    let no_end = b"\0\0\x01\x01\0\0\0\0\x01\x88";
    let rows: [(&str, &[u8], &[u8]); 5] = [
        ("empty frames of data", OK, EMPTY_DATA),
        ("pings before an answer", b"", PING),
        ("pings within an answer", OK, PING),
        ("continuations of a head", no_end, CONTINUATION),
        ("informational answers", b"", EARLY),
    ];
    for (what, head, part) in rows {
        let mut server = Endless::start(Script::http2(head, part)).await;
        let client = client_builder().http2_prior_knowledge().build().unwrap();
        let mut poller = HttpPoller::new(&*server.url).with_retries(0).with_client(client);
        poller = poller.with_timeout(Duration::from_secs(5));
        let polled: Result<Vec<ExternalEvent<_>>> = over_time(poller.poll()).await;
        assert!(polled.is_err(), "{what}: {polled:?}");
        drop(poller);
        over_time(server.is_left()).await;
    }
}
