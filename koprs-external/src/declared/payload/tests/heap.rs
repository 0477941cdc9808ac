//! What a poll really takes, in bytes of the heap, beside its limits and their estimates.
//!
//! Each test counts in a process of its own, where nothing else allocates.

#![allow(clippy::print_stdout, reason = "it prints what was measured")]

use std::env;
use std::io::Write as _;
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use koprs_external_tests::Recorded;
use peak_alloc::PeakAlloc;
use serde_json::Value;
use tokio::time::Instant;

use super::*;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const MIB: usize = 1 << 20;
/// The default `body_limit`, and so the largest page.
const PAGE: usize = 8 * MIB;
const CHILD: &str = "KOPRS_EXTERNAL_TEST_HEAP_CHILD";

/// What was allocated since, at the most, and of that what is still held.
struct Since(usize);

impl Since {
    fn now() -> Self {
        HEAP.reset_peak_usage();
        Self(HEAP.current_usage())
    }

    fn held(&self) -> usize {
        HEAP.current_usage().saturating_sub(self.0)
    }

    fn peak(&self) -> usize {
        HEAP.peak_usage().saturating_sub(self.0)
    }
}

/// Runs a test of this module in a process of its own.
fn alone(test: &str, measure: impl AsyncFnOnce()) {
    if env::var_os(CHILD).is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        return runtime.block_on(measure());
    }
    let name = format!("{}::{test}", module_path!().trim_start_matches("koprs_external::"));
    let child = Command::new(env::current_exe().unwrap())
        .args([&name, "--exact", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let [out, err] = [child.stdout, child.stderr].map(|text| String::from_utf8(text).unwrap());
    println!("{out}");
    assert!(child.status.success() && out.contains("1 passed"), "{out}\n{err}");
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

/// Pages of one item each, as large as a page may be, compressed: what is between `before` and `after` repeats `unit`.
fn pages([before, unit, after]: [&'static str; 3]) -> Reply {
    let data = gzip(unit.repeat((PAGE - 100) / unit.len()).as_bytes());
    Reply::with(move |request: &Recorded| {
        let page = request.query().unwrap_or_default();
        let mut body = gzip(format!(r#"[{{"id":"{page}","data":{before}"#).as_bytes());
        body.extend_from_slice(&data);
        body.extend(gzip(format!("{after}}}]").as_bytes()));
        Reply::json(body).header("content-encoding", "gzip")
    })
}

/// Whether tests run that take much longer than others without optimisation.
fn is_long() -> bool {
    env::var_os("KOPRS_EXTERNAL_TEST_LONG").is_some()
}

const TEXTS: [&str; 3] = ["\"", "x", "\""];
const ARRAYS: [&str; 3] = ["[", "[],", "0]"];

#[test]
fn a_walk_of_many_large_pages_stays_within_its_limit() {
    alone("a_walk_of_many_large_pages_stays_within_its_limit", async || {
        for item in [TEXTS, ARRAYS] {
            let stage = Stage::new().await;
            stage.outside.keep_requests(false);
            stage.outside.fallback(pages(item));
            for (trust, limit) in [(Trust::Untrusted, 64 * MIB), (Trust::Trusted, 512 * MIB)] {
                if trust == Trust::Trusted && !is_long() {
                    continue;
                }
                let url = match trust {
                    Trust::Untrusted => stage.url(OUT),
                    Trust::Trusted => stage.outside.url(""),
                };
                let walk = Paging::number("page").limit(300);
                let declared = declare(url).items("").key("/id").pages(walk).build().unwrap();
                let spec = declared.under(trust).unwrap();
                let (reach, account) = match trust {
                    Trust::Untrusted => (reach(names), Some(MemoryAccount::new(512 << 20))),
                    Trust::Trusted => (Reach::new(trust, &[]), None),
                };
                let budget = Budget::new(limits(&spec), account);
                let mut source = Http::<Value>::new(&spec, None, &reach, budget).unwrap();
                let since = Since::now();
                let error = source.poll().await.unwrap_err().to_string();
                // What it held is dropped by another thread.
                let end = Instant::now() + Duration::from_secs(60);
                while since.held() >= MIB && Instant::now() < end {
                    std::thread::yield_now();
                }
                let (peak, held) = (since.peak(), since.held());
                println!(
                    "{trust:?}, {item:?}: {} MiB, {held} bytes afterwards; {error}",
                    peak / MIB
                );
                assert!(
                    error.contains("_limit`, ") && error.contains(&limit.to_string()),
                    "{error}"
                );
                assert!(peak <= limit + 2 * PAGE, "{trust:?} {item:?}: {peak} > {limit}");
                assert!(held < MIB, "{trust:?} {item:?}: {held}");
            }
        }
    });
}

/// Bodies as large as they may be, whose values take much more: a value, or items.
fn amplified() -> [(&'static str, Format, String, bool); 6] {
    let filled = |item: &dyn Fn(usize) -> String| {
        let length = item(1_000_000).len();
        (0..(PAGE - 10_000) / length).map(item).collect::<String>()
    };
    let arrays = format!("[{}[]]", "[],".repeat(PAGE / 3 - 2));
    let item = |n: usize| format!("{{\"id\":{n},\"a\":[{}0]}}", "{\"\":0},".repeat(20));
    let items = format!("[{}{}]", filled(&|n| item(n) + ","), item(1_000_000));
    let names = (0..1000).map(|n| format!(",a{n}")).collect::<String>();
    let table = format!("id{names}\n{}", filled(&|n| format!("{n}{}\n", ",".repeat(1000))));
    [
        ("a value", Format::Json, arrays.clone(), false),
        ("a value", Format::Yaml, arrays, false),
        ("items", Format::Json, items.clone(), true),
        ("items", Format::Yaml, items, true),
        ("items", Format::Ndjson, filled(&|n| item(n) + "\n"), true),
        ("items", Format::Csv, table, true),
    ]
}

#[test]
fn a_body_stays_within_its_limit() {
    alone("a_body_stays_within_its_limit", async || {
        for (what, format, body, is_list) in amplified() {
            let stage = Stage::new().await;
            let reply = Reply::text(gzip(body.as_bytes())).header("content-encoding", "gzip");
            stage.outside.set("/v", reply);
            drop(body);
            let declared = declare(stage.url(OUT) + "/v").decode(format);
            let declared = if is_list { declared.items("").key("/id") } else { declared };
            let mut source =
                charged::<Value>(declared, &reach(names), &MemoryAccount::new(512 << 20));
            let since = Since::now();
            let error = source.poll().await.unwrap_err().to_string();
            println!("{format:?}, {what}: {} MiB; {error}", since.peak() / MIB);
            assert!(error.contains("_limit`, 67108864 bytes"), "{format:?}, {what}: {error}");
            assert!(since.peak() <= 64 * MIB + PAGE, "{format:?}, {what}: {}", since.peak());
        }
    });
}

/// What a body comes to, in bytes: as it is estimated, and as it is held.
async fn sizes<T: DeserializeOwned + Clone + fmt::Debug + Send + 'static>(
    declare: impl Fn(WatcherBuilder) -> WatcherBuilder,
    body: &str,
) -> [u64; 2] {
    let (stage, account) = (Stage::new().await, MemoryAccount::new(u64::MAX / 2));
    stage.outside.keep_requests(false);
    stage.outside.set("/v", Reply::text(body.to_owned()));
    let declared = declare(super::declare(stage.url(OUT) + "/v"));
    let mut source = charged::<T>(declared, &reach(names), &account);
    let events = source.poll().await.unwrap();
    assert!(!events.is_empty());
    // What is dropped is measured: the client and its connection, which allocate too, stay.
    let (estimated, before) = (account.used(), HEAP.current_usage());
    drop((events, source.hand_over()));
    [estimated, before.saturating_sub(HEAP.current_usage()) as u64]
}

#[derive(Clone, Debug, Deserialize)]
#[allow(dead_code, reason = "only its size matters")]
struct Row {
    id: String,
    name: Option<String>,
    tags: Vec<String>,
    count: u64,
}

const COUNT: usize = 3000;

fn array(item: impl Fn(usize) -> String) -> String {
    format!("[{}]", (0..COUNT).map(item).collect::<Vec<_>>().join(","))
}

fn object(members: usize) -> String {
    let members: Vec<_> = (0..members).map(|n| format!("\"{n}\":{n}")).collect();
    format!("{{{}}}", members.join(","))
}

fn row(n: usize) -> String {
    format!(r#"{{"id":"{n}","name":"a name","tags":["a","b"],"count":{n}}}"#)
}

/// Values whose size is made up of different things, as JSON and as YAML.
fn shapes() -> [(&'static str, String); 14] {
    [
        ("empty arrays", array(|_| "[]".into())),
        ("arrays of one", array(|_| "[0]".into())),
        ("arrays of five", array(|_| "[0,0,0,0,0]".into())),
        ("deep arrays", array(|_| "[[[[[[[[]]]]]]]]".into())),
        ("numbers", array(|n| n.to_string())),
        ("fractions", array(|n| format!("{n}.5e-300"))),
        ("empty texts", array(|_| "\"\"".into())),
        ("short texts", array(|_| "\"a\"".into())),
        ("texts with escapes", array(|n| format!("\"\\u00e9\\n{n}\""))),
        ("empty objects", array(|_| "{}".into())),
        ("objects of one", array(|n| format!("{{\"\":{n}}}"))),
        ("objects of several", array(|n| object(n % 40))),
        ("an object of many", object(COUNT)),
        ("rows", array(row)),
    ]
}

#[test]
fn what_is_held_is_not_more_than_its_estimate() {
    alone("what_is_held_is_not_more_than_its_estimate", async || {
        let check = |what: &str, [estimated, held]: [u64; 2]| {
            println!("{what}: estimated {estimated}, held {held}, {} %", held * 100 / estimated);
            assert!(held <= estimated + estimated / 20, "{what}: {held} > {estimated}");
        };
        let value = |format| move |declared: WatcherBuilder| declared.decode(format);
        let items =
            |format| move |declared: WatcherBuilder| declared.decode(format).items("").key("/id");
        for (format, name) in [(Format::Json, "JSON"), (Format::Yaml, "YAML")] {
            for (shape, body) in shapes() {
                check(&format!("{name}, {shape}"), sizes::<Value>(value(format), &body).await);
            }
            let (rows, small) = (array(row), array(|n| format!(r#"{{"id":{n}}}"#)));
            check(&format!("{name}, a type"), sizes::<Vec<Row>>(value(format), &rows).await);
            check(&format!("{name}, items"), sizes::<Value>(items(format), &rows).await);
            check(&format!("{name}, items of a type"), sizes::<Row>(items(format), &rows).await);
            check(&format!("{name}, small items"), sizes::<Value>(items(format), &small).await);
        }
        let lines =
            |line: fn(usize) -> String| (0..COUNT).map(|n| line(n) + "\n").collect::<String>();
        check("NDJSON", sizes::<Value>(items(Format::Ndjson), &lines(row)).await);
        let table = format!("id,a,b,c,d\n{}", lines(|n| format!("{n},,,x,yy")));
        check("CSV", sizes::<Value>(items(Format::Csv), &table).await);
        let long = "x".repeat(1 << 20);
        check("text", sizes::<String>(value(Format::Text), &long).await);
        check("bytes", sizes::<Vec<u8>>(value(Format::Bytes), &long).await);
        check("a long text", sizes::<String>(value(Format::Json), &format!("\"{long}\"")).await);
    });
}
