//! The invariant: after each poll the watcher is complete, or it has failed and says why.
//!
//! *Complete* means: it knows each object below its prefix whose key is a path, as the store has it, and no other; keys
//! that no path can represent are reported. No object is removed that was there all the time, whatever the server does.
//! Only a server that [lies consistently](koprs_external_tests::s3::Listing::is_consistent_lie) is left out: nothing in
//! its answers tells them from those of a smaller store.

use std::collections::BTreeMap;
use std::time::SystemTime;

use koprs_external::store::StoredObject;
use koprs_external::store::object_store::path::Path;
use koprs_external::watcher::{ExternalEvent, ExternalSource, Pace};
use koprs_external_tests::s3;
use koprs_external_tests::store::{Op, Protocol, Store};

use super::rows::Random;
use crate::store::known::Known;

/// What is played.
pub(super) struct Plan {
    pub(super) seed: u64,
    /// How many objects there are at first.
    pub(super) objects: usize,
    /// Keys below the prefix that no path can represent.
    pub(super) odd: &'static [&'static str],
    pub(super) prefix: &'static str,
    /// How long ETags are.
    pub(super) etag: usize,
    /// How many polls go well before the server misbehaves.
    pub(super) good_polls: usize,
    /// Whether the store has to be followed although the server misbehaves.
    pub(super) is_tolerated: bool,
}

/// Polls while the server misbehaves.
const POLLS: usize = 4;
/// An observation of the largest store takes far fewer requests, unless pages are empty: 200 of them in a row are
/// allowed in each of eight parts, and in the listing as a whole that may follow.
const MOST_REQUESTS: usize = 2000;
/// The code of the error that ends an observation which does not end.
const ENDLESS: &str = "Endless";
/// Failures in a row after which an optimisation has to be given up.
const FAILURES: usize = 2;

/// Keys that no path can represent, or only without a slash of theirs.
pub(super) const ODD: [&str; 12] = [
    "k//b", "m/./n", "m/../n", "/lead", "trail/", "cr\rx", "lf\nx", "tab\tx", "x\u{1}y",
    "x\u{7f}y", "//", "end//",
];

fn key(prefix: &str, n: usize) -> String {
    let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
    let name = match n % 8 {
        0 => format!("k {n:03}"),
        1 => format!("K{n:03}"),
        2 => format!("k+{n:03}"),
        3 => format!("k%2B{n:03}"),
        4 => format!("d e/F&<{n:03}]]>"),
        5 => format!(" around {n:03} "),
        6 => format!("d/ü\"'{n:03}"),
        _ => format!("z/{n:03}"),
    };
    format!("{prefix}{name}")
}

/// Writes an object. Where its ETag is long, few objects are remembered in one place, and a listing can be cut.
fn put<P: Protocol>(store: &Store<P>, plan: &Plan, key: &str, size: usize) {
    store.put(key, "1".repeat(size));
    let etag = format!("\"{size}{}\"", "-".repeat(plan.etag));
    store.touch(key, &etag, SystemTime::UNIX_EPOCH);
}

/// Plays a plan with a source that follows the store.
pub(super) async fn play<P: Protocol, S: ExternalSource<Item = StoredObject>>(
    store: &Store<P>,
    [well, misbehaving]: [P::Listing; 2],
    source: S,
    plan: &Plan,
) -> Result<(), String> {
    let mut random = Random(plan.seed);
    let mut player = Player { store, source, prefix: plan.prefix, known: Known::new() };
    (0..plan.objects).for_each(|n| put(store, plan, &key(plan.prefix, n), 1));
    // What is not below the prefix is not followed.
    if !plan.prefix.is_empty() {
        ["other/x", "other//y", "ignored"].iter().for_each(|key| store.put(key, "1"));
    }
    for odd in plan.odd {
        let prefix = if plan.prefix.is_empty() { "" } else { "/" };
        store.put(&format!("{}{prefix}{odd}", plan.prefix), "1");
    }
    store.lists(well.clone());
    let mut failures = 0;
    for poll in 0..plan.good_polls + POLLS {
        if poll == plan.good_polls {
            store.lists(misbehaving.clone());
        }
        if poll > 0 {
            player.write(plan, &mut random);
        }
        let outcome = player.observe().await.map_err(|it| format!("poll {poll}: {it}"))?;
        failures = if outcome.is_some() { failures + 1 } else { 0 };
        let must = plan.is_tolerated || poll < plan.good_polls;
        if let Some(error) = outcome.filter(|_| must && failures > FAILURES) {
            return Err(format!("poll {poll}: it has to be followed, and fails: {error}"));
        }
    }
    store.lists(well);
    let mut last = String::new();
    for _ in 0..=FAILURES {
        match player.observe().await.map_err(|it| format!("behaves again: {it}"))? {
            None => return Ok(()),
            Some(error) => last = error,
        }
    }
    Err(format!("behaves again, and fails: {last}"))
}

