//! The process that follows what hostile tenants declare, and two innocent watchers beside them: one is trusted, one is
//! another tenant's.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use futures_util::{FutureExt, StreamExt};
use serde_json::Value;
use tokio::runtime::Builder;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::super::{Budget, Http, MemoryAccount, limits};
use super::server::{INNOCENT, OUTSIDE};
use super::tenant;
use crate::declared::{WatcherManifest, config};
use crate::http::{Guard, Reach};
use crate::spec::{Trust, WatcherSpec};
use crate::watcher::{WatchConfig, watch};

/// How many declarations of tenants are followed at a time.
pub(super) const TENANTS: usize = 16;
/// Of the innocent watcher.
pub(super) const DEADLINE: Duration = Duration::from_secs(1);
const INTERVAL: Duration = Duration::from_millis(100);
const LONGEST_ERROR: usize = 4096;

#[derive(Debug)]
pub(super) struct Setting {
    pub(super) seed: u64,
    pub(super) seconds: u64,
    /// Of the hostile server and of the trap.
    pub(super) port: u16,
    /// The URL of the innocent server.
    pub(super) innocent: String,
}

impl Setting {
    pub(super) fn written(&self) -> String {
        format!("{} {} {} {}", self.seed, self.seconds, self.port, self.innocent)
    }

    pub(super) fn read(text: &str) -> Self {
        let mut words = text.split(' ');
        let mut word = || words.next().unwrap();
        Self {
            seed: word().parse().unwrap(),
            seconds: word().parse().unwrap(),
            port: word().parse().unwrap(),
            innocent: word().to_owned(),
        }
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// Declarations that were refused, and that were followed.
    pub(super) refused: usize,
    pub(super) followed: usize,
    /// Declarations of which a poll failed.
    pub(super) failed: u64,
    pub(super) events: u64,
    /// Events of the innocent watchers.
    pub(super) innocent: u64,
    pub(super) panics: usize,
    /// Errors that are too long for a status.
    pub(super) long: usize,
    /// How much later than its interval an innocent watcher was at most.
    pub(super) late: Duration,
    /// The same of one that shares the machine and nothing else with the tenants.
    pub(super) late_alone: Duration,
    /// How long the last jobs went on after everything was dropped.
    pub(super) ending: Duration,
    /// The most bytes that the process ever held.
    pub(super) memory: u64,
}

const MARK: &str = "report of the victim:";

impl Report {
    fn print(&self) {
        let Self { refused, followed, failed, events, innocent, panics, long, .. } = self;
        let [late, alone, ending] =
            [self.late, self.late_alone, self.ending].map(|time| time.as_micros());
        println!(
            "\n{MARK} {refused} {followed} {failed} {events} {innocent} {panics} {long} {late} {alone} {ending} {}",
            self.memory
        );
    }

    pub(super) fn read(output: &str) -> Option<Self> {
        let line = output.lines().find_map(|line| line.strip_prefix(MARK))?;
        let numbers: Vec<u64> = line.split_whitespace().map(|word| word.parse().unwrap()).collect();
        let [
            refused,
            followed,
            failed,
            events,
            innocent,
            panics,
            long,
            late,
            alone,
            ending,
            memory,
        ] = numbers[..]
        else {
            return None;
        };
        let count = |number| usize::try_from(number).unwrap();
        Some(Self {
            refused: count(refused),
            followed: count(followed),
            failed,
            events,
            innocent,
            panics: count(panics),
            long: count(long),
            late: Duration::from_micros(late),
            late_alone: Duration::from_micros(alone),
            ending: Duration::from_micros(ending),
            memory,
        })
    }
}

#[derive(Default)]
struct Counts {
    refused: AtomicUsize,
    long: AtomicUsize,
    followed: AtomicUsize,
    failed: AtomicU64,
    events: AtomicU64,
}

/// Lives through it, in this process.
pub(super) fn run(setting: &Setting) {
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        hook(info);
    }));
    let until = Instant::now() + Duration::from_secs(setting.seconds);
    let alone = thread::spawn({
        let url = setting.innocent.clone();
        move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(innocent(&url, &reach(), until)).1
        }
    });
    let counts = Arc::new(Counts::default());
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (innocent, late) = runtime.block_on(async {
        let tenants: Vec<_> = (0..TENANTS)
            .map(|n| {
                let rng = fastrand::Rng::with_seed(setting.seed.wrapping_add(n as u64 * 1_000_003));
                tokio::spawn(tenants(rng, setting.port, until, counts.clone()))
            })
            .collect();
        let (url, beside) = (&setting.innocent, reach());
        let watched =
            tokio::join!(innocent(url, &Reach::Anywhere, until), innocent(url, &beside, until),);
        for tenant in tenants {
            tenant.await.unwrap();
        }
        let ((trusted, late), (untrusted, as_late)) = watched;
        (trusted + untrusted, late.max(as_late))
    });
    let late_alone = alone.join().unwrap();
    // Waits for the jobs that were given up: they have an end as well.
    let begin = Instant::now();
    drop(runtime);
    let ending = begin.elapsed();
    let load = |count: &AtomicUsize| count.load(Ordering::Relaxed);
    Report {
        refused: load(&counts.refused),
        followed: load(&counts.followed),
        failed: counts.failed.load(Ordering::Relaxed),
        events: counts.events.load(Ordering::Relaxed),
        innocent,
        panics: load(&PANICS),
        long: load(&counts.long),
        late,
        late_alone,
        ending,
        memory: peak_memory(),
    }
    .print();
}

