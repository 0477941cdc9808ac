//! From nodes to settings, by a walk along the table.
//!
//! Every mistake is reported. A setting that cannot be used is kept as [broken](settings::Given::is_broken), so that nothing more is
//! said of it.

mod block;
mod keys;
pub(crate) mod known;
mod placeholder;

use std::path::Path;

pub(crate) use self::block::{Block, Entry, kind};
pub(crate) use self::keys::{FILE, Keys, Scope, keys_of};
use self::keys::{OPTION, SOURCES, choice};
use self::known::is_known;
use super::check::{self, Finding};
use super::dialect::Dialect;
use super::mistake::{At, Given, MOST_MISTAKES, Mistake, Place, push};
use super::node::{self, Node};
use super::parse::parse;
use super::settings::{self, Pair, Settings, SourceKind, StoreOption, Subject, Value};
use super::table::{Kind, Need, Row, row};
use super::{SecretSource, rules};
use crate::secret::{Secret, is_plain};

/// The way out where an expression of a template was not filled in.
pub(crate) const RENDER: &str = "the file is a template that was not rendered: render it first (with Helm: helm template), and load the result";

/// A watcher that is read and checked: its name, whether or not it can be one, and its settings, unless something is wrong
/// with them.
pub(crate) type Watcher = (Option<At<String>>, Option<Settings>);

/// Reads a watcher and checks it. Relative paths begin in `folder`. Nothing, if it is no mapping.
pub(crate) fn watcher(
    item: &Node,
    defaults: Option<&Settings>,
    folder: &Path,
    out: &mut Vec<Mistake>,
) -> Option<Watcher> {
    let mut settings = read(item, folder, out)?;
    let name = name(item);
    defaults.into_iter().for_each(|defaults| settings.inherit(defaults));
    // Headers are those of the watcher and of the defaults: each of them was checked, and not how many they are.
    let headers = settings.find(row!("http.header")).filter(|given| !given.is_broken);
    let too_many = headers.and_then(|given| check::bounds(given.row, &given.value, Dialect::Yaml));
    let found: Vec<_> = too_many.into_iter().chain(rules::check(&settings)).collect();
    let is_right = found.is_empty() && !settings.given().any(|it| it.is_broken);
    for finding in found {
        push(out, || mistake(&settings, finding));
    }
    Some((name, is_right.then_some(settings)))
}

/// The name of a watcher, as it is written.
fn name(item: &Node) -> Option<At<String>> {
    let node::Value::Mapping(entries) = &item.value else { return None };
    entries.iter().find_map(|(key, node)| match (&key.value, &node.value) {
        (node::Value::Scalar(key), node::Value::Scalar(name)) if key == "name" => {
            Some(At { place: node.place, value: name.clone() })
        }
        _ => None,
    })
}

/// Reads the settings of a watcher. Nothing, if it is no mapping.
fn read(item: &Node, folder: &Path, out: &mut Vec<Mistake>) -> Option<Settings> {
    let node::Value::Mapping(entries) = &item.value else {
        let message = format!("a watcher must be a mapping, found {}", kind(&item.value));
        let help = "write `- name: flags` and its settings under it";
        out.push(Mistake::new(item.place, "wrong-type", message).help(help));
        return None;
    };
    let keys = keys_of("", Scope::Watcher);
    let block = Block::read(entries, keys, out);
    let home = match block.take("name") {
        Given::Written(At { value, .. }) if value.is_scalar() => value.place(),
        _ => item.place,
    };
    let mut reader = Reader::new(folder, Scope::Watcher, home, out);
    reader.block(&block, keys, home);
    Some(reader.settings)
}

/// Reads the `defaults` of a file.
pub(crate) fn defaults(given: Given<Entry<'_>>, folder: &Path, out: &mut Vec<Mistake>) -> Settings {
    let keys = keys_of("", Scope::Defaults);
    let block = Block::optional(given, keys, out);
    let mut reader = Reader::new(folder, Scope::Defaults, Place::START, out);
    reader.block(&block, keys, Place::START);
    let mut settings = reader.settings;
    // Their mistakes are reported whether or not a watcher uses them.
    for source in [SourceKind::Http, SourceKind::ObjectStore] {
        settings.source = source;
        let found = rules::check(&settings).into_iter();
        let is_given = |finding: &Finding| {
            finding.at.row().is_some_and(|row| settings.has(row) && !source.excludes(row))
        };
        let is_of_defaults = |finding: &Finding| {
            is_given(finding) && !["other-source", "no-use", "missing-key"].contains(&finding.code)
        };
        for finding in found.filter(is_of_defaults) {
            push(out, || mistake(&settings, finding));
        }
    }
    settings
}

