//! A mapping of the file, asked for its keys by name.
//!
//! Opening a block reports what is wrong with its keys: unknown, misspelled, twice, beside their block. A
//! misspelled key counts as its setting, unusable, so that one mistake is not told twice.

use std::collections::HashMap;
use std::collections::hash_map::Entry as MapEntry;

use super::mask::key_may_be_shown;
use super::place::{At, Given, Mistake, PATIENCE, Place, tell};
use super::suggest::{Similar, is_spelling, list};
use super::tree::{Node, Value};
use crate::spec::meant;
use crate::spec::object_store::options::is_option;
use crate::spec::settings::{SETTINGS, Setting};

/// Keys that cannot be left out.
const REQUIRED: [&str; 4] = ["apiVersion", "watchers", "name", "url"];

/// How lists and mappings are written, by where they stand.
const EXAMPLES: &[(&str, &str)] = &[
    ("file.watchers", "`- name: flags` and its settings under it"),
    ("file.defaults", "`defaults: { interval: 30s }`"),
    ("items", "`items: { at: /data, key: /id }`"),
    ("ignore", "`ignore: [/updated_at]`"),
    ("removal", "`removal: { confirm: 2 }`"),
    ("http", "`http:` and under it `url: https://api.example.com/v1/flags`"),
    ("http.query", "`query: { page_size: 100 }`"),
    ("http.header", "`header: { X-Team: flags }`"),
    ("http.body", "`body: { text: … }`"),
    ("http.body.json", "the JSON in quotes: `json: '{ \"page_size\": 100 }'`"),
    ("http.auth", "`auth: { bearer: { env: NAME } }`"),
    ("http.auth.bearer", "`bearer: { env: NAME }`"),
    ("http.auth.basic", "`basic: { username: operator, password: { env: NAME } }`"),
    ("http.auth.basic.password", "`password: { env: NAME }`"),
    ("http.auth.header", "`header: { name: X-Api-Key, env: NAME }`"),
    ("http.auth.query", "`query: { name: api_key, env: NAME }`"),
    (
        "http.auth.oauth2",
        "`oauth2: { tokenUrl: https://…, clientId: operator, clientSecret: { env: NAME } }`",
    ),
    ("http.auth.oauth2.client_secret", "`clientSecret: { env: NAME }`"),
    ("http.auth.oauth2.scopes", "`scopes: [read]`"),
    ("http.tls", "`tls: { ca: ca.pem }`"),
    ("http.pages", "`pages: { linkHeader: {} }`"),
    ("http.pages.link_header", "`linkHeader: {}`"),
    ("http.pages.cursor", "`cursor: { at: /meta/next, param: cursor }`"),
    ("http.pages.number", "`number: { param: page }`"),
    ("http.pages.offset", "`offset: { param: offset }`"),
    ("http.pages.origins", "`origins: [https://cdn.example.com]`"),
    ("object_store", "`objectStore:` and under it `url: s3://bucket/models/`"),
    ("object_store.option", "`option: { aws_region: eu-west-1 }`"),
    ("object_store.include", "`include: [\"**/*.yaml\"]`"),
    ("object_store.exclude", "`exclude: [\"tmp/**\"]`"),
];

/// The keys that a block knows, and how the block is called in messages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys {
    /// Where they stand, as the settings say it: `http.auth`.
    pub(super) block: &'static str,
    pub(super) of: &'static str,
    pub(super) known: &'static [&'static str],
    /// Blocks in it, and keys that are looked for there.
    pub(super) below: &'static [(&'static str, &'static [&'static str])],
}

impl Keys {
    /// The block below in which a key stands.
    fn below(&self, key: &str) -> Option<&'static str> {
        self.below.iter().find(|(_, keys)| keys.contains(&key)).map(|(block, _)| *block)
    }
}

/// A key and what stands under it.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) key: At<&'a str>,
    node: &'a Node,
    /// The block in which it stands.
    block: &'static str,
}

/// An open mapping.
#[derive(Default)]
pub(super) struct Block<'a> {
    entries: Vec<Entry<'a>>,
    /// Keys that it has, unusable, which was reported.
    broken: Vec<&'static str>,
    /// Whether what is missing may be among the unknown keys: one of them holds a mapping, or there are
    /// no others.
    strange: bool,
}

