//! What following a long list costs, beside the naive way: decode the whole body into a `Vec<T>`, compare.
//!
//! ```text
//! cargo bench -p koprs-external --bench list
//! ```
//!
//! The list has 100 000 items, about 35 MB of JSON in one body. Time is the CPU time of the thread that polls,
//! as in `poll.rs`; the transfer of the body, which all have in common, is measured by itself, in the same
//! rounds, and taken off. A ratio is the median over the rounds.

#![allow(
    missing_docs,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints what it measured, and ends where it cannot measure"
)]

#[path = "tenants/mod.rs"]
mod tenants;

use std::sync::mpsc;
use std::time::Duration;
use std::{future, thread};

use bytes::Bytes;
use cpu_time::ThreadTime;
use koprs_external::ExternalSource;
use koprs_external::http::reqwest::Client;
use koprs_external_tests::{Reply, Server};
use tokio::runtime::Builder;

use tenants::{Naive, body, source};

fn main() {
    stay_on_one_core();
    let measured = std::env::args().any(|argument| argument == "--bench");
    let (items, rounds) = if measured { (100_000, 15) } else { (100, 1) };
    let bodies = [body(items, 0), body(items, 1)];
    println!("{items} items, {:.1} MB", bodies[0].len() as f64 / 1e6);
    let url = serve(&bodies);
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = Client::new();
        let (mut naive, mut ours) = (Naive::default(), source(&url));
        naive.poll(&fetch(&client, &url).await);
        ours.poll().await.unwrap();
        let rows = [("the same body", items, 0), ("1 % of the items changed", items, items / 100)];
        println!("| a poll of the list | the naive way | ours | ratio |\n|---|---:|---:|---:|");
        for (name, _, expected) in rows {
            let mut ratios = Vec::new();
            let mut times = [Vec::new(), Vec::new()];
            for _ in 0..rounds {
                if expected > 0 {
                    // The other body, at the path that switches.
                    fetch(&client, &url.replace("/list", "/switch")).await;
                }
                let begin = ThreadTime::now();
                drop(fetch(&client, &url).await);
                let transfer = begin.elapsed();
                let fetched = fetch(&client, &url).await;
                let begin = ThreadTime::now();
                let changed = naive.poll(&fetched);
                let naively = begin.elapsed();
                assert_eq!(changed, expected);
                drop(fetched);
                let begin = ThreadTime::now();
                let events = ours.poll().await.unwrap();
                let whole = begin.elapsed();
                assert_eq!(events.len(), expected);
                let own = whole.saturating_sub(transfer);
                ratios.push(own.as_secs_f64() / naively.as_secs_f64());
                times[0].push(naively);
                times[1].push(own);
            }
            let [naively, own] = times.map(|times| median(times).as_secs_f64() * 1e3);
            println!("| {name} | {naively:.1} ms | {own:.1} ms | {:.3} |", median(ratios));
        }
    });
}

async fn fetch(client: &Client, url: &str) -> Bytes {
    client.get(url).send().await.unwrap().bytes().await.unwrap()
}

fn median<T: PartialOrd + Copy>(mut values: Vec<T>) -> T {
    values.sort_by(|one, other| one.partial_cmp(other).unwrap());
    values[values.len() / 2]
}

/// A server in a thread of its own. Each request of `/switch` makes it answer with the other body.
fn serve(bodies: &[Bytes; 2]) -> String {
    let (tell, told) = mpsc::channel();
    let bodies = bodies.clone();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = Server::start().await;
            server.keep_requests(false);
            let switch = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
            let switched = std::sync::Arc::clone(&switch);
            server.set(
                "/list",
                Reply::with(move |_| {
                    Reply::json(
                        bodies[switch.load(std::sync::atomic::Ordering::SeqCst) % 2].clone(),
                    )
                }),
            );
            server.set(
                "/switch",
                Reply::with(move |_| {
                    switched.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    Reply::status(200)
                }),
            );
            tell.send(server.url("/list")).unwrap();
            future::pending::<()>().await;
        });
    });
    told.recv().unwrap()
}

fn stay_on_one_core() {
    let core = core_affinity::get_core_ids().and_then(|cores| cores.first().copied());
    if let Some(core) = core {
        core_affinity::set_for_current(core);
    }
}