/// A finding with its place.
pub(crate) fn mistake(settings: &Settings, finding: Finding) -> Mistake {
    let Finding { at, code, message, help } = finding;
    Mistake { help, ..Mistake::new(settings.place(at), code, message) }
}

struct Reader<'a> {
    folder: &'a Path,
    scope: Scope,
    settings: Settings,
    out: &'a mut Vec<Mistake>,
}

impl<'a> Reader<'a> {
    fn new(folder: &'a Path, scope: Scope, home: Place, out: &'a mut Vec<Mistake>) -> Self {
        let settings = Settings::new(SourceKind::Http, Dialect::Yaml, home);
        Self { folder, scope, settings, out }
    }

    /// Reads the settings of a block; `at` is where one is missed.
    fn block(&mut self, block: &Block<'_>, keys: &'static Keys, at: Place) {
        let chosen = self.choose(block, keys, at);
        for (name, row) in keys.settings() {
            let is_choice = row.is_choice() && self.scope == Scope::Watcher;
            if is_choice && chosen != Some(row) {
                if let (true, Given::Written(other)) = (SOURCES.contains(&row), block.take(name)) {
                    self.look_over(row, other.value);
                }
                continue;
            }
            match block.take(name) {
                Given::Absent if row.need == Need::Required && !row.shared => {
                    if self.scope == Scope::Watcher {
                        block.miss(keys, name, at, self.out);
                        self.settings.set_broken(row, at);
                    }
                }
                Given::Absent => {}
                Given::Broken => self.settings.set_broken(row, at),
                Given::Written(At { value, .. }) => self.setting(row, value),
            }
        }
    }

    /// Reports the mistakes of a source that is not followed, as the watcher has another one.
    fn look_over(&mut self, row: Row, entry: Entry<'_>) {
        let mut other = Reader::new(self.folder, self.scope, entry.key.place, self.out);
        other.setting(row, entry);
    }

    /// The one setting of a block of which exactly one has to be given.
    fn choose(&mut self, block: &Block<'_>, keys: &'static Keys, at: Place) -> Option<Row> {
        if self.scope == Scope::Defaults || !keys.rows.iter().any(|row| row.is_choice()) {
            return None;
        }
        let among = keys.settings().filter(|(_, row)| row.is_choice());
        let (names, rows): (Vec<_>, Vec<_>) = among.unzip();
        let chosen = block.choice(&names, choice(keys), at, self.out);
        let row_of = |name: &str| {
            names.iter().zip(&rows).find(|(known, _)| **known == name).map(|(_, row)| *row)
        };
        if keys.block.is_empty() {
            // Of two sources the first is read.
            let given =
                |row: &Row| !matches!(block.take(name_of(&names, &rows, *row)), Given::Absent);
            let source = SOURCES.into_iter().find(given);
            self.settings.source = match source {
                Some(row) if row == row!("object_store") => SourceKind::ObjectStore,
                _ => SourceKind::Http,
            };
            if chosen.is_none() {
                self.settings.set_broken(self.settings.source.url(), at);
            }
            return source;
        }
        let chosen = chosen.and_then(|entry| row_of(entry.key.value));
        if chosen.is_none() {
            // Which one it was to be is not known.
            rows.first().into_iter().for_each(|row| self.settings.set_broken(*row, at));
        }
        chosen
    }

    fn setting(&mut self, row: Row, entry: Entry<'_>) {
        let place = entry.key.place;
        let read = match row.kind {
            Kind::Block => return self.inner_block(row, entry),
            Kind::List { .. } => {
                entry.texts(self.out).map(|texts| At { place, value: Value::List(texts) })
            }
            Kind::Map { .. } => {
                let pairs = entry.map(&row.path(), self.out);
                pairs.map(|pairs| At {
                    place,
                    value: Value::Pairs(pairs.into_iter().map(pair).collect()),
                })
            }
            Kind::Options { .. } => {
                let options = self.options(entry);
                options.map(|options| At { place, value: Value::Options(options) })
            }
            _ => {
                let text = entry.text(self.out);
                return match text {
                    Some(text) => self.text(row, text),
                    None => self.settings.set_broken(row, place),
                };
            }
        };
        match read {
            Some(At { place, value }) => self.keep(row, place, value),
            None => self.settings.set_broken(row, place),
        }
    }