impl<'a> Block<'a> {
    /// Opens the mapping under a key.
    pub(super) fn open(entry: Entry<'a>, keys: Keys, out: &mut Vec<Mistake>) -> Option<Self> {
        match &entry.node.value {
            Value::Mapping(entries) => Some(Self::read(entries, keys, out)),
            _ => refuse(entry, "a mapping", out),
        }
    }

    /// The block under a key that can be left out. One that cannot be read has its keys, unusable.
    pub(super) fn optional(given: Given<Entry<'a>>, keys: Keys, out: &mut Vec<Mistake>) -> Self {
        match given.and_then(|at| Self::open(at.value, keys, out)) {
            Given::Absent => Self::default(),
            Given::Broken => Self { broken: keys.known.to_vec(), ..Self::default() },
            Given::Written(at) => at.value,
        }
    }

    /// Reads the keys of a mapping.
    pub(super) fn read(
        entries: impl IntoIterator<Item = &'a (Node, Node)>,
        keys: Keys,
        out: &mut Vec<Mistake>,
    ) -> Self {
        let entries = unique(entries, keys.block, out);
        let spilled = spilled(&entries, keys);
        let names: Vec<_> = entries.iter().map(|entry| entry.key.value).collect();
        let mut block = Self::default();
        let mut unknown_ones = false;
        for (n, entry) in entries.into_iter().enumerate() {
            let name = entry.key.value;
            if spilled.contains(&name) {
                continue;
            }
            if keys.known.contains(&name) {
                block.entries.push(entry);
                continue;
            }
            match keys.below(name).filter(|below| spilled.contains(below)) {
                Some(below) => tell(out, || beside(entry, below, follows(&names, n, below, keys))),
                None => {
                    let similar = match out.len() < PATIENCE {
                        true => Similar::setting(name, keys.known.iter().copied()),
                        false => Similar::None,
                    };
                    block.broken.extend(
                        similar.word().or_else(|| below(keys, name).map(|(block, _)| block)),
                    );
                    block.strange |= matches!(entry.node.value, Value::Mapping(_));
                    unknown_ones = true;
                    tell(out, || unknown(entry, keys, similar));
                }
            }
        }
        block.broken.extend(spilled);
        block.strange |= unknown_ones && block.entries.is_empty();
        block
    }

    /// Whether only keys that it does not know are in it.
    pub(super) fn is_strange(&self) -> bool {
        self.strange
    }

    /// The entry of a known key.
    pub(super) fn take(&self, key: &'static str) -> Given<Entry<'a>> {
        match self.entries.iter().find(|entry| entry.key.value == key) {
            Some(entry) => Given::Written(At { place: entry.key.place, value: *entry }),
            None if self.broken.contains(&key) => Given::Broken,
            None => Given::Absent,
        }
    }

    /// The text of a known key; its place is that of the text.
    pub(super) fn text(&self, key: &'static str, out: &mut Vec<Mistake>) -> Given<String> {
        match self.take(key) {
            Given::Absent => Given::Absent,
            Given::Broken => Given::Broken,
            Given::Written(at) => at.value.text(out).map_or(Given::Broken, Given::Written),
        }
    }

    /// The text of a key that cannot be left out. `at` is where it is missed.
    pub(super) fn required(
        &self,
        keys: Keys,
        key: &'static str,
        at: Place,
        out: &mut Vec<Mistake>,
    ) -> Given<String> {
        self.miss(keys, key, at, out);
        self.text(key, out)
    }

    /// Reports a key that is not there.
    pub(super) fn miss(&self, keys: Keys, key: &'static str, at: Place, out: &mut Vec<Mistake>) {
        if self.strange || !matches!(self.take(key), Given::Absent) {
            return;
        }
        let message = format!("{} has no `{key}`", keys.of);
        let help = match (example(keys.block, key), setting(keys.block, key)) {
            (Some(example), _) => format!("write {example}"),
            (None, Some(setting)) => format!("`{key}`: {}", setting.doc),
            (None, None) => format!("write `{key}`"),
        };
        out.push(Mistake::new(at, "missing-setting", message).help(help));
    }

    /// The texts of a list; each knows its place.
    pub(super) fn texts(
        &self,
        key: &'static str,
        out: &mut Vec<Mistake>,
    ) -> Given<Vec<At<String>>> {
        self.take(key).and_then(|at| {
            let text = |node: &'a Node| {
                let key = At { place: node.place, ..at.value.key };
                Entry { key, node, ..at.value }
            };
            let items = at.value.list(out)?;
            Some(items.iter().filter_map(|node| text(node).text(out)).collect())
        })
    }

