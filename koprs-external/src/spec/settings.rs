//! What a declaration says: for each row of the table at most one value, and where that stands.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use super::dialect::Dialect;
use super::mistake::Place;
use super::table::{Kind, Row, Setting, row};
use super::{SecretSource, header};
use crate::secret::Secret;

/// What is polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SourceKind {
    Http,
    ObjectStore,
}

impl SourceKind {
    /// The row of its URL.
    pub(crate) fn url(self) -> Row {
        match self {
            Self::Http => row!("http.url"),
            Self::ObjectStore => row!("object_store.url"),
        }
    }

    /// Whether a row belongs to a source of the other kind.
    pub(crate) fn excludes(self, row: Row) -> bool {
        let source = row.block.split('.').next().unwrap_or_default();
        match self {
            Self::Http => source == "object_store",
            Self::ObjectStore => source == "http",
        }
    }
}

/// The settings of one declaration, in the order of the table.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) source: SourceKind,
    /// How the declaration spells names.
    pub(crate) dialect: Dialect,
    /// Where the declaration stands: the place of what is missing.
    pub(crate) home: Place,
    given: Vec<Given>,
}

/// A setting that is given.
#[derive(Clone)]
pub(crate) struct Given {
    pub(crate) row: Row,
    pub(crate) place: Place,
    /// Whether it comes from the `defaults` of a file.
    pub(crate) is_default: bool,
    /// Whether it cannot be used, which was reported.
    pub(crate) is_broken: bool,
    pub(crate) value: Value,
}

/// The value of a setting.
#[derive(Clone, PartialEq)]
pub(crate) enum Value {
    /// A block, whose settings have rows of their own.
    Block,
    Flag(bool),
    Whole(u64),
    Bytes(u64),
    Ratio(f64),
    Duration(Duration),
    Word(&'static str),
    Text(String),
    Path(PathBuf),
    Secret(Secret),
    List(Vec<Entry>),
    Pairs(Vec<Pair>),
    Options(Vec<StoreOption>),
}

/// A text of a list or a map.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) place: Place,
    pub(crate) text: String,
}

/// Where a text stands says nothing of it.
impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Entry {
    pub(crate) fn new(place: Place, text: String) -> Self {
        Self { place, text }
    }

    /// A text that was not read.
    pub(crate) fn nowhere(text: String) -> Self {
        Self::new(Place::NOWHERE, text)
    }
}

/// A text with a name: a header or a query parameter.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) name: Entry,
    pub(crate) value: Entry,
    /// Whether it comes from the `defaults` of a file.
    pub(crate) is_default: bool,
}

impl PartialEq for Pair {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.value == other.value
    }
}

/// An option of an object store.
#[derive(Clone)]
pub(crate) struct StoreOption {
    pub(crate) name: Entry,
    /// Where its value stands.
    pub(crate) place: Place,
    /// Nothing, where that was reported.
    pub(crate) value: Option<SecretSource>,
}

impl PartialEq for StoreOption {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.value == other.value
    }
}

/// A setting, or one entry of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Row(Row),
    Entry(Row, usize),
    /// The declaration as a whole.
    Whole,
}

impl Subject {
    pub(crate) fn row(self) -> Option<Row> {
        match self {
            Self::Row(row) | Self::Entry(row, _) => Some(row),
            Self::Whole => None,
        }
    }
}

impl Settings {
    pub(crate) fn new(source: SourceKind, dialect: Dialect, home: Place) -> Self {
        Self { source, dialect, home, given: Vec::new() }
    }

    /// Gives back the memory that no setting takes.
    pub(crate) fn shrink_to_fit(&mut self) {
        self.given.shrink_to_fit();
    }

    /// All settings that are given.
    pub(crate) fn given(&self) -> impl Iterator<Item = &Given> {
        self.given.iter()
    }

    /// Sets a value, in the place of one that was set before.
    pub(crate) fn set(&mut self, row: Row, place: Place, value: Value) {
        self.insert(Given { row, place, is_default: false, is_broken: false, value });
    }

    /// Notes a setting that is there and cannot be read, or that is missed, as reported.
    pub(crate) fn set_broken(&mut self, row: Row, place: Place) {
        let value = Value::Block;
        self.insert(Given { row, place, is_default: false, is_broken: true, value });
    }

    fn insert(&mut self, given: Given) {
        match self.position(given.row) {
            Ok(at) => self.given.splice(at..=at, [given]).for_each(drop),
            Err(at) => self.given.insert(at, given),
        }
    }

