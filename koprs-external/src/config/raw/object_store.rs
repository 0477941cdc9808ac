//! The block `objectStore` as it is written.

use super::auth::{RawSecret, SECRET};
use crate::config::block::{Block, Entry, Keys};
use crate::config::place::{At, Given, Mistake};

pub(super) const OBJECT_STORE: Keys = Keys {
    block: "object_store",
    of: "`objectStore`",
    known: &[
        "url",
        "option",
        "include",
        "exclude",
        "settle",
        "concurrency",
        "listingConcurrency",
        "objectLimit",
        "bodyLimit",
    ],
    below: &[],
};
pub(super) const DEFAULTS: Keys = Keys {
    block: "object_store",
    of: "`objectStore` of `defaults`",
    known: &["settle", "concurrency", "listingConcurrency", "objectLimit", "bodyLimit"],
    below: &[],
};
/// What stands under the name of an option.
const OPTION: Keys =
    Keys { block: "object_store.option", of: "an option", known: SECRET, below: &[] };

/// The block `objectStore`.
pub(in crate::config) struct RawObjectStore {
    pub(in crate::config) url: Given<String>,
    pub(in crate::config) option: Vec<(At<String>, Given<RawSecret>)>,
    pub(in crate::config) include: Given<Vec<At<String>>>,
    pub(in crate::config) exclude: Given<Vec<At<String>>>,
    pub(in crate::config) common: RawObjectStoreDefaults,
}

/// The settings of `objectStore` that can have a default.
#[derive(Clone)]
pub(in crate::config) struct RawObjectStoreDefaults {
    pub(in crate::config) settle: Given<String>,
    pub(in crate::config) concurrency: Given<String>,
    pub(in crate::config) listing_concurrency: Given<String>,
    pub(in crate::config) object_limit: Given<String>,
    pub(in crate::config) body_limit: Given<String>,
}

impl RawObjectStore {
    pub(super) fn read(entry: Entry<'_>, out: &mut Vec<Mistake>) -> Option<Self> {
        let block = Block::open(entry, OBJECT_STORE, out)?;
        let url = block.text("url", out);
        if matches!(url, Given::Absent) {
            out.push(
                Mistake::new(entry.key.place, "missing-url", "`objectStore` has no `url`")
                    .help("say what is polled: `url: s3://bucket/models/`"),
            );
        }
        Some(Self {
            url,
            option: options(&block, out),
            include: block.texts("include", out),
            exclude: block.texts("exclude", out),
            common: RawObjectStoreDefaults::read(&block, out),
        })
    }
}

impl RawObjectStoreDefaults {
    pub(super) fn read(block: &Block<'_>, out: &mut Vec<Mistake>) -> Self {
        Self {
            settle: block.text("settle", out),
            concurrency: block.text("concurrency", out),
            listing_concurrency: block.text("listingConcurrency", out),
            object_limit: block.text("objectLimit", out),
            body_limit: block.text("bodyLimit", out),
        }
    }
}

fn options(block: &Block<'_>, out: &mut Vec<Mistake>) -> Vec<(At<String>, Given<RawSecret>)> {
    let Given::Written(At { value: entry, .. }) = block.take("option") else { return Vec::new() };
    let options = entry.entries(OPTION.block, out).unwrap_or_default().into_iter();
    options.map(|option| (option.key.map(str::to_owned), value(option, out))).collect()
}

/// A scalar, or where it comes from.
fn value(option: Entry<'_>, out: &mut Vec<Mistake>) -> Given<RawSecret> {
    if !option.is_mapping() {
        let text = option.filled_text(out).map_or(Given::Broken, Given::Written);
        return text.and_then(|text| Some(RawSecret::Value(text.value)));
    }
    match Block::open(option, OPTION, out) {
        Some(block) => RawSecret::of(&block, option.key.place, out),
        None => Given::Broken,
    }
}
