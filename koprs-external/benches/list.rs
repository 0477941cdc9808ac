//! What following a long list costs, beside the naive way: decode the whole body into a `Vec<T>`, compare.
//!
//! ```text
//! cargo bench -p koprs-external --bench list
//! ```
//!
//! The list has 100 000 items, about 35 MB of JSON in one body. Time is the CPU time of the process, since a large body is
//! decoded on another thread than the one that polls; the transfer of the body, which both have in common, is measured by
//! itself, in the same rounds, and taken off, but for the last column. A ratio is the median over the rounds.

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

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::{future, thread};

use bytes::Bytes;
use cpu_time::ProcessTime;
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
        let client = koprs_external_tests::client();
        let (mut naive, mut ours) = (Naive::default(), source(&url));
        naive.poll(&fetch(&client, &url).await);
        ours.poll().await.unwrap();
        println!("| a poll that finds | the naive way | ours | ratio | with the transfer |");
        println!("|---|---:|---:|---:|---:|");
        for (name, expected) in [("the same body", 0), ("1 % of the items changed", items / 100)] {
            let [mut naively, mut own, mut alone, mut whole] = [const { Vec::new() }; 4];
            for _ in 0..rounds {
                if expected > 0 {
                    fetch(&client, &url.replace("/list", "/switch")).await;
                }
                let (transfer, ()) = timed(async || drop(fetch(&client, &url).await)).await;
                let body = fetch(&client, &url).await;
                let (naive, changed) = timed(async || naive.poll(&body)).await;
                assert_eq!(changed, expected);
                drop(body);
                let (ours, events) = timed(async || ours.poll().await.unwrap()).await;
                assert_eq!(events.len(), expected);
                naively.push(naive);
                own.push(ours - transfer);
                alone.push((ours - transfer) / naive);
                whole.push(ours / (naive + transfer));
            }
            let [naive, own] = [naively, own].map(|seconds| median(seconds) * 1e3);
            let [alone, whole] = [alone, whole].map(median);
            println!("| {name} | {naive:.0} ms | {own:.0} ms | {alone:.3} | {whole:.2} |");
        }
    });
}

/// The CPU time of something, in seconds, and what it came to.
async fn timed<T>(work: impl AsyncFnOnce() -> T) -> (f64, T) {
    let begin = ProcessTime::now();
    let done = work().await;
    (begin.elapsed().as_secs_f64(), done)
}

async fn fetch(client: &Client, url: &str) -> Bytes {
    client.get(url).send().await.unwrap().bytes().await.unwrap()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
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
            let version = Arc::new(AtomicUsize::new(0));
            let switched = Arc::clone(&version);
            let list = move |_: &_| Reply::json(bodies[version.load(SeqCst) % 2].clone());
            server.set("/list", Reply::with(list));
            let switch = move |_: &_| Reply::text(switched.fetch_add(1, SeqCst).to_string());
            server.set("/switch", Reply::with(switch));
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