    fn position(&self, row: Row) -> Result<usize, usize> {
        self.given.binary_search_by_key(&row, |given| given.row)
    }

    /// A setting as it is given, usable or not.
    pub(crate) fn find(&self, row: Row) -> Option<&Given> {
        self.position(row).ok().and_then(|at| self.given.get(at))
    }

    /// The value of a setting to be extended; that of a new one is `value`.
    pub(crate) fn value_mut(&mut self, row: Row, value: Value) -> Option<&mut Value> {
        let at = match self.position(row) {
            Ok(at) => at,
            Err(at) => {
                let place = Place::NOWHERE;
                let given = Given { row, place, is_default: false, is_broken: false, value };
                self.given.insert(at, given);
                at
            }
        };
        self.given.get_mut(at).map(|given| &mut given.value)
    }

    /// Takes out the settings of a block and the block itself.
    pub(crate) fn remove_block(&mut self, path: &str) {
        let is_in = |block: &str| {
            block.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.given.retain(|given| !is_in(given.row.block) && !is_in(&given.row.path()));
    }

    /// Marks a setting as reported.
    pub(crate) fn break_row(&mut self, row: Row) {
        let at = self.position(row).ok();
        if let Some(given) = at.and_then(|at| self.given.get_mut(at)) {
            given.is_broken = true;
        }
    }

    /// Whether a setting is given, usable or not.
    pub(crate) fn has(&self, row: Row) -> bool {
        self.find(row).is_some()
    }

    pub(crate) fn is_broken(&self, row: Row) -> bool {
        self.find(row).is_some_and(|given| given.is_broken)
    }

    /// The value of a setting that is given and usable.
    pub(crate) fn value(&self, row: Row) -> Option<&Value> {
        self.find(row).filter(|given| !given.is_broken).map(|given| &given.value)
    }

    /// The value of a setting that is given.
    pub(crate) fn get<'a, T: FromValue<'a>>(&'a self, row: Row) -> Option<T> {
        self.value(row).and_then(T::from_value)
    }

    /// The value of a setting, or the default of its row.
    pub(crate) fn or_default<T: for<'a> FromValue<'a> + Default>(&self, row: Row) -> T {
        let default = || row.default.value().as_ref().and_then(T::from_value);
        self.get(row).or_else(default).unwrap_or_default()
    }

    /// The texts of a list, also where one of them was reported.
    pub(crate) fn list(&self, row: Row) -> &[Entry] {
        match self.find(row).map(|given| &given.value) {
            Some(Value::List(entries)) => entries,
            _ => &[],
        }
    }

    /// The texts of a map, also where one of them was reported.
    pub(crate) fn pairs(&self, row: Row) -> &[Pair] {
        match self.find(row).map(|given| &given.value) {
            Some(Value::Pairs(pairs)) => pairs,
            _ => &[],
        }
    }

    /// The options of an object store, also where one of them was reported.
    pub(crate) fn options(&self) -> &[StoreOption] {
        match self.find(row!("object_store.option")).map(|given| &given.value) {
            Some(Value::Options(options)) => options,
            _ => &[],
        }
    }

    /// The one row of several in a block that is given.
    pub(crate) fn choice(&self, block: &str) -> Option<Row> {
        let usable = self.given.iter().filter(|given| !given.is_broken);
        usable.map(|given| given.row).find(|row| row.block == block && row.is_choice())
    }

    /// The secret that stands in a block.
    pub(crate) fn secret(&self, block: &str) -> Option<SecretSource> {
        let names = ["env", "file", "value"];
        let given = self.given.iter();
        let mut secrets = given.filter(|it| it.row.block == block && names.contains(&it.row.name));
        secret_of(&secrets.next()?.value)
    }

    /// Takes over the defaults of a file, where they apply and nothing else is said.
    pub(crate) fn inherit(&mut self, defaults: &Self) {
        let is_plain = self.get::<&str>(row!("http.url")).is_some_and(is_plain_http);
        for default in &defaults.given {
            let row = default.row;
            // A default CA has no use for an `http` URL, and no object store answers 404.
            let is_useless = is_plain && (row == row!("http.tls") || row.block == "http.tls")
                || self.source == SourceKind::ObjectStore && row == row!("removal.confirm");
            if is_useless || self.source.excludes(row) {
                continue;
            }
            match (self.position(row).ok().and_then(|at| self.given.get_mut(at)), &default.value) {
                (None, _) => self.insert(Given { is_default: true, ..default.clone() }),
                // What is broken may have any number of them.
                (
                    Some(Given { value: Value::Pairs(own), is_broken: false, .. }),
                    Value::Pairs(defaults),
                ) if !default.is_broken => {
                    let name = |pair: &Pair| pair.name.text.to_ascii_lowercase();
                    let overridden: HashSet<_> = own.iter().map(name).collect();
                    let kept = defaults.iter().filter(|pair| !overridden.contains(&name(pair)));
                    let kept = kept.map(|pair| Pair { is_default: true, ..pair.clone() });
                    own.splice(0..0, kept.collect::<Vec<_>>());
                }
                _ => {}
            }
        }
    }

    /// Where something stands: a setting, or the block that it is missing in.
    pub(crate) fn place(&self, subject: Subject) -> Place {
        match subject {
            Subject::Whole => self.home,
            Subject::Row(row) => self.place_of(&row.path()),
            Subject::Entry(row, n) => match self.find(row).map(|given| &given.value) {
                Some(Value::List(entries)) => entries.get(n).map(|entry| entry.place),
                Some(Value::Pairs(pairs)) => pairs.get(n).map(|pair| pair.name.place),
                Some(Value::Options(options)) => options.get(n).map(|option| option.name.place),
                _ => None,
            }
            .unwrap_or_else(|| self.place(Subject::Row(row))),
        }
    }

    /// Where the setting of a path stands, or the block that it is missing in.
    pub(crate) fn place_of(&self, path: &str) -> Place {
        let mut path = path;
        loop {
            match (self.exact(path), path.rsplit_once('.')) {
                (Some(place), _) => return place,
                (None, Some((outer, _))) => path = outer,
                (None, None) => return self.home,
            }
        }
    }

    /// Where the setting of a path stands, if it is given: of a list and a map also one entry, as `ignore.0` and
    /// `http.header.x-team`.
    pub(crate) fn exact(&self, path: &str) -> Option<Place> {
        self.given.iter().find_map(|given| {
            let own = given.row.path();
            match path.strip_prefix(own.as_str())? {
                "" => Some(given.place),
                entry => given.value.entry(entry.strip_prefix('.')?),
            }
        })
    }

    /// All places with the names of their settings, and whether they are in the `defaults` of a file. The declaration
    /// itself has no name.
    pub(crate) fn places(&self) -> impl Iterator<Item = (Option<&'static str>, Place, bool)> {
        let of = self.given.iter().flat_map(|given| {
            let own = (given.place, given.is_default);
            let entries = given.value.places(given.is_default);
            let name = given.row.static_path();
            std::iter::once(own).chain(entries).map(move |(place, is)| (Some(name), place, is))
        });
        std::iter::once((None, self.home, false)).chain(of)
    }

    /// Where the value of a setting stands; that of an option of a store has its own place.
    pub(crate) fn value_place(&self, path: &str) -> Place {
        let option = path.strip_prefix("object_store.option.");
        let found = option.and_then(|name| {
            self.options().iter().find(|it| it.name.text.eq_ignore_ascii_case(name))
        });
        found.map_or_else(|| self.place_of(path), |option| option.place)
    }

    /// How a subject is called in the declaration: `interval`, `http.header.x-team`, `ignore.0`.
    pub(crate) fn path(&self, subject: Subject) -> String {
        let (row, n) = match subject {
            Subject::Whole => return "watcher".to_owned(),
            Subject::Row(row) => return row.path(),
            Subject::Entry(row, n) => (row, n),
        };
        let name = match self.find(row).map(|given| &given.value) {
            Some(Value::Pairs(pairs)) => pairs.get(n).map(|pair| header::shown(&pair.name.text)),
            Some(Value::Options(options)) => options.get(n).map(|option| option.name.text.clone()),
            _ => None,
        };
        format!("{}.{}", row.path(), name.unwrap_or_else(|| n.to_string()))
    }

    /// How a setting is spelled here.
    pub(crate) fn name(&self, row: Row) -> String {
        self.dialect.name(row.name)
    }
}

impl Setting {
    /// Whether its block has exactly one of several, which it is one of.
    pub(crate) fn is_choice(&self) -> bool {
        self.need == super::table::Need::OneOf
    }

