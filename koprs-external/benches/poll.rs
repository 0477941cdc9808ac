//! What a poll costs that finds nothing new (304), beside what the HTTP client costs alone.
//!
//! ```text
//! cargo bench -p koprs-external --bench poll
//! ```
//!
//! Time is the CPU time of the thread that polls, system calls included: the client's connection lives on
//! its `current_thread` runtime, the server in a thread of its own. All of it runs on one core, since
//! what it costs to wake another one varies by more than what is measured.
//!
//! The table at the end is what counts, not the estimates of criterion before it. In each of its rounds
//! every contender polls in turn, so that what disturbs one disturbs all; a ratio is the median over the
//! rounds.

#![allow(
    missing_docs,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints what it measured, and ends where it cannot measure"
)]

use std::rc::Rc;
use std::sync::mpsc;
use std::time::Duration;
use std::{future, iter, thread};

use cpu_time::ThreadTime;
use criterion::Criterion;
use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use koprs_external::ExternalSource;
use koprs_external::declared::DeclaredSource;
use koprs_external::http::HttpPoller;
use koprs_external::http::reqwest::header::{
    ACCEPT_ENCODING, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH,
};
use koprs_external::http::reqwest::{Client, StatusCode, Url, redirect};
use koprs_external::spec::WatcherSpec;
use koprs_external_tests::{Reply, Server};
use serde::Deserialize;
use tokio::runtime::{Builder, Runtime};

const VERSION: &str = "\"5c3ae3b1\"";

fn main() {
    stay_on_one_core();
    let url = serve();
    let mut contenders = contenders(&url);

    let mut criterion = Criterion::default().with_measurement(CpuTime).configure_from_args();
    let mut group = criterion.benchmark_group("304");
    for Contender { name, poll } in &mut contenders {
        group.bench_function(*name, |bencher| bencher.iter_custom(&mut *poll));
    }
    group.finish();
    criterion.final_summary();

    let measured = std::env::args().any(|argument| argument == "--bench");
    let (rounds, polls) = if measured { (500, 100) } else { (1, 1) };
    compare(&mut contenders, rounds, polls);
}

/// Prints the table. The first contender is what the others are compared with.
fn compare(contenders: &mut [Contender], rounds: usize, polls: u64) {
    let count = contenders.len();
    let mut times = vec![Vec::new(); count];
    for round in 0..rounds {
        for turn in 0..count {
            let i = (round + turn) % count;
            times[i].push((contenders[i].poll)(polls).as_secs_f64() / polls as f64);
        }
    }
    println!("| a poll that finds nothing new | CPU | ratio | quartiles |\n|---|---:|---:|---:|");
    for (contender, time) in iter::zip(contenders, &times) {
        let [_, micros, _] = quartiles(time.iter().map(|seconds| seconds * 1e6));
        let [low, ratio, high] = quartiles(iter::zip(time, &times[0]).map(|(t, base)| t / base));
        let name = contender.name;
        println!("| {name} | {micros:.2} µs | {ratio:.3} | {low:.3}–{high:.3} |");
    }
}

fn quartiles(values: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[values.len() * quarter / 4])
}

/// Somebody who polls.
struct Contender {
    name: &'static str,
    /// Polls so many times, and says what it took.
    poll: Box<dyn FnMut(u64) -> Duration>,
}

fn contenders(url: &str) -> [Contender; 6] {
    let runtime = &Rc::new(Builder::new_current_thread().enable_all().build().unwrap());
    let text = url.to_owned();
    let mut poller = HttpPoller::new(url);
    let spec = WatcherSpec::http("flags", url).interval(Duration::from_secs(1)).build();
    let mut declared = DeclaredSource::<Flags>::new(spec.unwrap()).unwrap();
    let mut before = Before::new(url);
    [
        contender("the client alone, asked for the same", runtime, bare(alike(), url)),
        contender("the same, URL and `ETag` parsed each time", runtime, {
            let client = alike();
            async move || {
                let request = client.get(&text).header(IF_NONE_MATCH, VERSION);
                assert_eq!(request.send().await.unwrap().status(), StatusCode::NOT_MODIFIED);
            }
        }),
        contender(
            "`Client::new()`, no timeout",
            runtime,
            bare(koprs_external_tests::client(), url),
        ),
        contender("`HttpPoller`", runtime, async move || {
            poller.poll().await.unwrap();
        }),
        contender("a declared source", runtime, async move || {
            declared.poll().await.unwrap();
        }),
        contender("the way of 0.10", runtime, async move || before.poll().await),
    ]
}

