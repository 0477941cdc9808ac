//! What is wrong with a key, or with what stands under it.

use super::super::key_may_be_shown;
use super::super::keys::Keys;
use super::help::{REQUIRED, called, elsewhere, is_source, of_another, setting, way_out, written};
use super::{Entry, kind};
use crate::spec::mistake::{Mistake, push};
use crate::spec::node::Value;
use crate::spec::suggest::Similar;

pub(super) fn beside(entry: Entry<'_>, block: &str, follows: bool) -> Mistake {
    let message = format!("`{}` belongs under `{block}`", entry.key.value);
    let help = match follows {
        true => "indent it by two more spaces".to_owned(),
        false => format!("move it to below `{block}:`, and indent it by two more spaces"),
    };
    Mistake::new(entry.key.place, "unknown-key", message).help(help)
}

pub(super) fn unknown(entry: Entry<'_>, keys: &Keys, similar: Similar<'static>) -> Mistake {
    let Entry { key, node, .. } = entry;
    let name = key.value;
    let message = match key_may_be_shown(name, node) {
        true => format!("{} has no `{name}`", keys.of),
        false => format!("{} has no such key", keys.of),
    };
    let above = || is_source(keys.block) && setting("", name).is_some();
    let is_own = || setting(keys.block, name).is_some();
    let help = match keys.below(name) {
        Some(block) => format!("`{name}` stands under `{block}`"),
        None if keys.known.is_empty() => "it has no settings: leave them out".to_owned(),
        None if is_own() => format!("`{name}` has no default: write it in each watcher"),
        None if above() => format!("`{name}` stands in the watcher itself"),
        None => match of_another(keys.block, name) {
            Some(kind) => format!("`{name}` is a setting of {kind}: leave it out"),
            None => elsewhere(keys, name).unwrap_or_else(|| called(keys, similar)),
        },
    };
    Mistake::new(key.place, "unknown-key", message).help(help)
}

/// Reports a value of another kind than `expected`.
pub(super) fn refuse<T>(entry: Entry<'_>, expected: &str, out: &mut Vec<Mistake>) -> Option<T> {
    push(out, || match &entry.node.value {
        Value::Null => empty(entry, expected),
        value => {
            let message = format!("{} must be {expected}, found {}", entry.name(), kind(value));
            Mistake::new(entry.key.place, "wrong-type", message).help(way_out(entry, expected))
        }
    });
    None
}

pub(super) fn empty(entry: Entry<'_>, expected: &str) -> Mistake {
    let Entry { key, node, .. } = entry;
    let name = key.value;
    let place = if node.place.length() == 0 { key.place } else { node.place };
    let message = match key_may_be_shown(name, node) {
        true => format!("`{name}` is empty"),
        false => "the key has no value".to_owned(),
    };
    let how = written(entry, expected);
    let help = match REQUIRED.contains(&name) {
        true => format!("write {how}"),
        false => format!("write {how}, or remove the key"),
    };
    Mistake::new(place, "empty-value", message).help(help)
}