    pub(crate) fn is_block(&self) -> bool {
        matches!(self.kind, Kind::Block)
    }
}

/// Whether a URL begins with `http://`.
fn is_plain_http(url: &str) -> bool {
    url.get(..7).is_some_and(|begin| begin.eq_ignore_ascii_case("http://"))
}

/// What a value says of where a secret comes from.
fn secret_of(value: &Value) -> Option<SecretSource> {
    match value {
        Value::Text(name) => Some(SecretSource::Env(name.clone())),
        Value::Path(path) => Some(SecretSource::File(path.clone())),
        Value::Secret(secret) => Some(SecretSource::Value(secret.clone())),
        _ => None,
    }
}

impl Given {
    /// Whether it says nothing that is not so without it.
    pub(crate) fn says_nothing(&self) -> bool {
        match &self.value {
            Value::List(entries) => entries.is_empty(),
            Value::Pairs(pairs) => pairs.is_empty(),
            Value::Options(options) => options.is_empty(),
            Value::Text(text) if text.is_empty() => {
                [row!("items.at"), row!("http.auth.header.prefix")].contains(&self.row)
            }
            _ => false,
        }
    }
}

impl Value {
    /// How many bytes of texts it has.
    pub(crate) fn bytes(&self) -> usize {
        let of = |source: &SecretSource| match source {
            SecretSource::Env(name) => name.len(),
            SecretSource::File(path) => path.as_os_str().len(),
            SecretSource::Value(secret) => secret.expose().len(),
        };
        match self {
            Self::Text(text) => text.len(),
            Self::Path(path) => path.as_os_str().len(),
            Self::Secret(secret) => secret.expose().len(),
            Self::List(entries) => entries.iter().map(|entry| entry.text.len()).sum(),
            Self::Pairs(pairs) => {
                pairs.iter().map(|it| it.name.text.len() + it.value.text.len()).sum()
            }
            Self::Options(options) => {
                options.iter().map(|it| it.name.text.len() + it.value.as_ref().map_or(0, of)).sum()
            }
            _ => 0,
        }
    }

