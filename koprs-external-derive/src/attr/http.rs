//! The block `http(…)` as it is written.

use syn::{Ident, LitStr};

use crate::quantity::bare;
use crate::read::{Block, Entry, Key, Pair};

/// `http(…)`.
pub(crate) struct Http {
    pub(crate) at: Ident,
    /// Whether all of it could be read.
    pub(crate) whole: bool,
    pub(crate) url: Option<LitStr>,
    pub(crate) query: Vec<Pair>,
    pub(crate) header: Vec<Pair>,
    pub(crate) auth: Option<Auth>,
    pub(crate) timeout: Option<LitStr>,
    pub(crate) body_limit: Option<LitStr>,
}

impl Http {
    pub(super) fn read(mut entry: Entry<'_, '_>) -> syn::Result<Self> {
        let mistakes = entry.errors.len();
        let mut http = entry.block(Self {
            at: entry.key.clone(),
            whole: false,
            url: None,
            query: Vec::new(),
            header: Vec::new(),
            auth: None,
            timeout: None,
            body_limit: None,
        })?;
        http.whole = entry.errors.len() == mistakes;
        Ok(http)
    }
}

impl Block for Http {
    const NAME: &'static str = "http";
    const KEYS: &'static [Key<Self>] = &[
        Key {
            name: "url",
            form: "url = \"https://…\"",
            read: |http, mut entry| entry.text().map(|text| http.url = Some(text)),
        },
        Key {
            name: "query",
            form: "query(\"name\" = \"value\")",
            read: |http, mut entry| entry.pairs().map(|pairs| http.query = pairs),
        },
        Key {
            name: "header",
            form: "header(\"name\" = \"value\")",
            read: |http, mut entry| entry.pairs().map(|pairs| http.header = pairs),
        },
        Key {
            name: "auth",
            form: "auth(bearer(env = \"TOKEN\"))",
            read: |http, mut entry| {
                let empty = Auth { at: entry.key.clone(), bearer: None };
                entry.block(empty).map(|auth| http.auth = Some(auth))
            },
        },
        Key {
            name: "timeout",
            form: "timeout = \"10s\"",
            read: |http, mut entry| {
                entry.quantity(bare::duration).map(|text| http.timeout = Some(text))
            },
        },
        Key {
            name: "body_limit",
            form: "body_limit = \"8MiB\"",
            read: |http, mut entry| {
                entry.quantity(bare::size).map(|text| http.body_limit = Some(text))
            },
        },
    ];
}

/// `auth(…)`.
pub(crate) struct Auth {
    pub(crate) at: Ident,
    pub(crate) bearer: Option<Bearer>,
}

impl Block for Auth {
    const NAME: &'static str = "http.auth";
    const ONE_OF: bool = true;
    const KEYS: &'static [Key<Self>] = &[Key {
        name: "bearer",
        form: "bearer(env = \"TOKEN\")",
        read: |auth, mut entry| {
            let empty = Bearer { at: entry.key.clone(), env: None, file: None, value: None };
            entry.block(empty).map(|bearer| auth.bearer = Some(bearer))
        },
    }];
}

/// `bearer(…)`.
pub(crate) struct Bearer {
    pub(crate) at: Ident,
    pub(crate) env: Option<LitStr>,
    pub(crate) file: Option<LitStr>,
    pub(crate) value: Option<LitStr>,
}

impl Block for Bearer {
    const NAME: &'static str = "http.auth.bearer";
    const ONE_OF: bool = true;
    const KEYS: &'static [Key<Self>] = &[
        Key {
            name: "env",
            form: "env = \"TOKEN\"",
            read: |bearer, mut entry| entry.text().map(|text| bearer.env = Some(text)),
        },
        Key {
            name: "file",
            form: "file = \"/var/run/secrets/token\"",
            read: |bearer, mut entry| entry.text().map(|text| bearer.file = Some(text)),
        },
        Key {
            name: "value",
            form: "value = \"{token}\"",
            read: |bearer, mut entry| entry.text().map(|text| bearer.value = Some(text)),
        },
    ];
}
