//! The block `pages(…)` as it is written: one way to the next page.

use syn::{Ident, LitStr};

use crate::read::{Block, Entry, Key};

/// `pages(…)`.
pub(crate) struct Pages {
    pub(crate) here: Ident,
    pub(crate) link_header: Option<Ident>,
    pub(crate) cursor: Option<Cursor>,
    pub(crate) number: Option<Number>,
    pub(crate) offset: Option<Offset>,
    pub(crate) limit: Option<LitStr>,
    pub(crate) origins: Vec<LitStr>,
}

impl Pages {
    pub(super) fn read(mut entry: Entry<'_, '_>) -> syn::Result<Self> {
        entry.block(Self {
            here: entry.key.clone(),
            link_header: None,
            cursor: None,
            number: None,
            offset: None,
            limit: None,
            origins: Vec::new(),
        })
    }
}

impl Block for Pages {
    const NAME: &'static str = "http.pages";
    const KEYS: &'static [Key<Self>] = &[
        Key {
            name: "link_header",
            form: "link_header",
            read: |pages, mut entry| {
                entry.bare().map(|()| pages.link_header = Some(entry.key.clone()))
            },
        },
        Key {
            name: "cursor",
            form: "cursor(at = \"/meta/next\")` for a URL, or `cursor(at = \"/meta/next\", param = \"cursor\")",
            read: |pages, mut entry| {
                let here = entry.key.clone();
                let empty = Cursor { here, at: None, header: None, param: None };
                entry.block(empty).map(|cursor| pages.cursor = Some(cursor))
            },
        },
        Key {
            name: "number",
            form: "number(param = \"page\")",
            read: |pages, mut entry| {
                let empty = Number { here: entry.key.clone(), param: None, first: None };
                entry.block(empty).map(|number| pages.number = Some(number))
            },
        },
        Key {
            name: "offset",
            form: "offset(param = \"offset\")",
            read: |pages, mut entry| {
                let empty = Offset { here: entry.key.clone(), param: None };
                entry.block(empty).map(|offset| pages.offset = Some(offset))
            },
        },
        Key {
            name: "limit",
            form: "limit = 50",
            read: |pages, mut entry| entry.number().map(|text| pages.limit = Some(text)),
        },
        Key {
            name: "origins",
            form: "origins(\"https://cdn.example.com\")",
            read: |pages, mut entry| entry.texts().map(|texts| pages.origins = texts),
        },
    ];
}

/// `cursor(…)`.
pub(crate) struct Cursor {
    pub(crate) here: Ident,
    pub(crate) at: Option<LitStr>,
    pub(crate) header: Option<LitStr>,
    pub(crate) param: Option<LitStr>,
}

impl Block for Cursor {
    const NAME: &'static str = "http.pages.cursor";
    const KEYS: &'static [Key<Self>] = &[
        Key {
            name: "at",
            form: "at = \"/meta/next\"",
            read: |cursor, mut entry| entry.text().map(|text| cursor.at = Some(text)),
        },
        Key {
            name: "header",
            form: "header = \"X-Next\"",
            read: |cursor, mut entry| entry.text().map(|text| cursor.header = Some(text)),
        },
        Key {
            name: "param",
            form: "param = \"cursor\"",
            read: |cursor, mut entry| entry.text().map(|text| cursor.param = Some(text)),
        },
    ];
}

/// `number(…)`.
pub(crate) struct Number {
    pub(crate) here: Ident,
    pub(crate) param: Option<LitStr>,
    pub(crate) first: Option<LitStr>,
}

impl Block for Number {
    const NAME: &'static str = "http.pages.number";
    const KEYS: &'static [Key<Self>] = &[
        Key {
            name: "param",
            form: "param = \"page\"",
            read: |number, mut entry| entry.text().map(|text| number.param = Some(text)),
        },
        Key {
            name: "first",
            form: "first = 1",
            read: |number, mut entry| entry.number().map(|text| number.first = Some(text)),
        },
    ];
}

/// `offset(…)`.
pub(crate) struct Offset {
    pub(crate) here: Ident,
    pub(crate) param: Option<LitStr>,
}

impl Block for Offset {
    const NAME: &'static str = "http.pages.offset";
    const KEYS: &'static [Key<Self>] = &[Key {
        name: "param",
        form: "param = \"offset\"",
        read: |offset, mut entry| entry.text().map(|text| offset.param = Some(text)),
    }];
}
