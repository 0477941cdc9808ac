//! What it costs to read and check many watchers, beside serde-saphyr alone: the text into plain structs, unchecked.
//!
//! ```text
//! cargo bench -p koprs-external --features yaml --bench load
//! ```
//!
//! The file has 10 000 watchers: some plain, some with a credential, a query and items, some that live by the
//! defaults. Time is the CPU time of the thread. A ratio is the median over the rounds.

#![allow(
    missing_docs,
    dead_code,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints what it measured, and ends where it cannot measure"
)]

use std::collections::BTreeMap;

use cpu_time::ThreadTime;
use koprs_external::set::WatcherSet;
use peak_alloc::PeakAlloc;
use serde::Deserialize;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

fn main() {
    let measured = std::env::args().any(|argument| argument == "--bench");
    let (watchers, rounds) = if measured { (10_000, 15) } else { (30, 1) };
    let text = file(watchers);
    println!("{watchers} watchers, {:.1} MB", text.len() as f64 / 1e6);
    let [mut plainly, mut own, mut ratios] = [const { Vec::new() }; 3];
    let [mut plain_peak, mut own_peak] = [0.0; 2];
    for _ in 0..rounds {
        let (plain, peak, read) = timed(|| read(&text).watchers.len());
        plain_peak = peak;
        let (ours, peak, set) = timed(|| WatcherSet::from_str(&text).unwrap().names().count());
        own_peak = peak;
        assert_eq!((read, set), (watchers, watchers));
        plainly.push(plain);
        own.push(ours);
        ratios.push(ours / plain);
    }
    let [plain, ours] = [plainly, own].map(|seconds| median(seconds) * 1e3);
    println!("| | plain structs | ours | ratio |");
    println!("|---|---:|---:|---:|");
    println!("| CPU time | {plain:.0} ms | {ours:.0} ms | {:.2} |", median(ratios));
    println!(
        "| peak memory | {plain_peak:.0} MB | {own_peak:.0} MB | {:.2} |",
        own_peak / plain_peak
    );
}

/// The CPU time of something, in seconds, what it needed of memory, in MB, and what it came to.
fn timed<T>(work: impl FnOnce() -> T) -> (f64, f64, T) {
    let before = MEMORY.current_usage_as_mb();
    MEMORY.reset_peak_usage();
    let begin = ThreadTime::now();
    let done = work();
    let took = begin.elapsed().as_secs_f64();
    (took, f64::from(MEMORY.peak_usage_as_mb() - before), done)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn file(watchers: usize) -> String {
    let head = "apiVersion: koprs-external/v1
defaults:
  interval: 30s
  http: { timeout: 5s, header: { X-Team: platform } }
watchers:
";
    head.to_owned() + &(0..watchers).map(watcher).collect::<String>()
}

fn watcher(n: usize) -> String {
    let url = format!("https://api.example.com/v1/tenants/{n}");
    match n % 3 {
        0 => format!(
            "  - name: tenant-{n}
    interval: 45s
    maxBackoff: 10m
    jitter: 10%
    http:
      url: {url}
      timeout: 8s
      retries: 1
      bodyLimit: 1MiB
"
        ),
        1 => format!(
            "  - name: users-{n}
    interval: 1m
    items: {{ at: /data, key: /id }}
    http:
      url: {url}/users
      query: {{ page_size: \"100\", plan: premium }}
      auth: {{ bearer: {{ env: TOKEN }} }}
      pages: {{ linkHeader: {{}} }}
      timeout: 8s
"
        ),
        _ => format!(
            "  - name: flags-{n}
    http:
      url: {url}/flags
"
        ),
    }
}

fn read(text: &str) -> File {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_nodes: 1_000_000, max_events: 4_000_000 },
    };
    serde_saphyr::from_str_with_options(text, options).unwrap()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    api_version: String,
    defaults: Defaults,
    watchers: Vec<Watcher>,
}

#[derive(Deserialize)]
struct Defaults {
    interval: Option<String>,
    http: Option<Http>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Watcher {
    name: String,
    interval: Option<String>,
    max_backoff: Option<String>,
    jitter: Option<String>,
    items: Option<Items>,
    http: Http,
}

#[derive(Deserialize)]
struct Items {
    at: Option<String>,
    key: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    url: Option<String>,
    query: Option<BTreeMap<String, String>>,
    header: Option<BTreeMap<String, String>>,
    auth: Option<Auth>,
    pages: Option<Pages>,
    timeout: Option<String>,
    retries: Option<u32>,
    body_limit: Option<String>,
}

#[derive(Deserialize)]
struct Auth {
    bearer: Option<Secret>,
}

#[derive(Deserialize)]
struct Secret {
    env: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pages {
    link_header: Option<BTreeMap<String, String>>,
}
