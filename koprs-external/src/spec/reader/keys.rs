//! The keys that a mapping may have, made of the table.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::spec::table::{Row, row};

/// The keys that a block knows, and how the block is called in messages.
#[derive(Debug)]
pub(crate) struct Keys {
    /// Where they stand, as the table says it: `http.auth`.
    pub(crate) block: &'static str,
    pub(crate) of: String,
    pub(crate) known: Vec<&'static str>,
    /// The row of each; a file has keys that are no settings.
    pub(crate) rows: Vec<Row>,
    /// Blocks in it, and keys that are looked for there.
    pub(crate) below: Vec<(&'static str, Vec<&'static str>)>,
}

impl Keys {
    /// The block below in which a key stands.
    pub(super) fn below(&self, key: &str) -> Option<&'static str> {
        self.below.iter().find(|(_, keys)| keys.contains(&key)).map(|(block, _)| *block)
    }

    /// The known keys with their rows.
    pub(super) fn settings(&self) -> impl Iterator<Item = (&'static str, Row)> {
        self.known.iter().copied().zip(self.rows.iter().copied())
    }
}

/// Which keys of a block are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Those of a watcher.
    Watcher,
    /// Those that may stand in the `defaults` of a file.
    Defaults,
}

/// The keys of a block; `""` is the watcher itself.
pub(crate) fn keys_of(block: &str, scope: Scope) -> &'static Keys {
    let keys = match scope {
        Scope::Watcher => &OF_WATCHERS,
        Scope::Defaults => &OF_DEFAULTS,
    };
    keys.get(block).unwrap_or(&NONE)
}

/// The keys of a file.
pub(crate) static FILE: LazyLock<Keys> = LazyLock::new(|| {
    let defaults = keys_of("", Scope::Defaults);
    let plain = defaults.settings().filter(|(_, row)| !row.is_choice()).map(|(name, _)| name);
    Keys {
        block: "file",
        of: "the file".to_owned(),
        known: vec!["apiVersion", "defaults", "watchers"],
        rows: Vec::new(),
        below: vec![("defaults", plain.collect())],
    }
});

/// What stands under the name of an option of an object store.
pub(super) static OPTION: LazyLock<Keys> = LazyLock::new(|| {
    let secret = keys_of("http.auth.bearer", Scope::Watcher);
    Keys {
        block: "object_store.option",
        of: "an option".to_owned(),
        known: secret.known.clone(),
        rows: secret.rows.clone(),
        below: Vec::new(),
    }
});

static NONE: Keys =
    Keys { block: "", of: String::new(), known: Vec::new(), rows: Vec::new(), below: Vec::new() };

/// The names of all rows, as YAML spells them.
static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| Row::all().map(|row| row.yaml()).collect());

static OF_WATCHERS: LazyLock<HashMap<&str, Keys>> = LazyLock::new(|| blocks(Scope::Watcher));
static OF_DEFAULTS: LazyLock<HashMap<&str, Keys>> = LazyLock::new(|| blocks(Scope::Defaults));

fn blocks(scope: Scope) -> HashMap<&'static str, Keys> {
    let blocks = Row::all().filter(|row| row.is_block());
    let blocks = blocks.map(|row| (row.static_path(), Some(row)));
    let blocks = std::iter::once(("", None)).chain(blocks);
    blocks.map(|(path, row)| (path, keys(path, row, scope))).collect()
}

fn name(row: Row) -> Option<&'static str> {
    NAMES.get(row.index()).map(String::as_str)
}

fn settings(block: &str, scope: Scope) -> impl Iterator<Item = (&'static str, Row)> {
    let is_here = move |row: &Row| scope == Scope::Watcher || row.shared;
    let rows = Row::all().filter(move |row| row.block == block).filter(is_here);
    rows.filter_map(|row| Some((name(row)?, row)))
}

fn keys(block: &'static str, row: Option<Row>, scope: Scope) -> Keys {
    let (known, rows) = settings(block, scope).unzip();
    let below = settings(block, scope).filter(|(_, row)| row.is_block()).map(|(name, row)| {
        let below = settings(row.static_path(), scope).map(|(name, _)| name);
        (name, below.collect())
    });
    let is_secret = |known: &Vec<&str>| known.as_slice() == ["env", "file", "value"];
    let known: Vec<_> = known;
    let of = match (row, scope) {
        (None, Scope::Watcher) => "a watcher".to_owned(),
        (None, Scope::Defaults) => "`defaults`".to_owned(),
        (Some(_), _) if is_secret(&known) => "a secret".to_owned(),
        (Some(row), Scope::Defaults) if row.is_choice() => {
            format!("`{}` of `defaults`", row.yaml())
        }
        (Some(row), _) => format!("`{}`", row.yaml()),
    };
    Keys { block, of, known, rows, below: below.collect() }
}

/// What is chosen among the settings of a block of which exactly one is given.
pub(super) fn choice(keys: &Keys) -> &'static str {
    match keys.block {
        "" => "what is polled",
        "http.body" => "the kind of `body`",
        "http.auth" => "the kind of `auth`",
        "http.pages" => "the way to the next page",
        "http.pages.cursor" => "where the cursor stands",
        _ => "where the secret comes from",
    }
}

/// The rows of what is polled.
pub(super) const SOURCES: [Row; 2] = [row!("http"), row!("object_store")];
