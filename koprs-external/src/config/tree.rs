//! YAML text as a tree whose every node knows its place.
//!
//! A typed deserialization would stop at the first mistake and lose the place of what it buffers, so
//! the file is read into this tree first and walked by hand. Scalars keep the text they were written
//! with: `30` and `true` stay text, and what they mean is decided where they are used. Anchors, aliases
//! and merge keys are resolved; a node keeps the place where it is defined. A tag that is not of the core schema
//! asks for something that nobody here does, as to look up a secret, and is a mistake.
//!
//! The budgets are for files that people write; each is far above any of those, and small enough that
//! a hostile file costs neither memory nor time.

use std::ops::Range;
use std::{fmt, panic, thread};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::DuplicateKeyPolicy;
use serde_saphyr::{Location, NonFiniteFloatPolicy, Options, Spanned, Tagged};

use super::limits::FileLimits;
use super::merge_tags;
use crate::secret::is_plain;
use crate::spec::mistake::{Mistake, Place};
use crate::spec::node::{DEEPEST, Node, Value};

/// The most bytes of a file, unless it is set otherwise: ten thousand watchers have about half.
pub(crate) const MOST_BYTES: usize = 4 * 1024 * 1024;
/// The most anchors.
pub(super) const MOST_ANCHORS: usize = 10_000;
/// The most aliases, and the most merge keys: a few for each of ten thousand watchers.
pub(super) const MOST_ALIASES: usize = 50_000;

/// Reads one document within the default limits. Tags that are not known are mistakes.
#[cfg(any(test, feature = "schema"))]
pub(super) fn parse(text: &str, out: &mut Vec<Mistake>) -> Result<Node, serde_saphyr::Error> {
    parse_within(text, FileLimits::default(), out)
}

/// Reads one document. Tags that are not known are mistakes.
pub(super) fn parse_within(
    text: &str,
    limits: FileLimits,
    out: &mut Vec<Mistake>,
) -> Result<Node, serde_saphyr::Error> {
    let written =
        on_a_large_stack(|| serde_saphyr::from_str_with_options::<Placed>(text, options(limits)))?;
    let merged = merge_tags::unknown_tags(text).into_iter();
    out.extend(merged.map(|(place, tag)| unknown_tag(place, &tag, &Written::Typed)));
    Ok(node(written, text, out))
}

/// The stack on which a file is read. In a debug build the parser needs some 60 KiB for each of the [`DEEPEST`] levels,
/// and the caller may be on a thread with less.
const STACK: usize = 8 * 1024 * 1024;

/// Reads on a thread with [`STACK`]; on this one, where the system has no more threads.
fn on_a_large_stack<T: Send>(read: impl Fn() -> T + Sync) -> T {
    thread::scope(|scope| {
        match thread::Builder::new().stack_size(STACK).spawn_scoped(scope, &read) {
            Ok(reader) => reader.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked)),
            Err(_) => read(),
        }
    })
}

/// Whether a tag is of the core schema (YAML 1.2 §10.3), and leaves a value what it is.
fn is_core(tag: &str) -> bool {
    let core = ["bool", "float", "int", "map", "null", "seq", "str"];
    tag == "!" || tag.strip_prefix(CORE).is_some_and(|name| core.contains(&name))
}

/// What `!!` stands for.
const CORE: &str = "tag:yaml.org,2002:";

fn unknown_tag(place: Place, tag: &str, value: &Written) -> Mistake {
    if let Written::Null = value {
        // It may be a password that begins so.
        return Mistake::new(place, "unknown-tag", "a value that begins with `!` is a tag of YAML")
            .help("quote it");
    }
    let tag = match tag.strip_prefix(CORE) {
        Some(name) => format!("!!{name}"),
        None if tag.starts_with('!') => tag.to_owned(),
        None => format!("!<{tag}>"),
    };
    let message = match is_plain(&tag, "!<>:,._-/") {
        true => format!("nothing here knows the tag `{tag}`"),
        false => "nothing here knows the tag of this value".to_owned(),
    };
    Mistake::new(place, "unknown-tag", message).help(
        "write what it stands for, or `${NAME}` and read the file with `--env`, or quote a text that begins with `!`",
    )
}