/// The first poll, which connects and may find something, is not measured.
fn contender(
    name: &'static str,
    runtime: &Rc<Runtime>,
    mut poll: impl AsyncFnMut() + 'static,
) -> Contender {
    let runtime = Rc::clone(runtime);
    runtime.block_on(poll());
    let poll = move |times| {
        runtime.block_on(async {
            let begin = ThreadTime::now();
            for _ in 0..times {
                poll().await;
            }
            begin.elapsed()
        })
    };
    Contender { name, poll: Box::new(poll) }
}

#[derive(Clone, Debug, Deserialize)]
struct Flags {
    #[allow(dead_code, reason = "it is there to be decoded")]
    dark: bool,
}

/// The loop that somebody writes who needs no library, and writes well.
fn bare(client: Client, url: &str) -> impl AsyncFnMut() + use<> {
    let url: Url = url.parse().unwrap();
    let etag = HeaderValue::from_static(VERSION);
    async move || {
        let request = client.get(url.clone()).header(IF_NONE_MATCH, etag.clone());
        assert_eq!(request.send().await.unwrap().status(), StatusCode::NOT_MODIFIED);
    }
}

/// A client that sends what a poller sends and promises what it does: as long to connect, as long for
/// all of it.
fn alike() -> Client {
    let encodings = HeaderValue::from_static("gzip, br, zstd");
    koprs_external_tests::client_builder()
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(10))
        .redirect(redirect::Policy::none())
        .default_headers([(ACCEPT_ENCODING, encodings)].into_iter().collect())
        .user_agent(concat!("koprs-external/", env!("CARGO_PKG_VERSION")))
        .build()
        .unwrap()
}

/// A poll as koprs-external 0.10 makes it, on this reqwest: text is parsed each time, nothing has a timeout.
struct Before {
    client: Client,
    url: String,
    extra_headers: Vec<(String, String)>,
    etag: Option<String>,
}

impl Before {
    fn new(url: &str) -> Self {
        Self {
            client: koprs_external_tests::client(),
            url: url.to_owned(),
            extra_headers: Vec::new(),
            etag: None,
        }
    }

    async fn poll(&mut self) {
        let mut request = self.client.get(&self.url);
        if let Some(etag) = &self.etag {
            request = request.header(IF_NONE_MATCH, etag.as_str());
        }
        for (name, value) in &self.extra_headers {
            let (name, value) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>());
            request = request.header(name.unwrap(), value.unwrap());
        }
        let response = request.send().await.unwrap();
        if response.status() != StatusCode::NOT_MODIFIED {
            let etag = response.headers().get(ETAG).and_then(|etag| etag.to_str().ok());
            self.etag = etag.map(str::to_owned);
            response.bytes().await.unwrap();
        }
    }
}

/// Starts the server, which lives as long as the process.
fn serve() -> String {
    let (tx, rx) = mpsc::channel();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = Server::start().await;
            server.keep_requests(false);
            server.set("/v1/flags", Reply::json(r#"{"dark":true}"#).etag(VERSION));
            tx.send(server.url("/v1/flags")).unwrap();
            future::pending::<()>().await;
        });
    });
    rx.recv().unwrap()
}

/// For this thread, and for those that it starts.
fn stay_on_one_core() {
    let core = core_affinity::get_core_ids().and_then(|cores| cores.last().copied());
    if !core.is_some_and(core_affinity::set_for_current) {
        println!("The threads may move from core to core: expect noise.");
    }
}

/// The CPU time of the thread.
struct CpuTime;

impl Measurement for CpuTime {
    type Intermediate = ThreadTime;
    type Value = Duration;

    fn start(&self) -> ThreadTime {
        ThreadTime::now()
    }

    fn end(&self, begin: ThreadTime) -> Duration {
        begin.elapsed()
    }

    fn add(&self, one: &Duration, other: &Duration) -> Duration {
        *one + *other
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        WallTime.to_f64(value)
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}
