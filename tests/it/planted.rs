//! Files with secrets planted in every place where one may stand, mutated at random: nothing that is told of them shows
//! eight characters of a secret in a row, in whatever spelling.
//!
//! `PROPTEST_CASES=100000 cargo test -p koprs-external-tests --test it planted` runs more of it, and
//! `KOPRS_EXTERNAL_TEST_SEED` repeats a run. A secret that consists of plain words cannot be told from a name, so the
//! planted ones look random.

mod files;
mod mutate;
mod secrets;

use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use fastrand::Rng;
use koprs_external::ExternalError;
use koprs_external::config::{ConfigError, Diagnostic};
use koprs_external::set::WatcherSet;
use koprs_external::spec::{Trust, WatcherSpec};

use self::secrets::Planted;

/// How often what happened.
#[derive(Default)]
struct Tally {
    refused: AtomicUsize,
    accepted: AtomicUsize,
    diagnostics: AtomicUsize,
    syntax: AtomicUsize,
    warnings: AtomicUsize,
    /// Diagnostics of a line in which a secret stands.
    beside_a_secret: AtomicUsize,
    /// Specs refused by serde.
    specs: AtomicUsize,
}

/// A secret that was shown.
struct Leak {
    case: u64,
    text: String,
    shown: String,
    what: String,
}

#[test]
fn no_mutant_of_a_file_with_secrets_shows_one() {
    let seed = seed();
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases: u64 = cases.unwrap_or(3_000);
    println!("KOPRS_EXTERNAL_TEST_SEED={seed}, {cases} mutants");
    let files = files::all();
    let (tally, leaks, next) = (Tally::default(), Mutex::new(Vec::new()), Mutex::new(0..cases));
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(4);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(case) = { next.lock().unwrap().next() } {
                    let found = mutant(seed, case, &files, &tally);
                    leaks.lock().unwrap().extend(found);
                }
            });
        }
    });
    let told = [
        ("refused", &tally.refused),
        ("accepted", &tally.accepted),
        ("diagnostics", &tally.diagnostics),
        ("syntax errors", &tally.syntax),
        ("warnings", &tally.warnings),
        ("beside a secret", &tally.beside_a_secret),
        ("specs refused by serde", &tally.specs),
    ];
    let told = told.map(|(what, count)| format!("{what}: {}", count.load(Relaxed)));
    println!("{}", told.join(", "));
    let mut leaks = leaks.into_inner().unwrap();
    leaks.sort_by_key(|leak| (leak.text.len(), leak.case));
    let report: String = leaks.iter().take(12).fold(String::new(), |mut report, leak| {
        let Leak { case, text, shown, what } = leak;
        let _ = write!(report, "case {case}: `{what}` in\n{shown}\n----\n{text}\n====\n");
        report
    });
    assert!(leaks.is_empty(), "{} of {cases} mutants, seed {seed}\n{report}", leaks.len());
    // It can fail: most mutants are refused, and many of them in a line with a secret.
    let count = |count: &AtomicUsize| count.load(Relaxed) as u64;
    assert!(count(&tally.diagnostics) > cases / 2 && count(&tally.beside_a_secret) > cases / 10);
}

/// One mutant, and what of it is shown by mistake.
fn mutant(seed: u64, case: u64, files: &[String], tally: &Tally) -> Option<Leak> {
    let mut rng = Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ case);
    let template = &files[rng.usize(..files.len())];
    let mut planted = Planted::default();
    let template = files::with_more_places(template, &mut rng);
    let mut text = planted.fill(&template, &mut rng);
    for _ in 0..rng.usize(0..5) {
        text = mutate::once(text, &planted, &mut rng);
    }
    let shown = examine(&text, &planted, tally);
    let found = shown.into_iter().find_map(|shown| Some((planted.find(&shown)?, shown)));
    found.map(|(what, shown)| Leak { case, text, shown, what })
}

/// Everything that is told of a file.
fn examine(text: &str, planted: &Planted, tally: &Tally) -> Vec<String> {
    let mut shown = Vec::new();
    let value = planted.any();
    let variable = move |_: &str| Some(value.clone().into());
    let loaders = [
        WatcherSet::loader(),
        WatcherSet::loader().strict(),
        WatcherSet::loader().env_from(variable),
    ];
    for loader in loaders {
        let told = match loader.from_str(text) {
            Err(error) => {
                tally.refused.fetch_add(1, Relaxed);
                shown.extend([error.to_string(), format!("{error:?}")]);
                diagnostics(&error)
            }
            Ok(set) => {
                tally.accepted.fetch_add(1, Relaxed);
                tally.warnings.fetch_add(set.warnings().len(), Relaxed);
                set.warnings().to_vec()
            }
        };
        tally.diagnostics.fetch_add(told.len(), Relaxed);
        for told in told {
            if told.code() == "bad-syntax" {
                tally.syntax.fetch_add(1, Relaxed);
            }
            let line = text.lines().nth(told.line() - 1).unwrap_or_default();
            if planted.find(line).is_some() {
                tally.beside_a_secret.fetch_add(1, Relaxed);
            }
            shown.extend(parts(&told));
        }
    }
    shown.extend(by_serde(text, tally));
    shown.sort_unstable();
    shown.dedup();
    shown
}

fn diagnostics(error: &ExternalError) -> Vec<Diagnostic> {
    ConfigError::of(error).map(|error| error.diagnostics().to_vec()).unwrap_or_default()
}

/// What the forms of the command are made of, for people, GitHub and JSON.
fn parts(told: &Diagnostic) -> [String; 4] {
    let help = told.help().unwrap_or_default().to_owned();
    [told.to_string(), format!("{told:?}"), told.message().to_owned(), help]
}

/// What is told of its watchers where they come from another format, as from the API server.
fn by_serde(text: &str, tally: &Tally) -> Vec<String> {
    let Ok(file) = serde_saphyr::from_str::<serde_json::Value>(text) else { return Vec::new() };
    let watchers = file.get("watchers").and_then(|it| it.as_array()).cloned().unwrap_or_default();
    let mut shown = Vec::new();
    for watcher in watchers {
        match serde_json::from_value::<WatcherSpec>(watcher) {
            Err(error) => {
                tally.specs.fetch_add(1, Relaxed);
                shown.extend([error.to_string(), format!("{error:?}")]);
            }
            Ok(spec) => {
                if let Err(error) = spec.under(Trust::Untrusted) {
                    shown.extend([error.to_string(), format!("{error:?}")]);
                }
            }
        }
    }
    shown
}

#[test]
fn what_is_told_of_a_file_in_use_shows_no_secret() {
    let seed = seed();
    println!("KOPRS_EXTERNAL_TEST_SEED={seed}");
    let mut rng = Rng::with_seed(seed);
    let mut loaded = 0;
    // Some secrets end the quotes that they stand in.
    for template in files::ours().into_iter().cycle().take(70) {
        let mut planted = Planted::default();
        let text = planted.fill(&template, &mut rng);
        let Ok(set) = WatcherSet::from_str(&text) else { continue };
        loaded += 1;
        for name in set.names() {
            let spec = set.spec(name).unwrap();
            let explained = format!("{:?}", set.explain(name));
            for shown in [explained, format!("{spec:?}"), format!("{set:?}")] {
                assert_eq!(planted.find(&shown), None, "{shown}\n{text}");
            }
        }
    }
    assert!(loaded > 10, "{loaded} files load");
}

fn seed() -> u64 {
    let given = std::env::var("KOPRS_EXTERNAL_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    given.unwrap_or_else(|| Rng::new().u64(..1 << 32))
}
