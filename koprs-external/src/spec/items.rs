//! `items`: a value that is a list, followed item by item.

use super::{Format, Invalid, Method, Pointer, Written, number, word};

/// The most items of a list.
pub(crate) const LIMIT: usize = 100_000;

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

    #[cfg(feature = "yaml")]
    pub(super) fn word(self) -> &'static str {
        word::of(&self, &Self::WORDS)
    }

    /// Reads its word.
    #[cfg(feature = "yaml")]
    pub(crate) fn parse(setting: &str, text: &str) -> Result<Self, Invalid> {
        word::parse(setting, text, &Self::WORDS, ("bad-word", "`keep` or `fail`"))
    }
}

/// The list as it was written.
#[derive(Clone, Default)]
pub(super) struct WrittenItems {
    pub(super) at: Option<String>,
    pub(super) key: Option<String>,
    pub(super) limit: Option<usize>,
    pub(super) on_bad: Option<OnBadItem>,
}

/// Reads the list, if it is one.
pub(super) fn check(written: &Written, mut refuse: impl FnMut(Invalid)) -> Option<Items> {
    let WrittenItems { at, key, limit, on_bad } = &written.items;
    let by_nature = written.decode.filter(|format| format.is_list());
    if at.is_none() && by_nature.is_none() {
        let given = [
            ("items.key", key.is_some()),
            ("items.limit", limit.is_some()),
            ("on_bad_item", on_bad.is_some()),
        ];
        given.into_iter().filter(|(_, given)| *given).for_each(|(name, _)| refuse(no_list(name)));
        return None;
    }
    let pointer = |setting, text: &str| Pointer::parse(setting, text);
    let at = pointer("items.at", at.as_deref().unwrap_or_default());
    let key = key.as_deref().map(|key| pointer("items.key", key)).transpose();
    let limit = number::within("items.limit", limit.unwrap_or(LIMIT), 1, None);
    if let Some(format) = by_nature {
        if at.as_ref().is_ok_and(|at| !at.is_root()) {
            refuse(Invalid::no_use("items.at", format.word()).help("it is a list: leave `at` out"));
        }
        if matches!(key, Ok(None)) {
            let message = format!("`{}` needs a key", format.word());
            refuse(
                Invalid::new("items.key", "missing-key", message)
                    .help("say what tells its items apart: the `key` of `items`, as `/id`"),
            );
        }
    }
    if let Some(format) = written.decode.filter(|format| format.is_plain()) {
        refuse(Invalid::no_use("items", format.word()).help("it is one value: leave `items` out"));
    }
    if written.method == Some(Method::Head) {
        refuse(
            Invalid::no_use("items", "head")
                .help("leave it out: the answer to a `head` has no body"),
        );
    }
    let mut keep = |mistake| refuse(mistake);
    let (at, key) = (at.map_err(&mut keep).ok(), key.map_err(&mut keep).ok());
    let limit = limit.map_err(&mut keep).ok();
    Some(Items { at: at?, key: key?, limit: limit?, on_bad: on_bad.unwrap_or_default() })
}

/// Whether a list is declared, right or wrong.
pub(super) fn is_list(written: &Written) -> bool {
    written.items.at.is_some() || written.decode.is_some_and(Format::is_list)
}

/// A setting of a list, where there is none.
pub(super) fn no_list(setting: &str) -> Invalid {
    let name = setting.rsplit('.').next().unwrap_or(setting);
    Invalid::new(setting, "not-a-list", format!("`{name}` is of a list, and there is none"))
        .help("declare it by `items`, or leave this out")
}
