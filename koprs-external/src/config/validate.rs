//! The watchers of a file, understood: a [`WatcherSpec`] of each, or mistakes at their places.

use std::path::Path;
use std::sync::Arc;

use super::raw::RawFile;
use super::{Declared, Expanded};
use crate::secret::{Hidden, Secret, Show};
use crate::spec::mistake::{At, Given, Mistake};
use crate::spec::node::{MOST_NODES, Node, Value};
use crate::spec::settings::Settings;
use crate::spec::table::row;
use crate::spec::{self, Trust, WatcherSpec, bounds, reader};

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
    let defaults = reader::defaults(defaults, folder, out);
    if let Some(mistake) = multiplied(&defaults, watchers) {
        out.push(mistake);
        return (Vec::new(), Vec::new());
    }
    let (mut declared, mut names) = (Vec::new(), Vec::new());
    for item in watchers {
        if reader::is_full(out) {
            break;
        }
        if !fits(item, &mut (bounds::NODES, bounds::DECLARATION)) {
            let too_large = spec::deserialize::too_large();
            out.push(Mistake::new(item.place, "too-long", too_large).help(bounds::DIVIDE));
            continue;
        }
        let Some((name, settings)) = reader::watcher(item, Some(&defaults), folder, out) else {
            continue;
        };
        names.extend(name);
        let Some(settings) = settings else { continue };
        let brought = Hidden(brought(&settings, expanded));
        let show = |path| match settings.exact(path) {
            Some(place) if expanded.is_in_path(place) => Show::Origin,
            Some(_) | None => Show::Path,
        };
        let shows = ["http.url", "http.auth.oauth2.token_url"].map(show);
        let spec = WatcherSpec::from_settings(settings, Hidden::default());
        declared.extend(spec.map(|spec| Declared {
            spec: Box::new(WatcherSpec {
                trust: Some(Trust::Trusted),
                ..spec.show(shows).hide(brought)
            }),
            file: Arc::clone(file),
            expanded: Arc::clone(expanded),
        }));
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

/// What variables brought behind the host of a URL, and into texts.
fn brought(settings: &Settings, expanded: &Expanded) -> Vec<Secret> {
    let urls = [row!("http.url"), row!("http.auth.oauth2.token_url"), row!("object_store.url")];
    let urls = urls.into_iter().filter_map(|row| settings.find(row));
    let urls = urls.flat_map(|given| expanded.behind_host(given.place));
    let pairs = [row!("http.query"), row!("http.header")].map(|row| settings.pairs(row));
    let pairs = pairs.into_iter().flatten().flat_map(|it| [it.name.place, it.value.place]);
    let bodies = [row!("http.body.json"), row!("http.body.text")];
    let bodies = bodies.into_iter().filter_map(|row| settings.find(row)).map(|given| given.place);
    let texts = pairs.chain(bodies).flat_map(|place| expanded.values(place));
    urls.chain(texts).cloned().collect()
}

/// Every watcher has the default headers, and many of both are as an alias bomb.
fn multiplied(defaults: &Settings, watchers: &[Node]) -> Option<Mistake> {
    let header = defaults.pairs(row!("http.header"));
    let headers = header.len().saturating_mul(watchers.len());
    (headers > MOST_NODES).then(|| {
        let place = header.first().map_or(defaults.home, |pair| pair.name.place);
        Mistake::new(place, "too-complex", "there are too many default headers")
            .help(format!("at most {MOST_NODES}, counted for each of the watchers"))
    })
}
