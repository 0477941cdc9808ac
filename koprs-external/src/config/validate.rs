//! The written form, understood: from each watcher a [`WatcherSpec`], or mistakes at their places.

use std::collections::HashMap;
use std::path::Path;

use super::Declared;
use super::place::{At, Given, Mistake, Place};
use super::raw::{RawDefaults, RawFile, RawHttpDefaults, RawSchedule, RawWatcher};
use super::reading::Reading;

/// Understands every watcher. Relative paths begin in `folder`.
pub(super) fn file(file: RawFile, folder: &Path, out: &mut Vec<Mistake>) -> Vec<Declared> {
    let RawFile { defaults, watchers } = file;
    check_defaults(&defaults, out);
    check_names(&watchers, out);
    let watchers = watchers.into_iter();
    watchers.filter_map(|raw| watcher(raw, &defaults, folder, out)).collect()
}

/// The defaults by themselves, so that their mistakes are seen whether a watcher uses them or not.
fn check_defaults(defaults: &RawDefaults, out: &mut Vec<Mistake>) {
    let RawDefaults { schedule, http } = defaults.clone();
    let reading = Reading::new(Place::START, Given::Absent, Given::Absent, out);
    let reading = match &schedule.interval {
        Given::Absent => reading.excuse("interval"),
        Given::Broken | Given::Written(_) => reading,
    };
    reading.schedule(schedule).http_defaults(http).finish();
}

/// A name stands for one watcher.
fn check_names(watchers: &[RawWatcher], out: &mut Vec<Mistake>) {
    let mut seen: HashMap<&str, Place> = HashMap::new();
    for watcher in watchers {
        let Given::Written(At { place, value }) = &watcher.name else { continue };
        match seen.get(value.as_str()) {
            Some(first) => {
                let message = format!("`{value}` is the name of two watchers");
                let help = format!("the first is in line {}; give each its own name", first.line);
                out.push(Mistake::new(*place, "duplicate-name", message).help(help));
            }
            None => {
                seen.insert(value, *place);
            }
        }
    }
}

fn watcher(
    raw: RawWatcher,
    defaults: &RawDefaults,
    folder: &Path,
    out: &mut Vec<Mistake>,
) -> Option<Declared> {
    let RawWatcher { place, name, schedule, http } = raw;
    let url = match &http {
        Given::Written(http) => http.value.url.clone(),
        Given::Absent | Given::Broken => Given::Broken,
    };
    let reading = Reading::new(place, name, url, out);
    let reading = match (&schedule.interval, &schedule.max_backoff) {
        (Given::Written(interval), Given::Absent) => {
            reading.blame("max_backoff", interval.place, "the default `maxBackoff`")
        }
        _ => reading,
    };
    let schedule = with_default_schedule(schedule, defaults.schedule.clone());
    let reading = reading.schedule(schedule);
    let reading = match http {
        Given::Written(At { value: mut http, .. }) => {
            http.common = with_default_http(http.common, defaults.http.clone());
            reading.http(http, folder)
        }
        Given::Absent | Given::Broken => reading,
    };
    reading.finish()
}

fn with_default_schedule(own: RawSchedule, default: RawSchedule) -> RawSchedule {
    let RawSchedule { interval, max_backoff, jitter, decode } = own;
    RawSchedule {
        interval: interval.or(default.interval),
        max_backoff: max_backoff.or(default.max_backoff),
        jitter: jitter.or(default.jitter),
        decode: decode.or(default.decode),
    }
}

fn with_default_http(own: RawHttpDefaults, default: RawHttpDefaults) -> RawHttpDefaults {
    let RawHttpDefaults { header, timeout, body_limit } = own;
    let overridden =
        |name: &str| header.iter().any(|(own, _)| own.value.eq_ignore_ascii_case(name));
    let mut headers = default.header;
    headers.retain(|(name, _)| !overridden(&name.value));
    headers.extend(header);
    RawHttpDefaults {
        header: headers,
        timeout: timeout.or(default.timeout),
        body_limit: body_limit.or(default.body_limit),
    }
}