fn options(limits: FileLimits) -> Options {
    let nodes = limits.nodes();
    let events = nodes.saturating_mul(4);
    serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        with_snippet: false,
        // The tag is a mistake, and so is no reason to stop.
        ignore_binary_tag_for_string: true,
        budget: serde_saphyr::budget! {
            max_depth: DEEPEST,
            flow_nesting_limit: DEEPEST,
            max_nodes: nodes,
            max_events: events,
            max_total_scalar_bytes: limits.bytes(),
            max_aliases: limits.aliases(),
            max_anchors: limits.anchors(),
            max_merge_keys: limits.aliases(),
            max_recorded_anchor_events: events,
            // Many watchers may share one anchor; what that costs is bounded by what is replayed.
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: nodes,
            max_replay_stack_depth: DEEPEST,
        },
    }
}

/// What serde sees of a node, without the text.
struct Placed {
    place: Place,
    bytes: Range<usize>,
    value: Written,
    /// A tag that is not known.
    tag: Option<Box<str>>,
}

enum Written {
    Null,
    /// A scalar that looks like a number or a boolean; its text is in the source.
    Typed,
    Text(String),
    Sequence(Vec<Placed>),
    Mapping(Vec<(Placed, Placed)>),
}

/// The node of what serde saw.
fn node(written: Placed, text: &str, out: &mut Vec<Mistake>) -> Node {
    let Placed { place, bytes, value, tag } = written;
    let is_tagged = tag.is_some();
    out.extend(tag.map(|tag| unknown_tag(place, &tag, &value)));
    let bytes = bytes.start.min(text.len())..bytes.end.min(text.len());
    let value = match value {
        // There is something, which is the tag.
        Written::Null if is_tagged => Value::Scalar(String::new()),
        Written::Null => Value::Null,
        Written::Typed => {
            let written = text.get(bytes.clone()).unwrap_or_default();
            // A tag gives quoted text a type, and a block: `!!int "30"`.
            Value::Scalar(written.trim_end().trim_matches(['"', '\'']).to_owned())
        }
        Written::Text(value) => Value::Scalar(value),
        Written::Sequence(items) => {
            Value::Sequence(fitted(items.into_iter().map(|item| node(item, text, out))))
        }
        Written::Mapping(entries) => {
            let node = |(key, value)| (node(key, text, out), node(value, text, out));
            Value::Mapping(fitted(entries.into_iter().map(node)))
        }
    };
    Node::new(place, bytes, value)
}

/// What is collected in the place of something larger keeps its memory, unless it is given back.
fn fitted<T>(nodes: impl Iterator<Item = T>) -> Vec<T> {
    let mut nodes: Vec<_> = nodes.collect();
    nodes.shrink_to_fit();
    nodes
}

/// The place of a location of the parser.
pub(super) fn place(location: &Location) -> Place {
    let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let (line, column) = (number(location.line()), number(location.column()));
    Place::new(line.max(1), column.max(1), number(location.span().len()))
}

fn bytes(location: &Location) -> Range<usize> {
    let span = location.span();
    let offset = span.byte_offset().and_then(|at| usize::try_from(at).ok());
    let length = span.byte_len().and_then(|length| usize::try_from(length).ok());
    let start = offset.unwrap_or(usize::MAX);
    start..start.saturating_add(length.unwrap_or(0))
}

/// The parser's own form is twice as large, and is not kept.
impl<'de> Deserialize<'de> for Placed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Tagged(Spanned { value, defined, .. }, tag) = Tagged::deserialize(deserializer)?;
        let tag = tag.filter(|tag| !is_core(tag)).map(Into::into);
        Ok(Self { place: place(&defined), bytes: bytes(&defined), value, tag })
    }
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WrittenVisitor)
    }
}

struct WrittenVisitor;

