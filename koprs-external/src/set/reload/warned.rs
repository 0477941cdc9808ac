//! Which warnings of a new content are worth a log line. Pure.
//!
//! A warning is known by its watcher, its setting, its code and its text, and not by its line: an edit moves the lines of
//! watchers that it does not touch.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::super::WatcherSet;
use crate::config::{Declared, Diagnostic};
use crate::spec::mistake::Place;

/// The warnings of the content in use.
#[derive(Debug, Default)]
pub(super) struct Warned(HashSet<Key>);

#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    /// None where it is of the file, or of several watchers.
    watcher: Option<String>,
    setting: Option<&'static str>,
    code: &'static str,
    message: String,
    help: Option<String>,
}

/// A warning, and the watcher that it is of.
pub(super) type Warning<'a> = (Option<&'a str>, &'a Diagnostic);

/// What stands at a place: a setting, of a watcher unless several share it.
type Owner<'a> = (Option<&'a str>, Option<&'static str>);

impl Warned {
    /// Returns the warnings that the content before did not have, and remembers those of this one.
    pub(super) fn update<'a>(&mut self, set: &'a WatcherSet) -> Vec<Warning<'a>> {
        let owners = if set.warnings.is_empty() { HashMap::new() } else { owners(&set.watchers) };
        let warnings = set.warnings.iter().map(|warning| {
            let at = (warning.file(), warning.token());
            let (watcher, setting) = owners.get(&at).copied().unwrap_or_default();
            (Key::of(warning, watcher, setting), (watcher, warning))
        });
        let (keys, warnings): (Vec<_>, Vec<_>) = warnings.unzip();
        let is_new = |key: &Key| !self.0.contains(key);
        let news = keys.iter().zip(warnings).filter(|(key, _)| is_new(key));
        let news = news.map(|(_, warning)| warning).collect();
        self.0 = keys.into_iter().collect();
        news
    }
}

impl Key {
    fn of(warning: &Diagnostic, watcher: Option<&str>, setting: Option<&'static str>) -> Self {
        Self {
            watcher: watcher.map(str::to_owned),
            setting,
            code: warning.code(),
            message: warning.message().to_owned(),
            help: warning.help().map(str::to_owned),
        }
    }
}

/// Whose each place is.
fn owners(watchers: &[Declared]) -> HashMap<(&Path, Place), Owner<'_>> {
    let mut owners: HashMap<_, Owner<'_>> = HashMap::new();
    for declared in watchers {
        let (spec, file) = (&declared.spec, &declared.file);
        for (setting, place, is_default) in spec.settings.places() {
            // What `defaults` say is of no watcher, also where there is only one.
            let watcher = Some(spec.name()).filter(|_| !is_default);
            owners
                .entry((file.as_ref(), place))
                .and_modify(|(known, _)| *known = known.filter(|known| Some(*known) == watcher))
                .or_insert((watcher, setting));
        }
    }
    owners
}
