//! What must hold between the settings of a declaration.
//!
//! Each rule is a function over [`Settings`] and says which setting is at fault. What is
//! [broken](super::settings::Given::is_broken) was reported, and no rule says more of it.

mod http;
mod store;
mod value;

use std::time::Duration;

use super::check::Finding;
use super::object_store::{Backend, read_url};
use super::settings::{Settings, SourceKind, Subject};
use super::table::{Row, TIMEOUT, row};
use super::{Format, Invalid, bounds, duration, size};

/// Below this an HTTP endpoint is not watched but loaded.
const LEAST_INTERVAL: Duration = Duration::from_secs(1);
/// A listing is billed by the thousand keys.
const LEAST_REMOTE_INTERVAL: Duration = Duration::from_secs(10);
/// What lists an object store in less has nothing to do.
const LEAST_DEADLINE: Duration = Duration::from_secs(1);

/// What is wrong between the settings, in their order.
pub(crate) fn check(settings: &Settings) -> Vec<Finding> {
    let mut out = Vec::new();
    out.extend(whole(settings));
    out.extend(interval(settings));
    out.extend(max_backoff(settings));
    out.extend(deadline(settings));
    out.extend(decode(settings));
    inapplicable(settings, &mut out);
    match settings.source {
        SourceKind::Http => {
            value::check(settings, &mut out);
            http::check(settings, &mut out);
        }
        SourceKind::ObjectStore => {
            value::check_ignore(settings, &mut out);
            store::check(settings, &mut out);
        }
    }
    out
}

fn at(row: Row, code: &'static str, message: impl Into<String>) -> Finding {
    Finding::new(Subject::Row(row), code, message)
}

/// A setting that changes nothing beside another.
fn no_use(settings: &Settings, row: Row, beside: &str) -> Finding {
    at(row, "no-use", format!("`{}` has no use with `{beside}`", settings.name(row)))
}

/// Something that a feature of the library adds, and that is not there.
fn missing_feature(row: Row, feature: &str) -> Finding {
    Finding::of(Subject::Row(row), Invalid::feature("", feature))
}

/// A format that is not compiled in.
fn decode(settings: &Settings) -> Option<Finding> {
    let row = row!("decode");
    match settings.get(row).and_then(Format::of_word)? {
        Format::Yaml if cfg!(not(feature = "yaml")) => Some(missing_feature(row, "yaml")),
        Format::Csv if cfg!(not(feature = "csv")) => Some(missing_feature(row, "csv")),
        _ => None,
    }
}

/// A declaration that is larger than it may be.
fn whole(settings: &Settings) -> Option<Finding> {
    let bytes = settings.given().map(|given| given.value.bytes()).fold(0, usize::saturating_add);
    let most = size::show(bounds::DECLARATION as u64);
    let message = format!("the declaration has {bytes} bytes, and at most `{most}` are read");
    (bytes > bounds::DECLARATION)
        .then(|| Finding::new(Subject::Whole, "too-long", message).help(bounds::DIVIDE))
}

fn interval(settings: &Settings) -> Option<Finding> {
    let row = row!("interval");
    if !settings.has(row) {
        let help = format!("say how often to poll: {}", settings.dialect.example(row));
        return Some(at(row, "missing-interval", "no interval is given").help(help));
    }
    let interval: Duration = settings.get(row)?;
    let (least, source) = least_interval(settings);
    (interval < least).then(|| {
        let (shown, least) = (duration::show(interval), duration::show(least));
        at(row, "short-interval", format!("`{shown}` is too short"))
            .help(format!("{source} is polled at most every `{least}`"))
    })
}

