//! The events of the parser, as a tree.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::rc::Rc;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Span, Tag};

use super::scalar::{Kind, integer};
use super::words::yaml_words;
use super::{MOST_DEPTH, Node, Scalar, Value};
use crate::decode::BodyFormat;
use crate::decode::refused::Refused;
use crate::memory::Full;

/// What a node takes, with its place among its neighbours and the set of the names in a mapping.
const NODE: u64 = 200;

/// Reads the one document of a body that has content. With its aliases followed, it has no more bytes than a body may
/// have; its tree takes no more than a poll may hold.
pub(in crate::decode) fn load(text: &str, format: BodyFormat) -> Result<Rc<Node<'_>>, Refused> {
    let options = granit_parser::options! { emit_comments: false };
    let mut loader = Loader {
        limit: usize::try_from(format.body_limit).unwrap_or(usize::MAX),
        most_nodes: format.walk_limit / NODE,
        walk_limit: format.walk_limit,
        nodes: 0,
        expanded: text.len(),
        anchors: HashMap::new(),
        open: Vec::new(),
        root: None,
    };
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| not_yaml(&error))?;
        loader.event(event, span).map_err(|why| loader.refused(&why, span))?;
    }
    loader
        .root
        .ok_or_else(|| Refused::whole("the body has no content: only comments, or empty documents"))
}

fn not_yaml(error: &ScanError) -> Refused {
    let (line, column) = (error.marker().line(), error.marker().col() + 1);
    let why = match error.kind() {
        // The parser looks ahead, and has a limit of its own.
        ErrorKind::RecursionLimitExceeded => too_deep(),
        kind => match yaml_words(kind) {
            Some((what, _)) => format!("not YAML: {what}"),
            None => format!("not YAML: {}", error.info()),
        },
    };
    Refused::syntax(format!("{why} at line {line} column {column}")).short()
}

struct Loader<'a> {
    limit: usize,
    walk_limit: u64,
    most_nodes: u64,
    nodes: u64,
    /// The bytes of the body, with the aliases so far followed.
    expanded: usize,
    anchors: HashMap<usize, Rc<Node<'a>>>,
    /// The collections that have begun and not ended.
    open: Vec<Open<'a>>,
    root: Option<Rc<Node<'a>>>,
}

/// A collection that has begun.
struct Open<'a> {
    /// By which aliases call it; 0 for none.
    anchor: usize,
    kind: Collection<'a>,
}

enum Collection<'a> {
    Sequence(Vec<Rc<Node<'a>>>),
    Mapping(Mapping<'a>),
}

#[derive(Default)]
struct Mapping<'a> {
    entries: Vec<(Scalar<'a>, Rc<Node<'a>>)>,
    names: HashSet<Cow<'a, str>>,
    /// What the values of merge keys hold.
    merged: Vec<Rc<Node<'a>>>,
    next: Next<'a>,
}

/// What comes next in a mapping.
#[derive(Default)]
enum Next<'a> {
    #[default]
    Key,
    Value(Scalar<'a>),
    Merge,
}

