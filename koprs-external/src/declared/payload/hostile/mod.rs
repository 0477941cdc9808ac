//! Promise 14: hostile tenants times hostile servers, at random, in a process of their own.
//!
//! Random declarations (deep, long, many of something, strange characters) are followed against a server that gives
//! random answers (deep, long, endless, compressed, slow). The process has to survive, without a panic; its memory
//! stays within what all untrusted watchers may hold together; watchers beside them are not held up; and nothing that is
//! not public is contacted.
//!
//! It runs for some seconds, or for so many as are asked for. With the seed of another run:
//!
//! ```text
//! KOPRS_EXTERNAL_HOSTILE_SECONDS=600 KOPRS_EXTERNAL_TEST_SEED=7 \
//!     cargo test -p koprs-external --all-features --lib declared::payload::hostile -- --nocapture
//! ```

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "it measures real time on threads of the system, and prints what came of it"
)]

mod answer;
mod server;
mod tenant;
mod victim;

use std::env;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use self::server::Servers;
use self::victim::{Report, Setting};

const SECONDS: &str = "KOPRS_EXTERNAL_HOSTILE_SECONDS";
/// Seconds, where none are asked for.
const FEW: u64 = 10;
const SEED: &str = "KOPRS_EXTERNAL_TEST_SEED";
/// What the test hands to its child.
const CHILD: &str = "KOPRS_EXTERNAL_TEST_HOSTILE_CHILD";
/// The time between what a watcher should have done and has done, beyond its deadline.
const LATE: Duration = Duration::from_millis(100);
/// The time for the process to end.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most memory of the whole process: what the values of all untrusted watchers may take, what the polls of all
/// that are followed at a time may hold, and a process that does nothing.
const MOST_MEMORY: u64 = (512 + 64 * victim::TENANTS as u64 + 128) * 1024 * 1024;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().expect(name))
}

#[test]
fn a_hostile_tenant_and_a_hostile_server_harm_nobody_else() {
    if let Ok(setting) = env::var(CHILD) {
        return victim::run(&Setting::read(&setting));
    }
    let seconds = number(SECONDS).unwrap_or(FEW);
    let seed = number(SEED).unwrap_or_else(|| fastrand::u64(..));
    println!("{SEED}={seed} {SECONDS}={seconds}");
    let servers = Servers::start(seed);
    let setting = Setting { seed, seconds, port: servers.port(), innocent: servers.innocent() };
    let child = Command::new(env::current_exe().unwrap())
        .args([concat!(module_path!(), "::a_hostile_tenant_and_a_hostile_server_harm_nobody_else")
            .trim_start_matches("koprs_external::")])
        .args(["--exact", "--nocapture"])
        .env(CHILD, setting.written())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (ended, out, err) = wait(child, Duration::from_secs(seconds) + PATIENCE);
    assert!(ended == "exit status: 0", "seed {seed}: {ended}\n{out}\n{err}");
    let report =
        Report::read(&out).unwrap_or_else(|| panic!("seed {seed}: no report\n{out}\n{err}"));
    println!("{report:#?}");
    println!("answers: {:?}", servers.answered());
    assert!(
        report.events > 0 && report.failed > 0 && report.refused > 0,
        "seed {seed}: {report:?}"
    );
    assert_eq!(servers.trapped(), 0, "seed {seed}: what is not public was contacted");
    assert_eq!(report.panics, 0, "seed {seed}\n{err}");
    assert_eq!(report.long, 0, "seed {seed}: errors are too long\n{out}");
    let most = victim::DEADLINE + LATE + report.late_alone;
    assert!(report.late <= most, "seed {seed}: {report:?}");
    assert!(report.memory <= MOST_MEMORY, "seed {seed}: {report:?}");
}

/// How it ended, and what it wrote. A process that does not end is ended.
fn wait(mut child: Child, most: Duration) -> (String, String, String) {
    let (out, err) = (read(child.stdout.take().unwrap()), read(child.stderr.take().unwrap()));
    let until = Instant::now() + most;
    let ended = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status.to_string(),
            None if Instant::now() < until => thread::sleep(Duration::from_millis(20)),
            None => {
                child.kill().unwrap();
                break "it hangs".to_owned();
            }
        }
    };
    (ended, out.join().unwrap(), err.join().unwrap())
}

fn read(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