impl<'de> Visitor<'de> for WrittenVisitor {
    type Value = Written;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Written, E> {
        Ok(Written::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Written, E> {
        Ok(Written::Typed)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Written, E> {
        Ok(Written::Typed)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Written, E> {
        Ok(Written::Typed)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Written, E> {
        Ok(Written::Typed)
    }

    fn visit_str<E>(self, text: &str) -> Result<Written, E> {
        Ok(Written::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Written, A::Error> {
        let mut sequence = Vec::new();
        while let Some(item) = items.next_element()? {
            sequence.push(item);
        }
        sequence.shrink_to_fit();
        Ok(Written::Sequence(sequence))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Written, A::Error> {
        let mut mapping = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            mapping.push(entry);
        }
        mapping.shrink_to_fit();
        Ok(Written::Mapping(mapping))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::node::MOST_NODES;

    fn parse(text: &str) -> Result<Node, serde_saphyr::Error> {
        super::parse(text, &mut Vec::new())
    }

    #[test]
    fn a_tag_that_is_not_known_is_a_mistake_at_its_value() {
        let text = "a: !vault x\nb: [!Sub '${A}', { c: !!binary aGk= }]\n!x d: !!map { e: !env [f] }\ng: !int 3\nh: !<tag:x,2000:y> z\ni: !!set { j }\n";
        let mut mistakes = Vec::new();
        super::parse(text, &mut mistakes).unwrap();
        let seen: Vec<_> =
            mistakes.iter().map(|it| (it.place.line(), it.code, it.message.as_str())).collect();
        let tags = [
            (1, "!vault"),
            (2, "!Sub"),
            (2, "!!binary"),
            (3, "!x"),
            (3, "!env"),
            (4, "!int"),
            (5, "!<tag:x,2000:y>"),
            (6, "!!set"),
        ];
        let expected = tags.map(|(line, tag)| {
            (line, "unknown-tag", format!("nothing here knows the tag `{tag}`"))
        });
        let expected: Vec<_> =
            expected.iter().map(|(line, code, message)| (*line, *code, message.as_str())).collect();
        assert_eq!(seen, expected);
        let known = "a: !!str x\nb: ! 12\nc: !!map { d: !!seq [!!int 1, !!bool true, !!null ~, !!float 1.5] }\nx: &x { y: 1 }\nz: { <<: *x }\n";
        let mut mistakes = Vec::new();
        super::parse(known, &mut mistakes).unwrap();
        assert_eq!(mistakes, []);
    }

    #[test]
    fn a_tag_that_is_not_known_is_a_mistake_on_what_is_merged_too() {
        let rows = [
            ("a: { <<: !vault { x: 1 } }\n", vec![(1, 10, "!vault")]),
            ("a:\n  <<: [*y, !v { x: 1 }, !w { }]\n", vec![(2, 12, "!v"), (2, 25, "!w")]),
            ("<<: !include\nb: !!map { c: <<, d: { <<: ! { } } }\n", vec![(1, 5, "!include")]),
            ("a: { \"<<\": { b: \"!\" } }\n", vec![]),
        ];
        for (text, expected) in rows {
            let text = format!("y: &y {{ z: 1 }}\n{text}");
            let mut mistakes = Vec::new();
            let parsed = super::parse(&text, &mut mistakes);
            assert!(parsed.is_ok(), "{text}: {parsed:?}");
            let seen: Vec<_> = mistakes
                .iter()
                .map(|it| (it.place.line() - 1, it.place.column(), it.message.as_str()))
                .collect();
            let expected: Vec<_> = expected
                .iter()
                .map(|(line, column, tag)| {
                    (*line, *column, format!("nothing here knows the tag `{tag}`"))
                })
                .collect();
            let expected: Vec<_> =
                expected.iter().map(|(line, column, why)| (*line, *column, why.as_str())).collect();
            assert_eq!(seen, expected, "{text}");
        }
    }

    /// The tree in one line: scalars with their line and column.
    fn compact(node: &Node) -> String {
        let (line, column) = (node.place.line(), node.place.column());
        match &node.value {
            Value::Null => format!("null@{line}:{column}"),
            Value::Scalar(text) => format!("{text}@{line}:{column}"),
            Value::Sequence(items) => {
                format!("[{}]", items.iter().map(compact).collect::<Vec<_>>().join(" "))
            }
            Value::Mapping(entries) => {
                let entries =
                    entries.iter().map(|(key, value)| compact(key) + "=" + &compact(value));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(" "))
            }
        }
    }

    #[test]
    fn scalars_keep_their_text_and_their_place() {
        let cases = [
            ("a: 30", "{a@1:1=30@1:4}"),
            ("a: 1_000 # c", "{a@1:1=1_000@1:4}"),
            ("a: yes", "{a@1:1=yes@1:4}"),
            ("a: 007", "{a@1:1=007@1:4}"),
            ("a: .nan", "{a@1:1=.nan@1:4}"),
            ("a: 1e999", "{a@1:1=1e999@1:4}"),
            ("a: '30'", "{a@1:1=30@1:4}"),
            ("a: !!int \"30\"", "{a@1:1=30@1:10}"),
            ("a: !!bool 'true'", "{a@1:1=true@1:11}"),
            ("a: !!int |\n  30\n", "{a@1:1=30@2:3}"),
            ("a: \"\\u00fc\"", "{a@1:1=ü@1:4}"),
            ("a: ~", "{a@1:1=null@1:4}"),
            ("a:", "{a@1:1=null@1:2}"),
            ("30: x", "{30@1:1=x@1:5}"),
            ("ü🔑: x\r\nb: y\r\n", "{ü🔑@1:1=x@1:5 b@2:1=y@2:4}"),
            ("a: [1, {b: c}]", "{a@1:1=[1@1:5 {b@1:9=c@1:12}]}"),
            ("a: |\n  x\n  y\n", "{a@1:1=x\ny\n@2:3}"),
        ];
        for (text, tree) in cases {
            assert_eq!(compact(&parse(text).unwrap()), tree, "{text}");
        }
    }

    #[test]
    fn duplicate_keys_are_kept() {
        assert_eq!(compact(&parse("a: 1\na: 2").unwrap()), "{a@1:1=1@1:4 a@2:1=2@2:4}");
    }

    #[test]
    fn aliases_and_merge_keys_keep_the_place_of_the_definition() {
        let text = "x: &x { p: 1, q: 2 }\ny: *x\nz:\n  <<: *x\n  q: 3\n";
        let x = "{p@1:9=1@1:12 q@1:15=2@1:18}";
        let z = "{q@5:3=3@5:6 p@1:9=1@1:12}";
        let tree = format!("{{x@1:1={x} y@2:1={x} z@3:1={z}}}");
        assert_eq!(compact(&parse(text).unwrap()), tree);
    }

    #[test]
    fn one_anchor_may_serve_many_watchers() {
        let text = "x: &x { p: 1 }\ny:\n".to_owned() + &"  - { <<: *x }\n".repeat(2_000);
        assert!(parse(&text).is_ok());
    }

    #[test]
    fn each_budget_of_a_file_is_held() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        // The list itself is a node, too.
        let nodes = |many: usize| "- x\n".repeat(many - 1);
        let anchors = |many: usize| (0..many).map(|n| format!("- &a{n} x\n")).collect::<String>();
        let aliases = |many: usize| "- &a x\n".to_owned() + &"- *a\n".repeat(many);
        let budgets: [(usize, &dyn Fn(usize) -> String); 4] = [
            (DEEPEST, &deep),
            (MOST_NODES, &nodes),
            (MOST_ANCHORS, &anchors),
            (MOST_ALIASES, &aliases),
        ];
        for (most, text) in budgets {
            assert!(parse(&text(most)).is_ok(), "{most}");
            assert!(parse(&text(most + 1)).is_err(), "{most}");
        }
    }

    #[test]
    fn hostile_files_are_refused_soon() {
        let bomb = (1..9).fold("a0: &a0 [x]\n".to_owned(), |text, n| {
            let last = n - 1;
            let aliases = vec![format!("*a{last}"); 10].join(", ");
            text + &format!("a{n}: &a{n} [{aliases}]\n")
        });
        let deep = "[".repeat(1_000);
        let many = "- x\n".repeat(MOST_NODES + 1);
        for text in [bomb, deep, many] {
            assert!(parse(&text).is_err());
        }
    }
}
