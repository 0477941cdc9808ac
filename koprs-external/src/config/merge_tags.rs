//! Tags on the values of merge keys. serde-saphyr resolves merge keys without their tags, so `<<: !include base.yaml`
//! has to be found in the events of its parser.

use granit_parser::{Event, Parser, ScalarStyle, Tag};

use crate::spec::mistake::Place;

/// Returns each unknown tag on the value of a merge key, or on an item of a list of them.
pub(super) fn unknown_tags(text: &str) -> Vec<(Place, String)> {
    let mut found = Vec::new();
    if !text.contains("<<") || !text.contains('!') {
        return found;
    }
    let mut open: Vec<Open> = Vec::new();
    // Text that is no YAML is reported by whoever reads it.
    for (event, span) in Parser::new_from_str(text).map_while(Result::ok) {
        let is_merged = open.last().is_some_and(Open::is_merged);
        if let Some(tag) = event.tag().filter(|tag| is_merged && !is_known(tag)) {
            let start = span.tag_start().unwrap_or(span.start);
            let tag = tag.original();
            let (line, column, length) = (start.line(), start.col() + 1, tag.chars().count());
            found.push((Place::new(line, column, length), tag));
        }
        match event {
            Event::Scalar(key, style, _, tag) => {
                if let Some(Open::Mapping { is_key: true, merges }) = open.last_mut() {
                    let is_plain = style == ScalarStyle::Plain;
                    *merges = key == "<<" && tag.as_deref().map_or(is_plain, is_merge);
                }
            }
            Event::Alias(_) => {}
            Event::SequenceStart(..) => {
                open.push(Open::Sequence { is_merged });
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open::Mapping { is_key: true, merges: false });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => drop(open.pop()),
            _ => continue,
        }
        open.last_mut().into_iter().for_each(Open::advance);
    }
    found
}

/// A tag of the core schema, or `!`.
fn is_known(tag: &Tag) -> bool {
    tag.core_suffix().is_some() || matches!(tag.suffix_in_namespace("!").as_deref(), Some("" | "!"))
}

fn is_merge(tag: &Tag) -> bool {
    tag.suffix_in_namespace("tag:yaml.org,2002:").as_deref() == Some("merge")
}

/// A collection that has begun and not ended.
enum Open {
    Sequence { is_merged: bool },
    Mapping { is_key: bool, merges: bool },
}

impl Open {
    /// Whether the next node is merged.
    fn is_merged(&self) -> bool {
        match *self {
            Self::Sequence { is_merged } => is_merged,
            Self::Mapping { is_key, merges } => !is_key && merges,
        }
    }

    /// A node of it has ended.
    fn advance(&mut self) {
        if let Self::Mapping { is_key, merges } = self {
            *merges = *merges && *is_key;
            *is_key = !*is_key;
        }
    }
}
