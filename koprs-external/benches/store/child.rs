//! One measurement, in a process of its own.

use std::fmt;
use std::process::Command;

use cpu_time::ThreadTime;
use tokio::runtime::Builder;
use tokio::time::Instant;

use super::stores::{Kind, Store};
use super::ways::{Looker, Way};
use super::{HEAP, median};

/// The first argument of such a process.
pub(crate) const CHILD: &str = "child";

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task {
    pub(crate) kind: Kind,
    pub(crate) way: Way,
    pub(crate) keys: usize,
    pub(crate) polls: usize,
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    /// Seconds of a poll that finds nothing: those of the thread,
    pub(crate) cpu: f64,
    /// and those of the clock.
    pub(crate) wall: f64,
    /// The requests of such a poll.
    pub(crate) requests: f64,
    /// Bytes that the first poll had allocated at its peak.
    pub(crate) peak: f64,
    /// Bytes that are still allocated after it.
    pub(crate) retained: f64,
}

impl Task {
    /// Starts the process, and waits for it.
    pub(crate) fn in_a_child(self) -> Measured {
        let Self { kind, way, keys, polls } = self;
        let child = Command::new(std::env::current_exe().unwrap())
            .args([CHILD, name(&Kind::ALL, kind), name(&Way::ALL, way)])
            .args([keys, polls].map(|number| number.to_string()))
            .output()
            .unwrap();
        assert!(child.status.success(), "{self:?}: {}", String::from_utf8_lossy(&child.stderr));
        Measured::of(std::str::from_utf8(&child.stdout).unwrap())
    }

    /// What the process was started for.
    pub(crate) fn of(arguments: impl Iterator<Item = String>) -> Self {
        let arguments: Vec<_> = arguments.collect();
        Self {
            kind: named(&Kind::ALL, &arguments[0]),
            way: named(&Way::ALL, &arguments[1]),
            keys: arguments[2].parse().unwrap(),
            polls: arguments[3].parse().unwrap(),
        }
    }

    pub(crate) fn run(self) -> Measured {
        // The server needs a core of its own.
        if self.kind == Kind::Memory {
            stay_on_one_core();
        }
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(self.measure())
    }

    async fn measure(self) -> Measured {
        let store = Store::filled(self.kind, self.keys).await;
        let mut looker = Looker::new(self.way, &store);
        let before = HEAP.current_usage();
        HEAP.reset_peak_usage();
        assert_eq!(looker.look().await, self.keys);
        let peak = HEAP.peak_usage().saturating_sub(before) as f64;
        let retained = HEAP.current_usage().saturating_sub(before) as f64;

        let expected = if self.way == Way::Drain { self.keys } else { 0 };
        let [mut cpu, mut wall] = [const { Vec::new() }; 2];
        let asked = store.requests();
        for _ in 0..self.polls {
            let begin = (ThreadTime::now(), Instant::now());
            assert_eq!(looker.look().await, expected);
            cpu.push(begin.0.elapsed().as_secs_f64());
            wall.push(begin.1.elapsed().as_secs_f64());
        }
        let requests = (store.requests() - asked) as f64 / self.polls as f64;
        let [cpu, wall] = [cpu, wall].map(|seconds| median(seconds.into_iter()));
        Measured { cpu, wall, requests, peak, retained }
    }
}

impl Measured {
    fn of(line: &str) -> Self {
        let numbers: Vec<f64> = line.split_whitespace().map(|it| it.parse().unwrap()).collect();
        let [cpu, wall, requests, peak, retained] = numbers.try_into().unwrap();
        Self { cpu, wall, requests, peak, retained }
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cpu, wall, requests, peak, retained } = self;
        write!(f, "{cpu} {wall} {requests} {peak} {retained}")
    }
}

fn name<T: Copy + PartialEq>(names: &[(&'static str, T)], of: T) -> &'static str {
    names.iter().find(|(_, is)| *is == of).unwrap().0
}

fn named<T: Copy>(names: &[(&str, T)], name: &str) -> T {
    names.iter().find(|(is, _)| *is == name).unwrap().1
}

fn stay_on_one_core() {
    let core = core_affinity::get_core_ids().and_then(|cores| cores.last().copied());
    if let Some(core) = core {
        core_affinity::set_for_current(core);
    }
}