/// Follows a value that is another one at each request. Returns how many events came, and the longest time that one
/// of them was late.
async fn innocent(url: &str, reach: &Reach, until: Instant) -> (u64, Duration) {
    let spec = WatcherSpec::http("innocent", url)
        .interval(Duration::from_secs(1))
        .timeout(Duration::from_millis(500))
        .build()
        .unwrap();
    let source = Http::<u64>::new(&spec, None, reach, Budget::default()).unwrap();
    let config = WatchConfig::new(INTERVAL).with_jitter(0.0).with_deadline(DEADLINE);
    let mut events = watch(source, config);
    let (mut count, mut late, mut last) = (0, Duration::ZERO, Instant::now());
    while Instant::now() < until {
        // Longer than what the test allows, so that it ends where nothing comes.
        let event = timeout(DEADLINE * 30, events.next()).await;
        late = late.max(last.elapsed().saturating_sub(INTERVAL));
        last = Instant::now();
        match event {
            Ok(Some(_)) => count += 1,
            Ok(None) => panic!("the innocent watcher has ended"),
            Err(_) => println!("nothing from the innocent watcher"),
        }
    }
    (count, late)
}

/// Follows one declaration after the other.
async fn tenants(mut rng: fastrand::Rng, port: u16, until: Instant, counts: Arc<Counts>) {
    let reach = reach();
    while Instant::now() < until {
        // What it takes to make them up is not what is measured.
        let made = spawn_blocking(move || (tenant::declaration(&mut rng, port), rng)).await;
        let written;
        (written, rng) = made.unwrap();
        let manifest: WatcherManifest = match serde_json::from_value(written) {
            Ok(manifest) => manifest,
            Err(error) => panic!("{error}"),
        };
        let source = manifest.spec(Trust::Untrusted).and_then(|spec| {
            let budget = Budget::new(limits(&spec), Some(MemoryAccount::untrusted()));
            let source = Http::<Value>::new(&spec, None, &reach, budget)?;
            // More often than a declaration may say.
            let interval = Duration::from_millis(20);
            Ok((source, WatchConfig::new(interval).with_deadline(config(&spec).deadline())))
        });
        let (source, config) = match source {
            Ok(made) => made,
            Err(error) => {
                count_length(&error.to_string(), &counts);
                counts.refused.fetch_add(1, Ordering::Relaxed);
                continue;
            }
        };
        counts.followed.fetch_add(1, Ordering::Relaxed);
        let mut events = watch(source, config);
        let handle = events.handle();
        let time = Duration::from_millis(rng.u64(20..2000)).min(until - Instant::now().min(until));
        let most = rng.u64(1..2000);
        let mut taken = 0;
        let _ = timeout(time, async {
            while taken < most {
                match events.next().await {
                    Some(_) => taken += 1,
                    None => break,
                }
            }
        })
        .await;
        counts.events.fetch_add(taken, Ordering::Relaxed);
        if let Some(error) = handle.status().last_error {
            count_length(&error.to_string(), &counts);
            counts.failed.fetch_add(1, Ordering::Relaxed);
        }
        if rng.bool() {
            handle.retire();
            let _ = timeout(Duration::from_secs(1), events.for_each(|_| async {})).await;
        }
    }
}

fn count_length(error: &str, counts: &Counts) {
    if error.len() > LONGEST_ERROR {
        println!("{} bytes: {error:.200}", error.len());
        counts.long.fetch_add(1, Ordering::Relaxed);
    }
}

/// Only what is outside is public, by address and by name; nothing of the internet is asked.
fn reach() -> Reach {
    let look_up = |name: String| {
        let found: &[IpAddr] = match name.trim_end_matches('.') {
            name if name.ends_with("outside.example.com") => &[OUTSIDE],
            "both.example.com" => &[IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), OUTSIDE],
            "inside.example.com" => &[IpAddr::V4(std::net::Ipv4Addr::LOCALHOST)],
            _ => &[],
        };
        let found = match found {
            [] => Err(io::Error::other("no such name")),
            found => Ok(found.to_vec()),
        };
        std::future::ready(found).boxed()
    };
    Guard::new(Arc::new(look_up), |address| [OUTSIDE, INNOCENT].contains(&address)).into()
}

/// The most bytes of memory that the process ever had, as Linux says; 0 elsewhere.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1024
}
