//! The block `http(…)` as it is written.

use syn::{Ident, LitStr};

use super::{Auth, Pages};
use crate::quantity::bare;
use crate::read::{Block, Entry, Key, Pair, Word};

/// `http(…)`.
pub(crate) struct Http {
    pub(crate) at: Ident,
    /// Whether all of it could be read.
    pub(crate) whole: bool,
    pub(crate) url: Option<LitStr>,
    pub(crate) method: Option<Word>,
    pub(crate) query: Vec<Pair>,
    pub(crate) header: Vec<Pair>,
    pub(crate) body: Option<Body>,
    pub(crate) auth: Option<Auth>,
    pub(crate) tls: Option<Tls>,
    pub(crate) unix_socket: Option<LitStr>,
    pub(crate) pages: Option<Pages>,
    pub(crate) timeout: Option<LitStr>,
    pub(crate) retries: Option<LitStr>,
    pub(crate) respect_max_age: bool,
    pub(crate) max_in_flight: Option<LitStr>,
    pub(crate) body_limit: Option<LitStr>,
    pub(crate) header_limit: Option<LitStr>,
    pub(crate) redirect_limit: Option<LitStr>,
}

impl Http {
    pub(super) fn read(mut entry: Entry<'_, '_>) -> syn::Result<Self> {
        let mistakes = entry.errors.len();
        let mut http = entry.block(Self {
            at: entry.key.clone(),
            whole: false,
            url: None,
            method: None,
            query: Vec::new(),
            header: Vec::new(),
            body: None,
            auth: None,
            tls: None,
            unix_socket: None,
            pages: None,
            timeout: None,
            retries: None,
            respect_max_age: false,
            max_in_flight: None,
            body_limit: None,
            header_limit: None,
            redirect_limit: None,
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
            name: "method",
            form: "method = post",
            read: |http, mut entry| entry.word().map(|word| http.method = Some(word)),
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
            name: "body",
            form: "body(json = \"{ … }\")",
            read: |http, mut entry| {
                let empty = Body { here: entry.key.clone(), json: None, text: None };
                entry.block(empty).map(|body| http.body = Some(body))
            },
        },
        Key {
            name: "auth",
            form: "auth(bearer(env = \"TOKEN\"))",
            read: |http, entry| Auth::read(entry).map(|auth| http.auth = Some(auth)),
        },
        Key {
            name: "tls",
            form: "tls(ca = \"/etc/tls/ca.pem\")",
            read: |http, mut entry| {
                let empty = Tls { here: entry.key.clone(), ca: None, cert: None, key: None };
                entry.block(empty).map(|tls| http.tls = Some(tls))
            },
        },
        Key {
            name: "unix_socket",
            form: "unix_socket = \"/run/app.sock\"",
            read: |http, mut entry| entry.text().map(|text| http.unix_socket = Some(text)),
        },
        Key {
            name: "pages",
            form: "pages(link_header)",
            read: |http, entry| Pages::read(entry).map(|pages| http.pages = Some(pages)),
        },
        Key {
            name: "timeout",
            form: "timeout = \"10s\"",
            read: |http, mut entry| {
                entry.quantity(bare::duration).map(|text| http.timeout = Some(text))
            },
        },
        Key {
            name: "retries",
            form: "retries = 2",
            read: |http, mut entry| entry.number().map(|text| http.retries = Some(text)),
        },
        Key {
            name: "respect_max_age",
            form: "respect_max_age",
            read: |http, mut entry| entry.flag().map(|on| http.respect_max_age = on),
        },
        Key {
            name: "max_in_flight",
            form: "max_in_flight = 8",
            read: |http, mut entry| entry.number().map(|text| http.max_in_flight = Some(text)),
        },
        Key {
            name: "body_limit",
            form: "body_limit = \"8MiB\"",
            read: |http, mut entry| {
                entry.quantity(bare::size).map(|text| http.body_limit = Some(text))
            },
        },
        Key {
            name: "header_limit",
            form: "header_limit = \"64KiB\"",
            read: |http, mut entry| {
                entry.quantity(bare::size).map(|text| http.header_limit = Some(text))
            },
        },
        Key {
            name: "redirect_limit",
            form: "redirect_limit = 5",
            read: |http, mut entry| entry.number().map(|text| http.redirect_limit = Some(text)),
        },
    ];
}

/// `body(…)`.
pub(crate) struct Body {
    pub(crate) here: Ident,
    pub(crate) json: Option<LitStr>,
    pub(crate) text: Option<LitStr>,
}

impl Block for Body {
    const NAME: &'static str = "http.body";
    const ONE_OF: bool = true;
    const KEYS: &'static [Key<Self>] = &[
        Key {
            name: "json",
            form: "json = \"{ … }\"",
            read: |body, mut entry| entry.text().map(|text| body.json = Some(text)),
        },
        Key {
            name: "text",
            form: "text = \"…\"",
            read: |body, mut entry| entry.text().map(|text| body.text = Some(text)),
        },
    ];
}

/// `tls(…)`.
pub(crate) struct Tls {
    pub(crate) here: Ident,
    pub(crate) ca: Option<LitStr>,
    pub(crate) cert: Option<LitStr>,
    pub(crate) key: Option<LitStr>,
}

impl Block for Tls {
    const NAME: &'static str = "http.tls";
    const KEYS: &'static [Key<Self>] = &[
        Key {
            name: "ca",
            form: "ca = \"/etc/tls/ca.pem\"",
            read: |tls, mut entry| entry.text().map(|text| tls.ca = Some(text)),
        },
        Key {
            name: "cert",
            form: "cert = \"/etc/tls/tls.crt\"",
            read: |tls, mut entry| entry.text().map(|text| tls.cert = Some(text)),
        },
        Key {
            name: "key",
            form: "key = \"/etc/tls/tls.key\"",
            read: |tls, mut entry| entry.text().map(|text| tls.key = Some(text)),
        },
    ];
}