impl<'a> Loader<'a> {
    fn event(&mut self, event: Event<'a>, span: Span) -> Result<(), String> {
        self.nodes += 1;
        if self.nodes > self.most_nodes {
            return Err(Full::Walk(self.walk_limit).to_string());
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => self.scalar(text, style, anchor, tag, span),
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).map(Rc::clone);
                let node = node.ok_or("the alias is a part of what it stands for")?;
                self.expanded = self.expanded.saturating_add(node.size);
                if self.expanded > self.limit {
                    return Err(format!(
                        "with its aliases followed, the body is larger than `body_limit`, {} bytes",
                        self.limit
                    ));
                }
                self.add(node, 0)
            }
            Event::SequenceStart(_, anchor, tag) => {
                collection_tag(tag.as_deref(), "seq")?;
                self.begin(anchor, Collection::Sequence(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => {
                collection_tag(tag.as_deref(), "map")?;
                self.begin(anchor, Collection::Mapping(Mapping::default()))
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(Open { anchor, kind }) = self.open.pop() else { return Ok(()) };
                let value = match kind {
                    Collection::Sequence(items) => Value::Sequence(items),
                    Collection::Mapping(mapping) => Value::Mapping(mapping.end()),
                };
                self.add(Rc::new(Node::new(value)), anchor)
            }
            Event::DocumentStart(..) => {
                self.anchors.clear();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn scalar(
        &mut self,
        text: Cow<'a, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<Cow<'a, Tag>>,
        span: Span,
    ) -> Result<(), String> {
        let is_plain = style == ScalarStyle::Plain;
        // The parser writes `~` for what is not there.
        let is_absent = is_plain && span.is_empty();
        let text = if is_absent { Cow::Borrowed("") } else { text };
        if is_absent && tag.is_none() && self.open.is_empty() {
            return Ok(());
        }
        let is_merge = is_plain && text == "<<";
        if let Some(Open { kind: Collection::Mapping(mapping), .. }) = self.open.last_mut()
            && let Next::Key = mapping.next
            && is_merge
            && tag.as_deref().is_none_or(is_merge_tag)
        {
            mapping.next = Next::Merge;
            return mapping.name(text);
        }
        let kind = scalar_kind(&text, is_plain, tag.as_deref())?;
        self.add(Rc::new(Node::new(Value::Scalar(Scalar { text, kind }))), anchor)
    }

    fn begin(&mut self, anchor: usize, kind: Collection<'a>) -> Result<(), String> {
        self.open.push(Open { anchor, kind });
        if self.open.len() > MOST_DEPTH { Err(too_deep()) } else { Ok(()) }
    }

    /// Takes a node that is complete.
    fn add(&mut self, node: Rc<Node<'a>>, anchor: usize) -> Result<(), String> {
        if self.open.len() + node.depth > MOST_DEPTH {
            return Err(too_deep());
        }
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        match self.open.last_mut().map(|open| &mut open.kind) {
            Some(Collection::Sequence(items)) => items.push(node),
            Some(Collection::Mapping(mapping)) => return mapping.add(node),
            None if self.root.is_some() => {
                return Err("the body has more than one document; send the one that counts".into());
            }
            None => self.root = Some(node),
        }
        Ok(())
    }

    fn refused(&self, why: &str, span: Span) -> Refused {
        let mut path = String::new();
        for open in &self.open {
            match &open.kind {
                Collection::Sequence(items) => {
                    let _ = write!(path, "[{}]", items.len());
                }
                Collection::Mapping(Mapping { next: Next::Value(key), .. }) => {
                    let dot = if path.is_empty() { "" } else { "." };
                    let _ = write!(path, "{dot}{}", key.text);
                }
                Collection::Mapping(_) => {}
            }
        }
        let start = span.tag_start().unwrap_or(span.start);
        let message = format!("{why} (line {} column {})", start.line(), start.col() + 1);
        Refused { path, ..Refused::whole(message) }.short()
    }
}

impl<'a> Mapping<'a> {
    fn add(&mut self, node: Rc<Node<'a>>) -> Result<(), String> {
        match std::mem::take(&mut self.next) {
            Next::Key => {
                let Value::Scalar(key) = &node.value else {
                    return Err("a key is a list or a mapping, and no text".to_owned());
                };
                self.name(name(key))?;
                self.next = Next::Value(key.clone());
            }
            Next::Value(key) => self.entries.push((key, node)),
            Next::Merge => match &node.value {
                Value::Mapping(_) => self.merged.push(node),
                Value::Sequence(nodes)
                    if nodes.iter().all(|node| matches!(node.value, Value::Mapping(_))) =>
                {
                    self.merged.extend(nodes.iter().map(Rc::clone));
                }
                _ => return Err("`<<` wants a mapping, or a list of mappings".to_owned()),
            },
        }
        Ok(())
    }

    fn name(&mut self, name: Cow<'a, str>) -> Result<(), String> {
        let message = format!("the key `{name}` is there twice");
        if self.names.insert(name) { Ok(()) } else { Err(message) }
    }

    /// The entries, with those of merged mappings whose keys it has not.
    fn end(self) -> Vec<(Scalar<'a>, Rc<Node<'a>>)> {
        let Self { mut entries, mut names, merged, .. } = self;
        for node in merged {
            let Value::Mapping(others) = &node.value else { continue };
            for (key, value) in others {
                if names.insert(name(key)) {
                    entries.push((key.clone(), Rc::clone(value)));
                }
            }
        }
        entries
    }
}

/// What tells a key from others. Two spellings of an integer are one key.
fn name<'a>(key: &Scalar<'a>) -> Cow<'a, str> {
    let number = integer(&key.text).filter(|_| key.kind == Kind::Integer);
    number.map_or(key.text.clone(), |number| number.to_string().into())
}

/// What a scalar is, by its tag or the core schema.
fn scalar_kind(text: &str, is_plain: bool, tag: Option<&Tag>) -> Result<Kind, String> {
    let plain = Kind::of_plain(text);
    let Some(tag) = tag else {
        return Ok(if is_plain { plain } else { Kind::Text });
    };
    let kind = match (tag.core_suffix(), plain) {
        (None, _) if is_non_specific(tag) => Some(Kind::Text),
        (None, _) => return Err(unknown(tag)),
        (Some("str"), _) => Some(Kind::Text),
        (Some("null"), Kind::Null) => Some(plain),
        (Some("bool"), Kind::Bool(_)) => Some(plain),
        (Some("int"), Kind::Integer) => Some(plain),
        (Some("float"), Kind::Integer | Kind::Float) => Some(Kind::Float),
        _ => None,
    };
    kind.ok_or_else(|| format!("`{text}` is not what its tag `{}` says", tag.original()))
}

fn collection_tag(tag: Option<&Tag>, core: &str) -> Result<(), String> {
    match tag {
        Some(tag) if !is_non_specific(tag) && tag.core_suffix() != Some(core) => Err(unknown(tag)),
        _ => Ok(()),
    }
}

/// `!`, which says that a scalar is a text.
fn is_non_specific(tag: &Tag) -> bool {
    matches!(tag.suffix_in_namespace("!").as_deref(), Some("" | "!"))
}

fn is_merge_tag(tag: &Tag) -> bool {
    tag.suffix_in_namespace("tag:yaml.org,2002:").as_deref() == Some("merge")
}

fn unknown(tag: &Tag) -> String {
    let tag = tag.original();
    format!(
        "nothing here knows the tag `{tag}`; replace it by what it stands for, or quote the text"
    )
}

fn too_deep() -> String {
    format!("it is nested more than {MOST_DEPTH} deep")
}
