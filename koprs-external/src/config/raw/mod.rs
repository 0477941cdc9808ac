//! The file as it is written: every setting with its place, none of them understood yet.

mod auth;
mod http;
mod object_store;
mod pages;

pub(super) use self::auth::{RawAuth, RawOAuth2, RawSecret};
use self::http::{DEFAULTS as HTTP_DEFAULTS, HTTP};
pub(super) use self::http::{RawBody, RawHttp, RawHttpDefaults, RawTls};
use self::object_store::{DEFAULTS as OBJECT_STORE_DEFAULTS, OBJECT_STORE};
pub(super) use self::object_store::{RawObjectStore, RawObjectStoreDefaults};
pub(super) use self::pages::{RawFrom, RawPages, RawWay};
use super::block::{Block, Entry, Keys, kind};
use super::place::{At, Given, Mistake, Place};
use super::tree::{Node, Value};
use crate::spec::quote::{Content, quoted};

/// The version of the format.
pub(super) const API_VERSION: &str = "koprs-external/v1";

const FILE: Keys = Keys {
    block: "file",
    of: "the file",
    known: &["apiVersion", "defaults", "watchers"],
    below: &[(
        "defaults",
        &[
            "interval",
            "maxBackoff",
            "jitter",
            "deadline",
            "decode",
            "removal",
            "memoryLimit",
            "walkLimit",
        ],
    )],
};
const WATCHER: Keys = Keys {
    block: "",
    of: "a watcher",
    known: &[
        "name",
        "interval",
        "maxBackoff",
        "jitter",
        "deadline",
        "decode",
        "items",
        "onBadItem",
        "ignore",
        "distinct",
        "removal",
        "memoryLimit",
        "walkLimit",
        "http",
        "objectStore",
    ],
    below: &[
        ("http", HTTP.known),
        ("objectStore", OBJECT_STORE.known),
        ("items", ITEMS.known),
        ("removal", REMOVAL.known),
    ],
};
/// The blocks of a watcher that say what is polled; a watcher has one of them.
const SOURCES: [&str; 2] = ["http", "objectStore"];
const DEFAULTS: Keys = Keys {
    block: "",
    of: "`defaults`",
    known: &[
        "interval",
        "maxBackoff",
        "jitter",
        "deadline",
        "decode",
        "removal",
        "memoryLimit",
        "walkLimit",
        "http",
        "objectStore",
    ],
    below: &[
        ("http", HTTP_DEFAULTS.known),
        ("objectStore", OBJECT_STORE_DEFAULTS.known),
        ("removal", REMOVAL.known),
    ],
};
const ITEMS: Keys =
    Keys { block: "items", of: "`items`", known: &["at", "key", "limit"], below: &[] };
const REMOVAL: Keys = Keys {
    block: "removal",
    of: "`removal`",
    known: &["confirm", "holdAbove", "holdMin"],
    below: &[],
};

/// A file. Its watchers are read one by one.
pub(super) struct RawFile<'a> {
    pub(super) defaults: RawDefaults,
    pub(super) watchers: Given<&'a [Node]>,
}

/// What holds for every watcher that does not say otherwise.
#[derive(Clone)]
pub(super) struct RawDefaults {
    pub(super) schedule: RawSchedule,
    pub(super) http: RawHttpDefaults,
    pub(super) object_store: RawObjectStoreDefaults,
}

/// The settings that watchers of every kind have, and that can have a default.
#[derive(Clone)]
pub(super) struct RawSchedule {
    pub(super) interval: Given<String>,
    pub(super) max_backoff: Given<String>,
    pub(super) jitter: Given<String>,
    pub(super) deadline: Given<String>,
    pub(super) decode: Given<String>,
    pub(super) confirm: Given<String>,
    pub(super) hold_above: Given<String>,
    pub(super) hold_min: Given<String>,
    pub(super) memory_limit: Given<String>,
    pub(super) walk_limit: Given<String>,
}

