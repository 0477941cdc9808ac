//! What a poller and a watcher take while they wait: bytes of the heap, each.
//!
//! ```text
//! cargo bench -p koprs-external --bench memory
//! ```
//!
//! Of ten thousand of a kind, what they keep allocated is counted, themselves included, and what was
//! there before is not: the HTTP client that all of them share, and its connection. The CPU time at the
//! end is that of a `current_thread` runtime for one wait and one poll that finds nothing, of ten
//! thousand watchers of a source that costs nothing.

#![allow(
    missing_docs,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints what it measured, and ends where it cannot measure"
)]

#[path = "tenants/mod.rs"]
mod tenants;

use std::cell::Cell;
use std::time::Duration;

use cpu_time::ThreadTime;
use futures::FutureExt;
use futures::future::{BoxFuture, join_all, ready};
use koprs_external::error::Result;
use koprs_external::http::HttpPoller;
use koprs_external::http::reqwest::Client;
use koprs_external::{ExternalEvent, ExternalSource, Watch, WatchConfig, watch, watch_external};
use koprs_external_tests::{Reply, Server};
use peak_alloc::PeakAlloc;
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::task::yield_now;
use tokio::time::sleep;

use tenants::{Naive, body, source};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

fn main() {
    let measured = std::env::args().any(|argument| argument == "--bench");
    let count = if measured { 10_000 } else { 10 };
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    println!("| idle, one of {count} | bytes | at most |\n|---|---:|---:|");
    runtime.block_on(async {
        let server = Server::start().await;
        pollers(&server, count).await;
        watches(count).await;
        channels(count).await;
        lists(if measured { 100_000 } else { 100 }).await;
        let micros = cpu(count, if measured { 5 } else { 1 }).await * 1e6;
        println!("\nA watcher at 1 s that finds nothing: {micros:.2} µs of CPU a poll.");
    });
}

/// What has been allocated since.
struct Since {
    before: usize,
    count: usize,
}

impl Since {
    fn now(count: usize) -> Self {
        Self { before: HEAP.current_usage(), count }
    }

    fn row(&self, what: &str, at_most: &str) {
        let kept = HEAP.current_usage().saturating_sub(self.before) as f64;
        println!("| {what} | {:.0} | {at_most} |", kept / self.count as f64);
    }
}

