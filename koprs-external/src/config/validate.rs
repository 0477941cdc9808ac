//! The written form, understood: from each watcher a [`WatcherSpec`], or mistakes at their places.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use super::place::{At, Given, Mistake, PATIENCE, Place, Places};
use super::raw::{
    RawDefaults, RawFile, RawHttpDefaults, RawObjectStoreDefaults, RawSchedule, RawTls, RawWatcher,
};
use super::reading::Reading;
use super::tree::{MOST_NODES, Node, Value};
use super::{Declared, Expanded};
use crate::secret::{Hidden, Secret, Show};
use crate::spec::{WatcherSpec, bounds, size};

/// Understands every watcher; the names, of those too that cannot be understood, are kept. Relative paths begin
/// in the folder of the file.
pub(super) fn file(
    raw: RawFile<'_>,
    file: &Arc<Path>,
    expanded: &Arc<Expanded>,
    out: &mut Vec<Mistake>,
) -> (Vec<Declared>, Vec<At<String>>) {
    let RawFile { defaults, watchers } = raw;
    let watchers = match watchers {
        Given::Written(At { value, .. }) => value,
        Given::Absent | Given::Broken => &[],
    };
    let folder = file.parent().unwrap_or(Path::new(""));
    let defaults_at = Arc::new(check_defaults(&defaults, folder, out));
    if let Some(mistake) = multiplied(&defaults, watchers) {
        out.push(mistake);
        return (Vec::new(), Vec::new());
    }
    let (mut declared, mut names) = (Vec::new(), Vec::new());
    for item in watchers {
        if out.len() >= PATIENCE {
            break;
        }
        if !fits(item, &mut (bounds::NODES, bounds::DECLARATION)) {
            out.push(Mistake::new(item.place, "too-long", too_large()).help(bounds::DIVIDE));
            continue;
        }
        let Some(raw) = RawWatcher::read(item, out) else { continue };
        if let Given::Written(name) = &raw.name {
            names.push(name.clone());
        }
        if let Some((spec, places)) = watcher(raw, &defaults, folder, out) {
            let show = |setting| match places.exact(setting) {
                Some(place) if expanded.is_in_path(place) => Show::Origin,
                Some(_) | None => Show::Path,
            };
            let spec = spec.show(show("http.url"), show("http.auth.oauth2.token_url"));
            let spec = spec.hide(Hidden(brought(&places, expanded)));
            let (file, expanded) = (Arc::clone(file), Arc::clone(expanded));
            let defaults = Arc::clone(&defaults_at);
            declared.push(Declared { spec, places, defaults, file, expanded });
        }
    }
    (declared, names)
}

/// Whether a watcher is no larger than one may be; `left` are its keys and values, and their bytes.
fn fits(node: &Node, left: &mut (usize, usize)) -> bool {
    let text = if let Value::Scalar(text) = &node.value { text.len() } else { 0 };
    let (Some(nodes), Some(bytes)) = (left.0.checked_sub(1), left.1.checked_sub(text)) else {
        return false;
    };
    *left = (nodes, bytes);
    match &node.value {
        Value::Null | Value::Scalar(_) => true,
        Value::Sequence(items) => items.iter().all(|item| fits(item, left)),
        Value::Mapping(entries) => {
            entries.iter().all(|(key, value)| fits(key, left) && fits(value, left))
        }
    }
}

/// That a watcher is larger than one may be.
pub(super) fn too_large() -> String {
    let (most, nodes) = (size::show(bounds::DECLARATION as u64), bounds::NODES);
    format!("a watcher has at most `{most}` and {nodes} keys and values")
}

/// What variables brought behind the host of a URL, and into texts.
fn brought(places: &Places, expanded: &Expanded) -> Vec<Secret> {
    let urls = ["http.url", "http.auth.oauth2.token_url", "object_store.url"];
    let texts = ["http.query", "http.header", "http.body"].map(|block| places.within(block));
    let urls = urls.into_iter().filter_map(|setting| places.exact(setting));
    let urls = urls.flat_map(|place| expanded.behind_host(place));
    let texts = texts.into_iter().flatten().flat_map(|(_, place)| expanded.values(place));
    urls.chain(texts).cloned().collect()
}

/// Every watcher has the default headers, and many of both are as an alias bomb.
fn multiplied(defaults: &RawDefaults, watchers: &[Node]) -> Option<Mistake> {
    let (first, _) = defaults.http.header.first()?;
    let headers = defaults.http.header.len().saturating_mul(watchers.len());
    (headers > MOST_NODES).then(|| {
        Mistake::new(first.place, "too-complex", "there are too many default headers")
            .help(format!("at most {MOST_NODES}, counted for each of the watchers"))
    })
}

