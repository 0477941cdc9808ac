//! The file around its watchers: its version, its defaults, and the list.

use super::kind;
use crate::spec::mistake::{At, Given, Mistake, Place};
use crate::spec::node::{Node, Value};
use crate::spec::quote::{Content, quoted};
use crate::spec::reader::{self, Block, Entry, FILE};

/// The version of the format.
pub(super) const API_VERSION: &str = "koprs-external/v1";

/// A file. Its defaults and its watchers are read one by one.
pub(super) struct RawFile<'a> {
    pub(super) defaults: Given<Entry<'a>>,
    pub(super) watchers: Given<&'a [Node]>,
}

/// Reads the file; nothing when there is no use in going on.
pub(super) fn read<'a>(root: &'a Node, out: &mut Vec<Mistake>) -> Option<RawFile<'a>> {
    let Value::Mapping(entries) = &root.value else {
        let message = match &root.value {
            Value::Null => "the file is empty".to_owned(),
            value => format!("the file must be a mapping, found {}", reader::kind(value)),
        };
        let place = Place::new(root.place.line(), root.place.column(), 0);
        let begin = format!("begin it with `apiVersion: {API_VERSION}`");
        out.push(Mistake::new(place, "not-a-mapping", message).help(begin));
        return None;
    };
    if let Some(mistake) = kind::check(entries) {
        out.push(mistake);
        return None;
    }
    let file = Block::read(entries.iter().filter(|(key, _)| !is_extension(key)), &FILE, out);
    api_version(&file, root.place, out);
    Some(RawFile { defaults: file.take("defaults"), watchers: watchers(&file, root.place, out) })
}

/// `x-…` keys are for anchors.
pub(super) fn is_extension(key: &Node) -> bool {
    matches!(&key.value, Value::Scalar(name) if name.starts_with("x-"))
}

fn api_version(file: &Block<'_>, start: Place, out: &mut Vec<Mistake>) {
    let mistake = match file.take("apiVersion").and_then(|at| at.value.text(out)) {
        Given::Written(At { value: At { value: API_VERSION, .. }, .. }) | Given::Broken => return,
        Given::Written(At { value: At { place, value }, .. }) => {
            let shown = quoted(Content::Version, value);
            let message = format!("{shown} is not a version that this library knows");
            Mistake::new(place, "bad-api-version", message)
        }
        Given::Absent => Mistake::new(start, "missing-api-version", "no `apiVersion` is given"),
    };
    out.push(mistake.help(format!("write `apiVersion: {API_VERSION}`")));
}

fn watchers<'a>(file: &Block<'a>, start: Place, out: &mut Vec<Mistake>) -> Given<&'a [Node]> {
    let given = file.take("watchers");
    if matches!(given, Given::Absent) {
        out.push(
            Mistake::new(start, "missing-watchers", "no `watchers` are given")
                .help("write `watchers:` and under it `- name: …`"),
        );
    }
    given.and_then(|at| at.value.list(out))
}
