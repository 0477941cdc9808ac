//! What following an object store costs, beside a listing that is only read to its end, and beside the way of
//! 0.10: collect the listing into a map, compare it with the map before.
//!
//! ```text
//! cargo bench -p koprs-external --features aws --bench store
//! ```
//!
//! What ran before in a process changes what the next one costs, by the state of its heap. So each measurement
//! is made by a process of its own, which this one starts again and again, the ways in turn: it fills a store,
//! polls once, and takes the median over some polls that find nothing. A ratio is one within a round, and its
//! median is taken over the rounds.
//!
//! The allocator that counts takes its time in all ways alike, which makes the ratios of time a little smaller
//! than they are: by some hundredths.
//!
//! A store in memory costs CPU time, that of the thread that polls. The other store is a server on loopback
//! with listings as S3 has them, which takes 20 ms for each page of a thousand: that costs waiting.

#![allow(
    missing_docs,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints what it measured, and ends where it cannot measure"
)]

#[path = "store/child.rs"]
mod child;
#[path = "store/server.rs"]
mod server;
#[path = "store/stores.rs"]
mod stores;
#[path = "store/ways.rs"]
mod ways;

use peak_alloc::PeakAlloc;

use child::{Measured, Task};
use stores::Kind;
use ways::Way;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(child::CHILD) {
        println!("{}", Task::of(arguments).run());
        return;
    }
    let measured = std::env::args().any(|argument| argument == "--bench");
    let sizes = if measured { [100_000, 1_000_000] } else { [100, 1_000] };
    let rounds = if measured { 5 } else { 1 };
    for keys in sizes {
        memory(keys, rounds);
    }
    served(if measured { 200_000 } else { 3_000 }, if measured { 3 } else { 1 });
}

/// The store in memory.
fn memory(keys: usize, rounds: usize) {
    let polls = (3_000_000 / keys).clamp(3, 15);
    let [drain, seed, ours] =
        turns(Kind::Memory, [Way::Drain, Way::Seed, Way::Ours], rounds, keys, polls);
    println!("\n| {keys} objects in memory | listed only | the way of 0.10 | ours | at most |");
    println!("|---|---:|---:|---:|---:|");
    let millis = |runs: &[Measured]| median(runs.iter().map(|run| run.cpu * 1e3));
    let [a, b, c] = [&drain, &seed, &ours].map(|runs| millis(runs));
    println!("| a poll that finds nothing | {a:.1} ms | {b:.1} ms | {c:.1} ms | – |");
    let [naive, own] = [&seed, &ours].map(|runs| quartiles(ratios(runs, &drain, |run| run.cpu)));
    println!("| the same, by the listing alone | 1 | {:.2} | {:.3} | 1.25 |", naive[1], own[1]);
    println!(
        "| its quartiles | – | {:.2}–{:.2} | {:.3}–{:.3} | – |",
        naive[0], naive[2], own[0], own[2]
    );
    retained([&drain, &seed, &ours], keys);
    let [peak, naive, own] =
        [&drain, &seed, &ours].map(|runs| median(runs.iter().map(|run| run.peak)) / MIB);
    let (naive, own) = (naive - peak, own - peak);
    println!(
        "| first poll, peak over the listing's | 0 | {naive:.1} MiB | {own:.1} MiB | 64 MiB |"
    );
    println!("\nThe listing's own peak is {peak:.1} MiB.");
}

/// The server.
fn served(keys: usize, rounds: usize) {
    let ways = [Way::Drain, Way::Seed, Way::Sequential, Way::Ours];
    let [drain, seed, sequential, ours] = turns(Kind::Served, ways, rounds, keys, 3);
    println!(
        "\n| {keys} objects, 20 ms a page | wall | CPU | requests | faster than in one part | quartiles | at least |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|");
    for (name, runs, least) in [
        ("listed only", &drain, "–"),
        ("the way of 0.10", &seed, "–"),
        ("ours, in one part", &sequential, "–"),
        ("ours, in eight", &ours, "5"),
    ] {
        let wall = median(runs.iter().map(|run| run.wall));
        let cpu = median(runs.iter().map(|run| run.cpu));
        let requests = median(runs.iter().map(|run| run.requests));
        let [low, faster, high] = quartiles(ratios(&sequential, runs, |run| run.wall));
        println!(
            "| {name} | {wall:.2} s | {cpu:.2} s | {requests:.0} | {faster:.2} | {low:.2}–{high:.2} | {least} |"
        );
    }
    println!("\n| ETags as S3 has them | listed only | the way of 0.10 | ours | at most |");
    println!("|---|---:|---:|---:|---:|");
    retained([&drain, &seed, &ours], keys);
}

fn retained(runs: [&[Measured]; 3], keys: usize) {
    let [alone, naive, own] =
        runs.map(|runs| median(runs.iter().map(|run| run.retained)) / keys as f64);
    println!("| kept of an object, bytes | {alone:.1} | {naive:.1} | {own:.1} | 40 |");
}

/// Measures each way in each round, another one first each time.
fn turns<const N: usize>(
    kind: Kind,
    ways: [Way; N],
    rounds: usize,
    keys: usize,
    polls: usize,
) -> [Vec<Measured>; N] {
    let mut runs = [const { Vec::new() }; N];
    for round in 0..rounds {
        for turn in 0..N {
            let i = (round + turn) % N;
            runs[i].push(Task { kind, way: ways[i], keys, polls }.in_a_child());
        }
    }
    runs
}

const MIB: f64 = 1024.0 * 1024.0;

/// Of what ran in the same round.
fn ratios(
    runs: &[Measured],
    base: &[Measured],
    of: impl Fn(&Measured) -> f64,
) -> impl Iterator<Item = f64> {
    runs.iter().zip(base).map(move |(run, base)| of(run) / of(base))
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    quartiles(values)[1]
}

fn quartiles(values: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[values.len() * quarter / 4])
}