/// What a watcher says of its value.
pub(super) struct RawValue {
    pub(super) items: Given<RawItems>,
    pub(super) on_bad_item: Given<String>,
    pub(super) ignore: Given<Vec<At<String>>>,
    pub(super) distinct: Given<String>,
}

/// The block `items`.
pub(super) struct RawItems {
    pub(super) at: Given<String>,
    pub(super) key: Given<String>,
    pub(super) limit: Given<String>,
}

/// One entry of `watchers`.
pub(super) struct RawWatcher {
    /// Its name, or where it begins.
    pub(super) place: Place,
    pub(super) name: Given<String>,
    pub(super) schedule: RawSchedule,
    pub(super) value: RawValue,
    pub(super) http: Given<RawHttp>,
    pub(super) object_store: Given<RawObjectStore>,
}

/// Reads the file; nothing when there is no use in going on.
pub(super) fn read<'a>(root: &'a Node, out: &mut Vec<Mistake>) -> Option<RawFile<'a>> {
    let Value::Mapping(entries) = &root.value else {
        let message = match &root.value {
            Value::Null => "the file is empty".to_owned(),
            value => format!("the file must be a mapping, found {}", kind(value)),
        };
        let place = Place { length: 0, ..root.place };
        let begin = format!("begin it with `apiVersion: {API_VERSION}`");
        out.push(Mistake::new(place, "not-a-mapping", message).help(begin));
        return None;
    };
    if let Some(mistake) = super::kind::check(entries) {
        out.push(mistake);
        return None;
    }
    let file = Block::read(entries.iter().filter(|(key, _)| !is_extension(key)), FILE, out);
    api_version(&file, root.place, out);
    let defaults = Block::optional(file.take("defaults"), DEFAULTS, out);
    Some(RawFile {
        defaults: RawDefaults::read(&defaults, out),
        watchers: watchers(&file, root.place, out),
    })
}

/// `x-…` keys are for anchors.
pub(super) fn is_extension(key: &Node) -> bool {
    matches!(&key.value, Value::Scalar(name) if name.starts_with("x-"))
}