struct Player<'a, P: Protocol, S> {
    store: &'a Store<P>,
    source: S,
    prefix: &'a str,
    known: Known<(u64, Option<String>)>,
}

impl<P: Protocol, S: ExternalSource<Item = StoredObject>> Player<'_, P, S> {
    /// Puts, changes and removes some objects.
    fn write(&self, plan: &Plan, random: &mut Random) {
        for _ in 0..random.below(4) {
            let key = key(plan.prefix, random.below(plan.objects + 5));
            match random.below(3) {
                0 => self.store.delete(&key),
                _ => put(self.store, plan, &key, 1 + random.below(9)),
            }
        }
    }

    /// Observes once. Returns the error of an observation that failed.
    async fn observe(&mut self) -> Result<Option<String>, String> {
        let sizes = self.store.sizes();
        let paths = sizes.iter().filter_map(|(key, _)| self.path(key));
        self.known.looks(paths.map(|(path, _)| path).collect());
        self.store.heal();
        self.store.spoil(Op::List, MOST_REQUESTS.., |_| s3::error(403, ENDLESS));
        loop {
            match self.source.poll().await {
                Ok(events) => self.take(events)?,
                Err(error) => {
                    let is_permanent = error.is_permanent();
                    let error = error.to_string();
                    return match says_why(&error) {
                        _ if is_permanent => Err(format!("the watcher is given up: {error}")),
                        _ if error.contains(ENDLESS) => Err("it asks without end".to_owned()),
                        false => Err(format!("it does not say why it failed: {error}")),
                        true => Ok(Some(error)),
                    };
                }
            }
            if self.source.pace() != Pace::Now {
                return self.is_complete(&sizes).map(|()| None);
            }
        }
    }

    fn take(&mut self, events: Vec<ExternalEvent<StoredObject>>) -> Result<(), String> {
        let state = |it: StoredObject| (it.path, (it.size, it.etag));
        let events = events.into_iter().map(|event| event.map(state));
        self.known.take(events).map_err(|error| error.to_string())
    }

    /// The path of a key below the prefix, and whether it is the key.
    fn path(&self, key: &str) -> Option<(String, bool)> {
        let path = Path::parse(key).ok()?.to_string();
        let below = match self.prefix {
            "" => Some(path.as_str()),
            prefix => path.strip_prefix(prefix).and_then(|it| it.strip_prefix('/')),
        };
        let is_key = path == key;
        below.is_some_and(|below| !below.is_empty()).then_some((path, is_key))
    }

    fn is_complete(&self, sizes: &[(String, u64)]) -> Result<(), String> {
        let known = |path: &str| self.known.objects.get(path).map(|(size, _)| *size);
        let mut expected = BTreeMap::new();
        let mut odd = Vec::new();
        for (key, size) in sizes {
            match self.path(key) {
                Some((path, true)) if known(&path) != Some(*size) => {
                    let known = known(&path);
                    return Err(format!("healthy, and `{path}` is {known:?}, not {size}"));
                }
                // A slash at an end may be left out, or the key is one of those that are reported.
                Some((path, false)) if known(&path).is_none() => odd.push(key),
                Some((path, _)) => drop(expected.insert(path, ())),
                None if self.is_below(key) => odd.push(key),
                None => {}
            }
        }
        if let Some(path) = self.known.objects.keys().find(|path| !expected.contains_key(*path)) {
            return Err(format!("healthy, and `{}` is not there", path.escape_debug()));
        }
        let report = self.source.report();
        match (odd.is_empty(), report.bad_items, report.last_bad_item) {
            (true, 0, _) => Ok(()),
            (false, 1.., Some(last)) if report.bad_items <= odd.len() as u64 => {
                let is_named = last.contains('`') && !last.contains(char::is_control);
                is_named.then_some(()).ok_or_else(|| format!("`last_bad_item` is {last:?}"))
            }
            (_, bad, last) => Err(format!("{bad} bad items, {last:?}, of {odd:?}")),
        }
    }

    fn is_below(&self, key: &str) -> bool {
        self.prefix.is_empty()
            || key.strip_prefix(self.prefix).is_some_and(|it| it.starts_with('/'))
    }
}

/// Whether an error says what went wrong, in a line that can be shown.
fn says_why(error: &str) -> bool {
    let says =
        ["cannot list: ", "the listing ", "cannot read "].iter().any(|it| error.contains(it));
    says && !error.contains(char::is_control)
}