    fn text(&mut self, row: Row, At { place, value: text }: At<&str>) {
        let is_url = matches!(row.kind, Kind::Url(_));
        let refused = if is_url { placeholder::find(text) } else { None };
        let read = match refused {
            Some(invalid) => Err(invalid),
            None => parse(row, text, self.folder),
        };
        match read {
            Ok(value) => self.keep(row, place, value),
            Err(invalid) => {
                let finding = Finding::of(Subject::Row(row), invalid);
                self.settings.set_broken(row, place);
                push(self.out, || mistake(&self.settings, finding));
            }
        }
    }

    /// Keeps a value, unless something is wrong with it.
    fn keep(&mut self, row: Row, place: Place, value: Value) {
        let mut found = Vec::new();
        check::check(row, &value, Dialect::Yaml, &mut found);
        self.settings.set(row, place, value);
        if found.is_empty() {
            return;
        }
        for finding in found {
            push(self.out, || mistake(&self.settings, finding));
        }
        self.settings.break_row(row);
    }

    fn inner_block(&mut self, row: Row, entry: Entry<'_>) {
        let place = entry.key.place;
        let keys = keys_of(row.static_path(), self.scope);
        if keys.known.is_empty() && entry.is_bare() {
            return self.settings.set(row, place, Value::Block);
        }
        let block = match Block::open(entry, keys, self.out) {
            Some(block) => block,
            None => {
                self.settings.set_broken(row, place);
                return;
            }
        };
        // What is missing may be among the keys that were refused.
        if block.is_strange() {
            self.settings.set_broken(row, place);
        } else if !SOURCES.contains(&row) && row != row!("removal") {
            self.settings.set(row, place, Value::Block);
        }
        self.block(&block, keys, place);
    }

    fn options(&mut self, entry: Entry<'_>) -> Option<Vec<StoreOption>> {
        let options = entry.entries(OPTION.block, self.out)?;
        Some(options.into_iter().map(|option| self.option(option)).collect())
    }

    /// A scalar, or where it comes from.
    fn option(&mut self, option: Entry<'_>) -> StoreOption {
        let name = settings::Entry::new(option.key.place, option.key.value.to_owned());
        let read = match option.is_mapping() {
            false => option.filled_text(self.out).map(|At { place, value }| {
                (place, SecretSource::Value(Secret::new(value).written()))
            }),
            true => self.source(option),
        };
        let (place, value) = read.map_or((name.place, None), |(place, it)| (place, Some(it)));
        StoreOption { name, place, value }
    }

    fn source(&mut self, option: Entry<'_>) -> Option<(Place, SecretSource)> {
        let block = Block::open(option, &OPTION, self.out)?;
        let at = option.key.place;
        let source = block.choice(&OPTION.known, choice(&OPTION), at, self.out)?;
        let At { place, value: text } = source.text(self.out)?;
        let source = match source.key.value {
            "env" => SecretSource::Env(text.to_owned()),
            "file" if text.is_empty() => SecretSource::File(text.into()),
            "file" => SecretSource::File(self.folder.join(text)),
            _ => SecretSource::Value(Secret::new(text).written()),
        };
        Some((place, source))
    }
}

fn name_of(names: &[&'static str], rows: &[Row], row: Row) -> &'static str {
    names.iter().zip(rows).find(|(_, it)| **it == row).map_or("", |(name, _)| name)
}

fn pair((name, value): (At<&str>, At<&str>)) -> Pair {
    let entry = |At { place, value }: At<&str>| settings::Entry::new(place, value.to_owned());
    Pair { name: entry(name), value: entry(value), is_default: false }
}

/// Whether a key is one, and not a value in its place.
pub(crate) fn key_may_be_shown(key: &str, value: &Node) -> bool {
    let empty = match &value.value {
        node::Value::Null => true,
        node::Value::Scalar(text) => text.is_empty(),
        node::Value::Sequence(items) => items.is_empty(),
        node::Value::Mapping(entries) => entries.is_empty(),
    };
    (!empty && !key.is_empty() && is_plain(key, "-_")) || is_known(key)
}

/// Whether no more mistakes are looked for.
pub(crate) fn is_full(out: &[Mistake]) -> bool {
    out.len() >= MOST_MISTAKES
}