fn api_version(file: &Block<'_>, start: Place, out: &mut Vec<Mistake>) {
    let mistake = match file.text("apiVersion", out) {
        Given::Written(At { value, .. }) if value == API_VERSION => return,
        Given::Broken => return,
        Given::Written(At { place, value }) => {
            let shown = quoted(Content::Version, &value);
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

impl RawWatcher {
    pub(super) fn read(item: &Node, out: &mut Vec<Mistake>) -> Option<Self> {
        let Value::Mapping(entries) = &item.value else {
            let message = format!("a watcher must be a mapping, found {}", kind(&item.value));
            let help = "write `- name: flags` and its settings under it";
            out.push(Mistake::new(item.place, "wrong-type", message).help(help));
            return None;
        };
        let block = Block::read(entries, WATCHER, out);
        let name = block.text("name", out);
        let place = match &name {
            Given::Written(At { place, .. }) => *place,
            _ => item.place,
        };
        if matches!(name, Given::Absent) {
            out.push(
                Mistake::new(place, "missing-name", "the watcher has no `name`")
                    .help("names are how watchers are found: `name: flags`"),
            );
        }
        let http = block.take("http").and_then(|at| RawHttp::read(at.value, out));
        let object_store =
            block.take("objectStore").and_then(|at| RawObjectStore::read(at.value, out));
        block.choice(&SOURCES, "what is polled", place, out);
        let schedule = RawSchedule::read(&block, out);
        let value = RawValue::read(&block, out);
        Some(Self { place, name, schedule, value, http, object_store })
    }
}

impl RawValue {
    fn read(block: &Block<'_>, out: &mut Vec<Mistake>) -> Self {
        Self {
            items: block.take("items").and_then(|at| RawItems::read(at.value, out)),
            on_bad_item: block.text("onBadItem", out),
            ignore: block.texts("ignore", out),
            distinct: block.text("distinct", out),
        }
    }
}

impl RawItems {
    fn read(entry: Entry<'_>, out: &mut Vec<Mistake>) -> Option<Self> {
        let block = Block::open(entry, ITEMS, out)?;
        Some(Self {
            at: block.text("at", out),
            key: block.text("key", out),
            limit: block.text("limit", out),
        })
    }
}

impl RawDefaults {
    /// Those of a watcher that stands by itself.
    pub(super) fn none() -> Self {
        Self::read(&Block::default(), &mut Vec::new())
    }

    fn read(block: &Block<'_>, out: &mut Vec<Mistake>) -> Self {
        let http = Block::optional(block.take("http"), HTTP_DEFAULTS, out);
        let object_store = Block::optional(block.take("objectStore"), OBJECT_STORE_DEFAULTS, out);
        Self {
            schedule: RawSchedule::read(block, out),
            http: RawHttpDefaults::read(&http, out),
            object_store: RawObjectStoreDefaults::read(&object_store, out),
        }
    }
}

impl RawSchedule {
    fn read(block: &Block<'_>, out: &mut Vec<Mistake>) -> Self {
        let removal = Block::optional(block.take("removal"), REMOVAL, out);
        Self {
            interval: block.text("interval", out),
            max_backoff: block.text("maxBackoff", out),
            jitter: block.text("jitter", out),
            deadline: block.text("deadline", out),
            decode: block.text("decode", out),
            confirm: removal.text("confirm", out),
            hold_above: removal.text("holdAbove", out),
            hold_min: removal.text("holdMin", out),
            memory_limit: block.text("memoryLimit", out),
            walk_limit: block.text("walkLimit", out),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::spec::settings::SETTINGS;

    /// Every block of a watcher.
    const BLOCKS: [Keys; 19] = [
        WATCHER,
        ITEMS,
        REMOVAL,
        HTTP,
        http::BODY,
        auth::AUTH,
        auth::BEARER,
        auth::BASIC,
        auth::PASSWORD,
        auth::HEADER,
        auth::QUERY,
        auth::OAUTH2,
        auth::CLIENT_SECRET,
        http::TLS,
        pages::PAGES,
        pages::CURSOR,
        pages::NUMBER,
        pages::OFFSET,
        OBJECT_STORE,
    ];

    fn known(keys: &Keys) -> BTreeSet<String> {
        keys.known.iter().map(|key| (*key).to_owned()).collect()
    }

    /// Of every depth.
    #[test]
    fn yaml_knows_the_settings_and_no_others() {
        let mut declared: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for setting in SETTINGS {
            declared.entry(setting.block).or_default().insert(setting.yaml());
        }
        let ours: BTreeMap<_, _> = BLOCKS.iter().map(|keys| (keys.block, known(keys))).collect();
        assert_eq!(ours, declared);
    }

    #[test]
    fn no_block_is_forgotten() {
        let code = [
            include_str!("mod.rs"),
            include_str!("auth.rs"),
            include_str!("http.rs"),
            include_str!("object_store.rs"),
            include_str!("pages.rs"),
        ];
        let blocks = code.into_iter().flat_map(|code| code.split("block: \"").skip(1));
        let blocks: BTreeSet<_> = blocks.filter_map(|rest| rest.split('"').next()).collect();
        // The file itself is no watcher, one block has no keys, and those of an option are no settings.
        let others = ["file", "http.pages.link_header", "object_store.option"];
        let compared = BLOCKS.iter().map(|keys| keys.block).chain(others);
        assert_eq!(blocks, compared.collect());
    }

    #[test]
    fn a_default_is_a_setting() {
        assert!(known(&DEFAULTS).is_subset(&known(&WATCHER)));
        assert!(known(&HTTP_DEFAULTS).is_subset(&known(&HTTP)));
        assert!(known(&OBJECT_STORE_DEFAULTS).is_subset(&known(&OBJECT_STORE)));
    }
}