    /// The one key that is given of several, where exactly one has to be. `what` they are is said in
    /// the messages, and `at` is where the missing one is missed.
    pub(super) fn choice(
        &self,
        among: &[&'static str],
        what: &str,
        at: Place,
        out: &mut Vec<Mistake>,
    ) -> Option<Entry<'a>> {
        let refused = |place, code, how: &str| {
            Mistake::new(place, code, format!("{what} {how}")).help(match among {
                [one] => format!("write {}", example("", one).unwrap_or(one)),
                _ => format!("give exactly one of {}", list(among.iter().copied())),
            })
        };
        let mut given = self.entries.iter().filter(|entry| among.contains(&entry.key.value));
        match (given.next(), given.next()) {
            (Some(entry), None) => return Some(*entry),
            (None, _) if self.strange => {}
            (None, _) if among.iter().any(|key| self.broken.contains(key)) => {}
            (None, _) => out.push(refused(at, "missing-choice", "is not given")),
            (Some(_), Some(second)) => {
                out.push(refused(second.key.place, "second-choice", "is given twice"));
            }
        }
        None
    }
}

impl<'a> Entry<'a> {
    /// How its key is called in messages.
    fn name(self) -> String {
        match key_may_be_shown(self.key.value, self.node) {
            true => format!("`{}`", self.key.value),
            false => "the key".to_owned(),
        }
    }

    /// A scalar, as it was written.
    pub(super) fn text(self, out: &mut Vec<Mistake>) -> Option<At<String>> {
        match &self.node.value {
            Value::Scalar(text) => Some(At { place: self.node.place, value: text.clone() }),
            _ => refuse(self, "a value", out),
        }
    }

    /// A scalar that is not empty.
    pub(super) fn filled_text(self, out: &mut Vec<Mistake>) -> Option<At<String>> {
        let text = self.text(out)?;
        if text.value.is_empty() {
            tell(out, || empty(self, "a value"));
            return None;
        }
        Some(text)
    }

    pub(super) fn is_mapping(self) -> bool {
        matches!(self.node.value, Value::Mapping(_))
    }

    /// Whether it has nothing under it: no value, or an empty mapping.
    pub(super) fn is_bare(self) -> bool {
        match &self.node.value {
            Value::Null => true,
            Value::Mapping(entries) => entries.is_empty(),
            Value::Scalar(_) | Value::Sequence(_) => false,
        }
    }

    /// A list.
    pub(super) fn list(self, out: &mut Vec<Mistake>) -> Option<&'a [Node]> {
        match &self.node.value {
            Value::Sequence(items) => Some(items),
            _ => refuse(self, "a list", out),
        }
    }

    /// A mapping of any keys, which stand in `block`.
    pub(super) fn entries(
        self,
        block: &'static str,
        out: &mut Vec<Mistake>,
    ) -> Option<Vec<Entry<'a>>> {
        match &self.node.value {
            Value::Mapping(entries) => Some(unique(entries, block, out)),
            _ => refuse(self, "a mapping", out),
        }
    }

    /// A mapping of any keys to scalars.
    pub(super) fn map(self, out: &mut Vec<Mistake>) -> Option<Vec<(At<String>, At<String>)>> {
        let pair = |entry: Entry<'_>, out: &mut Vec<Mistake>| {
            entry.text(out).map(|value| (entry.key.map(str::to_owned), value))
        };
        let block = if self.key.value == "query" { QUERY } else { "http.header" };
        let entries = self.entries(block, out)?;
        Some(entries.into_iter().filter_map(|entry| pair(entry, out)).collect())
    }
}

