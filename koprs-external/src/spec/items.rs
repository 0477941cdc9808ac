//! `items`: a value that is a list, followed item by item.

use super::settings::Settings;
use super::table::row;
use super::{Format, Pointer, word};

/// A list: where its items are, and what tells them apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Items {
    /// The array or the object of items in the body; the root is the whole body.
    pub(crate) at: Pointer,
    /// The key in an item. Without it the items are the members of an object, and their names the keys.
    pub(crate) key: Option<Pointer>,
    /// The most items.
    pub(crate) limit: usize,
    /// What becomes of a bad one.
    pub(crate) on_bad: OnBadItem,
}

impl Items {
    /// Where the items stand in the body; the root is the whole body.
    pub fn at(&self) -> &Pointer {
        &self.at
    }

    /// The key in an item. Without it the items are the members of an object, and their names the keys.
    pub fn key(&self) -> Option<&Pointer> {
        self.key.as_ref()
    }

    /// The most items.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// What becomes of a bad one.
    pub fn on_bad_item(&self) -> OnBadItem {
        self.on_bad
    }
}

/// What becomes of an item that cannot be decoded or has no key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnBadItem {
    /// It is reported and keeps its last good value; the others go on.
    #[default]
    Keep,
    /// The poll fails.
    Fail,
}

impl OnBadItem {
    const WORDS: [(&'static str, Self); 2] = [("keep", Self::Keep), ("fail", Self::Fail)];

    /// The words of all.
    pub(super) fn words() -> Vec<&'static str> {
        word::all(&Self::WORDS)
    }

    pub(super) fn word(self) -> &'static str {
        word::of(&self, &Self::WORDS)
    }
}

impl Items {
    /// The list, if it is one.
    pub(super) fn from_settings(settings: &Settings) -> Option<Self> {
        let format = settings.get(row!("decode")).and_then(Format::of_word);
        if !settings.has(row!("items")) && !format.is_some_and(Format::is_list) {
            return None;
        }
        let pointer = |text: &str| Pointer::parse("", text).ok();
        let on_bad: Option<&str> = settings.get(row!("on_bad_item"));
        Some(Self {
            at: settings.get(row!("items.at")).and_then(pointer).unwrap_or_default(),
            key: settings.get(row!("items.key")).and_then(pointer),
            limit: settings.or_default(row!("items.limit")),
            on_bad: on_bad
                .and_then(|word| word::value(word, &OnBadItem::WORDS))
                .unwrap_or_default(),
        })
    }
}
