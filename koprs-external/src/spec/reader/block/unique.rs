//! The keys of a mapping, each once.

use std::collections::HashMap;
use std::collections::hash_map::Entry as MapEntry;

use super::super::RENDER;
use super::Entry;
use crate::spec::mistake::{At, Mistake, Place, push};
use crate::spec::node::{Node, Value};

/// The entries whose keys are text, each key once.
pub(super) fn unique<'a>(
    entries: impl IntoIterator<Item = &'a (Node, Node)>,
    block: &'static str,
    out: &mut Vec<Mistake>,
) -> Vec<Entry<'a>> {
    let mut kept: Vec<Entry<'a>> = Vec::new();
    let mut seen = Seen::default();
    for (key, node) in entries {
        let place = key.place;
        let Value::Scalar(name) = &key.value else {
            push(out, || match &key.value {
                Value::Mapping(_) => {
                    Mistake::new(place, "bad-key", "the key is a mapping, as `{{ … }}` is to YAML")
                        .help(RENDER)
                }
                _ => Mistake::new(place, "bad-key", "the key is not a word")
                    .help("write a key that is a word, without brackets"),
            });
            continue;
        };
        let entry = Entry { key: At { place, value: name.as_str() }, node, block };
        match seen.first(entry.key) {
            Some(first) => push(out, || {
                Mistake::new(place, "duplicate-key", format!("{} is given twice", entry.name()))
                    .help(format!("the first is in line {}; keep one of them", first.line()))
            }),
            None => kept.push(entry),
        }
    }
    kept
}

/// Keys and where they stand first. A few are sooner looked through than hashed.
#[derive(Default)]
struct Seen<'a> {
    few: Vec<At<&'a str>>,
    many: HashMap<&'a str, Place>,
}

impl<'a> Seen<'a> {
    const FEW: usize = 24;

    /// Where a key stood before; one that is new is noted.
    fn first(&mut self, key: At<&'a str>) -> Option<Place> {
        let known = self.few.iter().find(|it| it.value == key.value).map(|it| it.place);
        if known.is_some() || self.few.len() < Self::FEW {
            if known.is_none() {
                self.few.push(key);
            }
            return known;
        }
        match self.many.entry(key.value) {
            MapEntry::Occupied(first) => Some(*first.get()),
            MapEntry::Vacant(new) => {
                new.insert(key.place);
                None
            }
        }
    }
}
