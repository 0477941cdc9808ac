//! What a poll costs the command `run`, beside what it costs the library with the same set.
//!
//! ```text
//! cargo bench -p koprs-external-cli --bench command
//! ```
//!
//! 1 000 watchers poll each second a server that answers 304. Both contenders are processes of their own, on a runtime of
//! the same kind, with their output thrown away; they take turns, and a ratio is of two neighbours. Time is the CPU time of
//! the whole process, system calls included, as `/proc` has it, from when there were three polls a watcher, divided by the
//! polls that the server has counted. The command may take 1.1 times as much as the library. `WATCHERS`, `SECONDS` and
//! `ROUNDS` in the environment change the measurement.

#![allow(
    missing_docs,
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark prints what it measured, and ends where it cannot measure"
)]

use std::fmt::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{env, fs, future, thread};

use koprs_external::set::WatcherSet;
use koprs_external_tests::{Reply, Server};
use tokio::runtime::Builder;

/// Makes this program the library's contender.
const LIBRARY: &str = "--follow";
/// Ticks of the clock in which `/proc` counts, a second.
const TICKS: f64 = 100.0;

fn main() {
    let arguments: Vec<String> = env::args().collect();
    if let [_, first, file] = arguments.as_slice()
        && first == LIBRARY
    {
        return follow(file);
    }
    let is_measured = arguments.iter().any(|argument| argument == "--bench");
    let rounds = setting("ROUNDS", if is_measured { 5 } else { 1 });
    let seconds = setting("SECONDS", if is_measured { 10 } else { 1 });
    let watchers = setting("WATCHERS", if is_measured { 1_000 } else { 10 });
    let server = serve();
    let folder = env::temp_dir().join(format!("bench-command-{}", std::process::id()));
    fs::create_dir(&folder).unwrap();
    let file = folder.join("watchers.yaml");
    fs::write(&file, declare(&server.url("/v1/flags"), watchers)).unwrap();
    let measure = |contender| measure(contender, &file, &server, watchers, seconds);
    let mut ratios = Vec::new();
    println!("CPU time a poll, {watchers} watchers each second, {seconds} s a run");
    println!("{:>5}  {:>10}  {:>10}  {:>5}", "round", "command", "library", "ratio");
    for round in 1..=rounds {
        // Who goes first changes, so that a machine that grows slower or faster favours nobody.
        let (command, library) = match round % 2 {
            0 => {
                let library = measure(Contender::Library);
                (measure(Contender::Command), library)
            }
            _ => (measure(Contender::Command), measure(Contender::Library)),
        };
        ratios.push(command / library);
        println!("{round:>5}  {command:>7.1} µs  {library:>7.1} µs  {:>5.2}", command / library);
    }
    ratios.sort_by(f64::total_cmp);
    println!("median of the ratios: {:.2}", ratios[ratios.len() / 2]);
    fs::remove_dir_all(&folder).unwrap();
}

fn setting(name: &str, default: usize) -> usize {
    env::var(name).map_or(default, |value| value.parse().unwrap())
}

fn declare(url: &str, watchers: usize) -> String {
    let mut text =
        "apiVersion: koprs-external/v1\ndefaults: { interval: 1s }\nwatchers:\n".to_owned();
    for n in 0..watchers {
        // One host, with requests of all watchers beside each other.
        let http = format!("url: '{url}', maxInFlight: 64");
        writeln!(text, "  - {{ name: w{n}, http: {{ {http} }} }}").unwrap();
    }
    text
}

#[derive(Clone, Copy)]
enum Contender {
    Command,
    Library,
}

/// The library, used as the command uses it.
fn follow(file: &str) {
    let set = WatcherSet::from_path(file).unwrap();
    let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut values = set.values().unwrap();
        while values.recv().await.is_some() {}
    });
}

/// The microseconds of CPU time a poll.
fn measure(
    contender: Contender,
    file: &Path,
    server: &Server,
    watchers: usize,
    seconds: usize,
) -> f64 {
    let mut command = match contender {
        Contender::Command => {
            let mut command = Command::new(env!("CARGO_BIN_EXE_koprs-external"));
            command.arg("run").arg(file).args(["--format", "ndjson"]);
            command
        }
        Contender::Library => {
            let mut library = Command::new(env::current_exe().unwrap());
            library.arg(LIBRARY).arg(file);
            library
        }
    };
    let before = server.total_hits();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let running = Running(command.spawn().unwrap());
    // First polls are spread, and have more to do than later ones.
    wait_until(|| server.total_hits() - before >= 3 * watchers);
    let (polls, time) = (server.total_hits(), cpu_time(&running.0));
    thread::sleep(Duration::from_secs(seconds as u64));
    let (polls, time) = (server.total_hits() - polls, cpu_time(&running.0) - time);
    time / polls as f64
}

/// A contender, which ends with its measurement, also where that fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait_until(is_over: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_over() {
        assert!(begin.elapsed() < Duration::from_secs(60), "the watchers do not poll");
        thread::sleep(Duration::from_millis(100));
    }
}

/// The user and the system time of a process, in microseconds.
fn cpu_time(child: &Child) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let ticks = fields.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<f64>().unwrap());
    ticks.sum::<f64>() / TICKS * 1e6
}

/// A server on a runtime of its own.
fn serve() -> Server {
    let (tx, rx) = mpsc::channel();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = Server::start().await;
            server.keep_requests(false);
            server.set("/v1/flags", Reply::json(r#"{"dark":true}"#).etag("\"1\""));
            tx.send(server).unwrap();
            future::pending::<()>().await;
        });
    });
    rx.recv().unwrap()
}