/// The defaults by themselves, so that their mistakes are seen whether a watcher uses them or not. Says where
/// they stand.
fn check_defaults(defaults: &RawDefaults, folder: &Path, out: &mut Vec<Mistake>) -> Places {
    let RawDefaults { schedule, http, object_store } = defaults.clone();
    // A watcher says what tells its items apart.
    let reading = Reading::object_store(Place::START, Given::Absent, Given::Absent, out);
    let reading = reading.excuse("interval").object_store_defaults(object_store);
    let mut places = reading.places().clone();
    reading.finish();
    let reading = Reading::http(Place::START, Given::Absent, Given::Absent, out);
    let reading = reading.excuse("items.key");
    let reading = match &schedule.interval {
        Given::Absent => reading.excuse("interval"),
        Given::Broken | Given::Written(_) => reading,
    };
    let reading = reading.schedule(schedule).http_defaults(http, folder);
    places.extend(reading.places());
    reading.finish();
    places
}

/// Understands one watcher.
pub(super) fn watcher(
    raw: RawWatcher,
    defaults: &RawDefaults,
    folder: &Path,
    out: &mut Vec<Mistake>,
) -> Option<(WatcherSpec, Places)> {
    let RawWatcher { place, name, schedule, value, http, object_store } = raw;
    let mut default_schedule = defaults.schedule.clone();
    let reading = match (&http, &object_store) {
        (Given::Absent, Given::Written(store)) => {
            // No object store answers 404.
            default_schedule.confirm = Given::Absent;
            Reading::object_store(place, name, store.value.url.clone(), out)
        }
        (Given::Written(http), _) => Reading::http(place, name, http.value.url.clone(), out),
        _ => Reading::http(place, name, Given::Broken, out),
    };
    let reading = match (&schedule.interval, &schedule.max_backoff) {
        (Given::Written(interval), Given::Absent) => {
            reading.blame("max_backoff", interval.place, "the default `maxBackoff`")
        }
        _ => reading,
    };
    let own_decode = match &schedule.decode {
        Given::Written(decode) => Some(decode.place),
        _ => None,
    };
    let schedule = with_default_schedule(schedule, default_schedule);
    let reading = reading.schedule(schedule).value(value, own_decode);
    let reading = match (http, object_store) {
        (Given::Absent, Given::Written(At { value: mut store, .. })) => {
            let default = defaults.object_store.clone();
            store.common = with_default_object_store(store.common, default);
            reading.objects(store, folder)
        }
        (Given::Written(At { value: mut http, .. }), _) => {
            let mut default = defaults.http.clone();
            if is_plain(&http.url) {
                default.tls = RawTls::none();
            }
            http.common = with_default_http(http.common, default);
            reading.request(http, folder)
        }
        _ => reading,
    };
    reading.finish()
}

/// Whether a URL has nothing to do with TLS.
fn is_plain(url: &Given<String>) -> bool {
    let plain = "http://";
    let begins =
        |url: &str| url.get(..plain.len()).is_some_and(|it| it.eq_ignore_ascii_case(plain));
    matches!(url, Given::Written(url) if begins(&url.value))
}

fn with_default_schedule(own: RawSchedule, default: RawSchedule) -> RawSchedule {
    RawSchedule {
        interval: own.interval.or(default.interval),
        max_backoff: own.max_backoff.or(default.max_backoff),
        jitter: own.jitter.or(default.jitter),
        deadline: own.deadline.or(default.deadline),
        decode: own.decode.or(default.decode),
        confirm: own.confirm.or(default.confirm),
        hold_above: own.hold_above.or(default.hold_above),
        hold_min: own.hold_min.or(default.hold_min),
        memory_limit: own.memory_limit.or(default.memory_limit),
        walk_limit: own.walk_limit.or(default.walk_limit),
    }
}

fn with_default_http(own: RawHttpDefaults, default: RawHttpDefaults) -> RawHttpDefaults {
    let names = own.header.iter().map(|(name, _)| name.value.to_ascii_lowercase());
    let overridden: HashSet<_> = names.collect();
    let mut header = default.header;
    header.retain(|(name, _)| !overridden.contains(&name.value.to_ascii_lowercase()));
    header.extend(own.header);
    RawHttpDefaults {
        header,
        tls: with_default_tls(own.tls, default.tls),
        timeout: own.timeout.or(default.timeout),
        retries: own.retries.or(default.retries),
        respect_max_age: own.respect_max_age.or(default.respect_max_age),
        max_in_flight: own.max_in_flight.or(default.max_in_flight),
        body_limit: own.body_limit.or(default.body_limit),
        header_limit: own.header_limit.or(default.header_limit),
        redirect_limit: own.redirect_limit.or(default.redirect_limit),
    }
}

fn with_default_object_store(
    own: RawObjectStoreDefaults,
    default: RawObjectStoreDefaults,
) -> RawObjectStoreDefaults {
    RawObjectStoreDefaults {
        settle: own.settle.or(default.settle),
        concurrency: own.concurrency.or(default.concurrency),
        listing_concurrency: own.listing_concurrency.or(default.listing_concurrency),
        object_limit: own.object_limit.or(default.object_limit),
        body_limit: own.body_limit.or(default.body_limit),
    }
}

fn with_default_tls(own: RawTls, default: RawTls) -> RawTls {
    RawTls {
        block: own.block.or(default.block),
        ca: own.ca.or(default.ca),
        cert: own.cert.or(default.cert),
        key: own.key.or(default.key),
    }
}