/// The entries whose keys are text, each key once.
fn unique<'a>(
    entries: impl IntoIterator<Item = &'a (Node, Node)>,
    block: &'static str,
    out: &mut Vec<Mistake>,
) -> Vec<Entry<'a>> {
    let mut kept: Vec<Entry<'a>> = Vec::new();
    let mut seen = Seen::default();
    for (key, node) in entries {
        let place = key.place;
        let Value::Scalar(name) = &key.value else {
            tell(out, || {
                Mistake::new(place, "bad-key", "the key is not a word")
                    .help("write `key: value`; a placeholder `{{ … }}` has to be filled in before")
            });
            continue;
        };
        let entry = Entry { key: At { place, value: name.as_str() }, node, block };
        match seen.first(entry.key) {
            Some(first) => tell(out, || {
                Mistake::new(place, "duplicate-key", format!("{} is given twice", entry.name()))
                    .help(format!("the first is in line {}; keep one of them", first.line))
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

/// The empty blocks whose keys stand beside them.
fn spilled(entries: &[Entry<'_>], keys: Keys) -> Vec<&'static str> {
    let empty = |block: &str| {
        let mut entries = entries.iter();
        entries.any(|it| it.key.value == block && matches!(it.node.value, Value::Null))
    };
    let beside = |below: &[&str]| {
        let mut names = entries.iter().map(|it| it.key.value);
        names.any(|name| below.contains(&name) && !keys.known.contains(&name))
    };
    let spilled = keys.below.iter().filter(|(block, keys)| empty(block) && beside(keys));
    spilled.map(|(block, _)| *block).collect()
}

/// Whether a key would stand in a block if it were indented: nothing is between them.
fn follows(names: &[&str], n: usize, block: &str, keys: Keys) -> bool {
    let before = names.get(..n).unwrap_or_default();
    before.iter().rev().find(|name| keys.below(name) != Some(block)) == Some(&block)
}

fn beside(entry: Entry<'_>, block: &str, follows: bool) -> Mistake {
    let message = format!("`{}` belongs under `{block}`", entry.key.value);
    let help = match follows {
        true => "indent it by two more spaces".to_owned(),
        false => format!("move it to below `{block}:`, and indent it by two more spaces"),
    };
    Mistake::new(entry.key.place, "unknown-key", message).help(help)
}

fn unknown(entry: Entry<'_>, keys: Keys, similar: Similar<'static>) -> Mistake {
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

/// The way out, where a key of a block is called otherwise.
fn called(keys: Keys, similar: Similar<'static>) -> String {
    match similar {
        Similar::Called("value") => {
            "a secret is named: `env: NAME`, or `file: /path`; written out it is `value`".to_owned()
        }
        Similar::Called(known) => match example(keys.block, known) {
            Some(example) => format!("it is called `{known}`: write {example}"),
            None => format!("it is called `{known}`"),
        },
        other => other.help(keys.known.iter().copied()),
    }
}

/// What others write, and has no setting; in any spelling.
const NOWHERE: [(&str, &[&str], &str); 2] = [
    (
        "http",
        &["proxy", "proxies", "proxyUrl", "httpProxy", "httpsProxy", "noProxy"],
        "proxies come from the environment: `HTTPS_PROXY`, `NO_PROXY`",
    ),
    (
        "http.tls",
        &["insecure", "insecureSkipVerify", "insecureSkipTlsVerify", "skipVerify", "verify"],
        "certificates are always verified: name the file of a private authority by `ca`",
    ),
];

/// What others write here, and has another place.
fn elsewhere(keys: Keys, name: &str) -> Option<String> {
    let nowhere = |(block, names, _): &&(&str, &[&str], &str)| {
        *block == keys.block && names.iter().any(|known| is_spelling(name, known))
    };
    if let Some((.., help)) = NOWHERE.iter().find(nowhere) {
        return Some((*help).to_owned());
    }
    if keys.block == "object_store" && meant::IN_URL.contains(&name) {
        return Some("the URL names it: `url: s3://bucket/models/`".to_owned());
    }
    if keys.block == "object_store" && is_option(name) {
        let form = example("object_store", "option").unwrap_or_default();
        return Some(format!("it is an option of the store: write {form}"));
    }
    if keys.block == "file" && ["kind", "metadata", "spec"].contains(&name) {
        return Some("this is no resource of Kubernetes: leave it out".to_owned());
    }
    let is_here = Similar::setting(name, keys.known.iter().copied()) != Similar::None;
    let (block, known) = below(keys, name).filter(|_| !is_here)?;
    Some(format!("it is called `{known}`, and stands under `{block}`"))
}

/// A key of a block below that others call otherwise, and that block.
fn below(keys: Keys, name: &str) -> Option<(&'static str, &'static str)> {
    let known = keys.below.iter().flat_map(|(_, below)| below.iter().copied());
    let known = meant::setting(name, known)?;
    keys.below(known).map(|block| (block, known))
}

/// The blocks of the sources, and what they are of.
const SOURCES: [(&str, &str); 2] = [("http", "HTTP"), ("object_store", "object stores")];

fn is_source(block: &str) -> bool {
    SOURCES.iter().any(|(source, _)| *source == block)
}

/// The other kind of source that has a key which this one has not.
fn of_another(block: &str, key: &str) -> Option<&'static str> {
    let known = |block: &str| setting(block, key).is_some();
    if !is_source(block) || known(block) {
        return None;
    }
    SOURCES.iter().find(|(other, _)| known(other)).map(|(_, kind)| *kind)
}

/// The block of the query parameters, whose keys are no settings.
const QUERY: &str = "http.query";

/// Reports a value of another kind than `expected`.
fn refuse<T>(entry: Entry<'_>, expected: &str, out: &mut Vec<Mistake>) -> Option<T> {
    tell(out, || match &entry.node.value {
        Value::Null => empty(entry, expected),
        value => {
            let message = format!("{} must be {expected}, found {}", entry.name(), kind(value));
            Mistake::new(entry.key.place, "wrong-type", message).help(way_out(entry, expected))
        }
    });
    None
}

/// How a value is called that is of the wrong kind.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Scalar(_) => "a value",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "a mapping",
    }
}

fn way_out(entry: Entry<'_>, expected: &str) -> String {
    let name = entry.key.value;
    if is_template(entry.node) {
        return "a placeholder `{{ … }}` has to be filled in before".to_owned();
    }
    match (written(entry, expected), setting(entry.block, name)) {
        (how, Some(setting)) if how == expected => format!("`{name}`: {}", setting.doc),
        (how, _) => match &entry.node.value {
            Value::Scalar(text) if text.contains(':') && !text.contains("://") => {
                format!("write {how}, with a space after the colon")
            }
            Value::Sequence(_) if entry.block == QUERY => format!(
                "write {how}; what stands several times goes into the `url`: `?tag=a&tag=b`"
            ),
            _ => format!("write {how}"),
        },
    }
}

/// `{{ .Values.x }}` is a mapping whose key is a mapping.
fn is_template(node: &Node) -> bool {
    let is_mapping = |node: &Node| matches!(node.value, Value::Mapping(_));
    matches!(&node.value, Value::Mapping(entries) if entries.iter().any(|(key, _)| is_mapping(key)))
}

/// How what is `expected` of a key is written.
fn written<'a>(entry: Entry<'_>, expected: &'a str) -> &'a str {
    let example = example(entry.block, entry.key.value);
    let of_a_value = expected == "a value" && entry.key.value != "json";
    example.filter(|_| !of_a_value).unwrap_or(expected)
}

fn example(block: &str, key: &str) -> Option<&'static str> {
    let name = setting(block, key).map_or(key, |setting| setting.name);
    let path = if block.is_empty() { name.to_owned() } else { format!("{block}.{name}") };
    EXAMPLES.iter().find(|(of, _)| *of == path).map(|(_, example)| *example)
}

fn setting(block: &str, key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.block == block && setting.yaml() == key)
}

fn empty(entry: Entry<'_>, expected: &str) -> Mistake {
    let Entry { key, node, .. } = entry;
    let name = key.value;
    let place = if node.place.length == 0 { key.place } else { node.place };
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
