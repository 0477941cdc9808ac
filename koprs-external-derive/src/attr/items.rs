//! The blocks `items(…)` and `removal(…)` as they are written.

use syn::{Ident, LitStr};

use crate::quantity::bare;
use crate::read::{Block, Entry, Key};

/// `items(…)`, or `items = "/data"`.
pub(crate) struct Items {
    pub(crate) here: Ident,
    pub(crate) at: Option<LitStr>,
    pub(crate) key: Option<LitStr>,
    pub(crate) limit: Option<LitStr>,
}

impl Items {
    pub(super) fn read(mut entry: Entry<'_, '_>) -> syn::Result<Self> {
        let mut items = Self { here: entry.key.clone(), at: None, key: None, limit: None };
        if entry.is_assigned() {
            items.at = Some(entry.text()?);
            return Ok(items);
        }
        entry.block(items)
    }
}

impl Block for Items {
    const NAME: &'static str = "items";
    const KEYS: &'static [Key<Self>] = &[
        Key {
            name: "at",
            form: "at = \"/data\"",
            read: |items, mut entry| entry.text().map(|text| items.at = Some(text)),
        },
        Key {
            name: "key",
            form: "key = \"/id\"",
            read: |items, mut entry| entry.text().map(|text| items.key = Some(text)),
        },
        Key {
            name: "limit",
            form: "limit = 100000",
            read: |items, mut entry| entry.number().map(|text| items.limit = Some(text)),
        },
    ];
}

/// `removal(…)`.
#[derive(Default)]
pub(crate) struct Removal {
    pub(crate) confirm: Option<LitStr>,
    pub(crate) hold_above: Option<LitStr>,
    pub(crate) hold_min: Option<LitStr>,
}

impl Block for Removal {
    const NAME: &'static str = "removal";
    const KEYS: &'static [Key<Self>] = &[
        Key {
            name: "confirm",
            form: "confirm = 2",
            read: |removal, mut entry| entry.number().map(|text| removal.confirm = Some(text)),
        },
        Key {
            name: "hold_above",
            form: "hold_above = \"50%\"",
            read: |removal, mut entry| {
                entry.quantity(bare::share).map(|text| removal.hold_above = Some(text))
            },
        },
        Key {
            name: "hold_min",
            form: "hold_min = 10",
            read: |removal, mut entry| entry.number().map(|text| removal.hold_min = Some(text)),
        },
    ];
}