    /// Where its entries stand, and whether they are in the `defaults` of a file.
    fn places(&self, is_default: bool) -> Vec<(Place, bool)> {
        match self {
            Self::List(entries) => entries.iter().map(|it| (it.place, is_default)).collect(),
            Self::Pairs(pairs) => pairs
                .iter()
                .flat_map(|it| [it.name.place, it.value.place].map(|at| (at, it.is_default)))
                .collect(),
            Self::Options(options) => options
                .iter()
                .flat_map(|it| [it.name.place, it.place].map(|at| (at, is_default)))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Where an entry stands, by its number or its name.
    fn entry(&self, name: &str) -> Option<Place> {
        match self {
            Self::List(entries) => entries.get(name.parse::<usize>().ok()?).map(|it| it.place),
            Self::Pairs(pairs) => {
                pairs.iter().rev().find(|pair| pair.name.text == name).map(|pair| pair.name.place)
            }
            // Where its value comes from has a place of its own.
            Self::Options(options) => {
                let (name, from) = match name.rsplit_once('.') {
                    Some((name, from)) => (name, Some(from)),
                    None => (name, None),
                };
                let option = options.iter().find(|it| it.name.text.eq_ignore_ascii_case(name))?;
                Some(from.map_or(option.name.place, |_| option.place))
            }
            _ => None,
        }
    }
}

/// A type that values of settings have.
pub(crate) trait FromValue<'a>: Sized {
    /// Nothing for a value of another type.
    fn from_value(value: &'a Value) -> Option<Self>;
}

macro_rules! from_value {
    ($($of:ty: $($pattern:pat => $value:expr),+;)+) => { $(
        impl<'a> FromValue<'a> for $of {
            fn from_value(value: &'a Value) -> Option<Self> {
                match value {
                    $($pattern => Some($value),)+
                    _ => None,
                }
            }
        }
    )+ };
}

from_value! {
    bool: Value::Flag(on) => *on;
    u64: Value::Whole(number) | Value::Bytes(number) => *number;
    u32: Value::Whole(number) => u32::try_from(*number).unwrap_or(u32::MAX);
    usize: Value::Whole(number) => usize::try_from(*number).unwrap_or(usize::MAX);
    f64: Value::Ratio(ratio) => *ratio;
    Duration: Value::Duration(duration) => *duration;
    PathBuf: Value::Path(path) => path.clone();
    String: Value::Text(text) => text.clone();
}

impl<'a> FromValue<'a> for &'a str {
    fn from_value(value: &'a Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text),
            Value::Word(word) => Some(word),
            _ => None,
        }
    }
}