async fn pollers(server: &Server, count: usize) {
    server.keep_requests(false);
    server.set("/v1/flags", Reply::json(r#"{"dark":true,"beta":["a","b"]}"#).etag("\"5c3ae3b1\""));
    let url = server.url("/v1/flags");
    let token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    let poller = || HttpPoller::new(&*url).with_name("flags").with_bearer_token(token);
    poller().poll().await.unwrap();

    let since = Since::now(count);
    let mut pollers: Vec<_> = (0..count).map(|_| poller()).collect();
    since.row("`HttpPoller`, new", "2048");
    for poller in &mut pollers {
        assert_eq!(poller.poll().await.unwrap().len(), 1);
    }
    since.row("`HttpPoller`, after its first poll", "2048");
    for poller in &mut pollers {
        assert!(poller.poll().await.unwrap().is_empty());
    }
    since.row("`HttpPoller`, after a 304", "2048");
    drop(pollers);

    // One after the other, so that one connection serves all.
    let since = Since::now(count);
    let mut watches = Vec::with_capacity(count);
    for _ in 0..count {
        let mut watch = watch(poller(), WatchConfig::new(HOUR));
        take_first(&mut watch).await;
        watches.push(watch);
    }
    since.row("`watch` of an `HttpPoller`, both", "–");
    shut_down(watches).await;
}

async fn watches(count: usize) {
    let since = Since::now(count);
    let watches = start(count).await;
    since.row("`watch`", "1536");
    shut_down(watches).await;
}

async fn channels(count: usize) {
    let since = Since::now(count);
    let (tx, mut rx) = mpsc::channel(16);
    let mut handles = Vec::with_capacity(count);
    for _ in 0..count {
        handles.push(watch_external(Number::new(), SECOND, tx.clone()));
        rx.recv().await.unwrap();
    }
    since.row("`watch_external`, all on one channel", "1536");
    drop(rx);
    join_all(handles).await;

    let since = Since::now(count);
    let channels: Vec<_> = (0..count).map(|_| mpsc::channel::<ExternalEvent<u64>>(16)).collect();
    since.row("a channel of tokio, alone", "–");
    drop(channels);

    let since = Since::now(count);
    let mut receivers = Vec::with_capacity(count);
    for _ in 0..count {
        let (tx, mut rx) = mpsc::channel(16);
        watch_external(Number::new(), SECOND, tx);
        rx.recv().await.unwrap();
        receivers.push(rx);
    }
    since.row("`watch_external`, each on a channel of its own, both", "–");
}

/// What a poll of a long list needs at its peak, over its body and the values that are kept. The naive way
/// tells no events; ours tells one for each item at first sight, with a value of its own.
async fn lists(items: usize) {
    let server = Server::start().await;
    server.keep_requests(false);
    let url = server.url("/list");
    let client = koprs_external_tests::client();
    let (mut naive, mut ours) = (Naive::default(), source(&url));
    let bodies = [body(items, 0), body(items, 0), body(items, 1)];
    let before = HEAP.current_usage();
    let mut values = Naive::default();
    values.poll(&bodies[0]);
    let values = HEAP.current_usage() - before;
    println!("\n| {items} items, peak over body and values | the naive way | ours | ratio |");
    println!("|---|---:|---:|---:|");
    let row = |name, [naively, own]: [f64; 2]| {
        println!("| {name} | {naively:.1} MB | {own:.1} MB | {:.2} |", own / naively);
    };
    let mut most = [0.0_f64; 2];
    let names = ["first sight", "the same body", "1 % of the items changed"];
    for (n, (name, body)) in names.into_iter().zip(bodies).enumerate() {
        server.set("/list", Reply::json(body.clone()));
        let new = if n == 0 { values } else { 0 };
        let over = |before| {
            let known = before + body.len() + new;
            HEAP.peak_usage().saturating_sub(known) as f64 / 1e6
        };
        let before = HEAP.current_usage();
        HEAP.reset_peak_usage();
        naive.poll(&fetch(&client, &url, body.len()).await);
        let naively = over(before);
        let before = HEAP.current_usage();
        HEAP.reset_peak_usage();
        drop(ours.poll().await.unwrap());
        let own = over(before);
        row(name, [naively, own]);
        most = [most[0].max(naively), most[1].max(own)];
    }
    row("the most of them", most);
    println!("\nThe values are {:.1} MB.", values as f64 / 1e6);
}

/// Into one buffer of the right size: the naive way at its best.
async fn fetch(client: &Client, url: &str, length: usize) -> Vec<u8> {
    let mut response = client.get(url).send().await.unwrap();
    let mut body = Vec::with_capacity(length);
    while let Some(chunk) = response.chunk().await.unwrap() {
        body.extend_from_slice(&chunk);
    }
    body
}

/// The time of a poll, in seconds.
async fn cpu(count: usize, seconds: u32) -> f64 {
    let watches = start(count).await;
    sleep(2 * SECOND).await;
    let (begin, polls) = (ThreadTime::now(), POLLS.get());
    sleep(seconds * SECOND).await;
    let time = begin.elapsed().as_secs_f64() / (POLLS.get() - polls) as f64;
    shut_down(watches).await;
    time
}

async fn start(count: usize) -> Vec<Watch<u64>> {
    let mut watches: Vec<_> =
        (0..count).map(|_| watch(Number::new(), WatchConfig::new(SECOND))).collect();
    for watch in &mut watches {
        take_first(watch).await;
    }
    watches
}

/// Takes the first event and asks for the next, so that the watcher waits for its next poll.
async fn take_first<T>(watch: &mut Watch<T>) {
    watch.recv().await.unwrap();
    assert!(watch.recv().now_or_never().is_none());
    yield_now().await;
}

async fn shut_down<T>(watches: Vec<Watch<T>>) {
    for watch in watches {
        watch.shutdown().await;
    }
}

thread_local! {
    static POLLS: Cell<u64> = const { Cell::new(0) };
}

/// A source of one number, which does not change.
struct Number(Option<u64>);

impl Number {
    fn new() -> Self {
        Self(Some(7))
    }
}

impl ExternalSource for Number {
    type Item = u64;

    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<u64>>>> {
        POLLS.set(POLLS.get() + 1);
        let event = self.0.take().map(ExternalEvent::Added);
        Box::pin(ready(Ok(event.into_iter().collect())))
    }

    fn name(&self) -> &str {
        "number"
    }
}
