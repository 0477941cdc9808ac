//! Which settings a key stands for, where it stands.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::spec::quote::Content;
use crate::spec::table::{Kind, SETTINGS, Setting};

/// Where keys stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    /// In the file itself.
    File,
    /// In a block, by the path of its settings; `""` is a watcher.
    Block(&'static str),
    /// Where they have no meaning, or are names that the declaration gives.
    Closed,
}

/// What stands under a key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Below {
    /// Where the keys of a mapping stand.
    pub(crate) scope: Scope,
    /// What a scalar holds: all of these, of a key of several settings. Nothing: it may be a secret.
    pub(crate) contents: Vec<Content>,
    /// Whether it is the key of no setting, where there could be one.
    pub(crate) is_unknown: bool,
}

impl Below {
    const fn new(scope: Scope, contents: Vec<Content>) -> Self {
        Self { scope, contents, is_unknown: false }
    }
}

static NOTHING: Below = Below::new(Scope::Closed, Vec::new());
static UNKNOWN: Below = Below { scope: Scope::Closed, contents: Vec::new(), is_unknown: true };
static WATCHER: Below = Below::new(Scope::Block(""), Vec::new());

/// What stands under a key, in whatever spelling. A setting in the wrong block is what it is called.
pub(crate) fn below(scope: Scope, key: &str) -> &'static Below {
    let plain = plain(key);
    let found = match scope {
        Scope::Closed => return &NOTHING,
        Scope::File if key.starts_with("x-") => return &WATCHER,
        // A watcher may stand there without its `watchers`.
        Scope::File => OF_THE_FILE.get(plain.as_str()).or_else(|| in_block("", &plain)),
        Scope::Block(block) => in_block(block, &plain),
    };
    found.or_else(|| BY_NAME.get(&plain)).unwrap_or(&UNKNOWN)
}

fn in_block(block: &str, plain: &str) -> Option<&'static Below> {
    BY_PLACE.get(block)?.get(plain)
}

/// Whether a key is that of a setting, in a spelling that is known.
pub(crate) fn is_known(key: &str) -> bool {
    ["apiVersion", "defaults", "watchers"].contains(&key) || NAMES.contains(key)
}

type Keys = HashMap<String, Below>;

static OF_THE_FILE: LazyLock<HashMap<&str, Below>> = LazyLock::new(|| {
    let watcher = || Below::new(Scope::Block(""), Vec::new());
    let version = Below::new(Scope::Closed, vec![Content::Version]);
    [("apiversion", version), ("defaults", watcher()), ("watchers", watcher())].into()
});

static BY_PLACE: LazyLock<HashMap<&str, Keys>> = LazyLock::new(|| {
    let mut blocks: HashMap<&str, Keys> = HashMap::new();
    for setting in SETTINGS {
        blocks.entry(setting.block).or_default().insert(plain(setting.name), of_all(&[setting]));
    }
    blocks
});

static BY_NAME: LazyLock<Keys> = LazyLock::new(|| {
    let mut names: HashMap<String, Vec<&Setting>> = HashMap::new();
    for setting in SETTINGS {
        names.entry(plain(setting.name)).or_default().push(setting);
    }
    names.into_iter().map(|(name, settings)| (name, of_all(&settings))).collect()
});

/// The names of all settings, in both spellings.
static NAMES: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let both = SETTINGS.iter().flat_map(|setting| [setting.name.to_owned(), setting.yaml()]);
    both.collect()
});

/// What stands under a key that is any of these settings.
fn of_all(settings: &[&Setting]) -> Below {
    let contents: Option<Vec<_>> = settings.iter().map(|setting| setting.content()).collect();
    let mut contents = contents.unwrap_or_default();
    contents.dedup();
    let scope = match settings {
        [one] if matches!(one.kind, Kind::Block) => {
            let path = one.path();
            let inner = SETTINGS.iter().find(|setting| setting.block == path);
            inner.map_or(Scope::Closed, |setting| Scope::Block(setting.block))
        }
        _ => Scope::Closed,
    };
    Below::new(scope, contents)
}

fn plain(key: &str) -> String {
    key.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}