/// The least interval of a source, and how that is called.
fn least_interval(settings: &Settings) -> (Duration, &'static str) {
    match settings.source {
        SourceKind::Http => (LEAST_INTERVAL, "an HTTP source"),
        SourceKind::ObjectStore => {
            let url = settings.get(row!("object_store.url"));
            match url.and_then(|url| read_url(url).ok()).map(|(_, backend)| backend) {
                Some(Backend::Local) => (LEAST_INTERVAL, "a folder"),
                Some(_) => (LEAST_REMOTE_INTERVAL, "an object store"),
                // What a URL was to be is said of the URL.
                None => (LEAST_INTERVAL, "a source"),
            }
        }
    }
}

/// Where the interval is that of the watcher and the longest wait comes from `defaults`, the interval is at fault.
fn max_backoff(settings: &Settings) -> Option<Finding> {
    let (row, beside) = (row!("max_backoff"), row!("interval"));
    let (longest, interval) = (settings.get::<Duration>(row)?, settings.get::<Duration>(beside)?);
    if longest >= interval {
        return None;
    }
    let is_default = |row| settings.find(row).is_some_and(|given| given.is_default);
    let (longest, interval) = (duration::show(longest), duration::show(interval));
    let message = format!("`{longest}` is less than the interval `{interval}`");
    let (max_backoff, name) = (settings.name(row), settings.name(beside));
    let help = format!("`{max_backoff}` must not be less than `{name}`");
    let finding = match is_default(row) && !is_default(beside) {
        true => at(beside, "short-max-backoff", format!("the default `{max_backoff}` {message}")),
        false => at(row, "short-max-backoff", message),
    };
    Some(finding.help(help))
}

/// A poll has time for one whole request, or for a listing.
fn deadline(settings: &Settings) -> Option<Finding> {
    let row = row!("deadline");
    let deadline: Duration = settings.get(row)?;
    let shown = duration::show(deadline);
    let (message, help) = match settings.source {
        SourceKind::ObjectStore if deadline < LEAST_DEADLINE => (
            format!("`{shown}` is too short"),
            "a poll needs time to list the objects and to fetch those that changed",
        ),
        SourceKind::Http if !settings.is_broken(row!("http.timeout")) => {
            let timeout = settings.get(row!("http.timeout")).unwrap_or(TIMEOUT);
            if deadline >= timeout {
                return None;
            }
            let timeout = duration::show(timeout);
            (
                format!("`{shown}` is less than the timeout of a request, `{timeout}`"),
                "a poll needs time for at least one request; lists with many pages need more",
            )
        }
        _ => return None,
    };
    Some(at(row, "short-deadline", message).help(help))
}

/// Settings that change nothing of this kind of source.
fn inapplicable(settings: &Settings, out: &mut Vec<Finding>) {
    let source = settings.source;
    let (other, why) = match source {
        SourceKind::Http => ("object stores", "the source is an HTTP endpoint"),
        SourceKind::ObjectStore => ("HTTP", "the source is an object store"),
    };
    let items = row!("items");
    let has_items = settings.given().any(|given| given.row.block == items.name);
    let rows = settings.given().map(|given| given.row);
    let rows = rows.chain((has_items && !settings.has(items)).then_some(items));
    for row in rows.filter(|row| !settings.is_broken(*row)) {
        let is_outermost = row.block == "http" || row.block == "object_store";
        if source.excludes(row) && is_outermost {
            let message = format!("`{}` is a setting of {other}", settings.name(row));
            out.push(at(row, "other-source", message).help(format!("leave it out: {why}")));
        }
        if source == SourceKind::ObjectStore
            && let Some(help) = way_out(row)
        {
            let beside = settings.dialect.name("object_store");
            out.push(no_use(settings, row, &beside).help(help));
        }
    }
}

/// Why a setting of a value has no use with an object store.
fn way_out(row: Row) -> Option<&'static str> {
    let items = "objects are told apart by their path: leave it out";
    if row == row!("items") {
        Some(items)
    } else if row == row!("on_bad_item") {
        Some("an object that cannot be read keeps its last good value: leave it out")
    } else if row == row!("removal.confirm") {
        Some("what a listing does not name is gone: leave it out")
    } else {
        None
    }
}
