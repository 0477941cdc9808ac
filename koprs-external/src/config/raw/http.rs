//! The block `http` as it is written.

use super::auth::{AUTH, RawAuth};
use super::pages::{PAGES, RawPages};
use crate::config::block::{Block, Entry, Keys};
use crate::config::place::{At, Given, Mistake};

pub(super) const HTTP: Keys = Keys {
    block: "http",
    of: "`http`",
    known: &[
        "url",
        "method",
        "query",
        "header",
        "body",
        "auth",
        "tls",
        "unixSocket",
        "pages",
        "timeout",
        "retries",
        "respectMaxAge",
        "maxInFlight",
        "bodyLimit",
        "headerLimit",
        "redirectLimit",
    ],
    below: &[
        ("auth", AUTH.known),
        ("pages", PAGES.known),
        ("tls", TLS.known),
        ("body", BODY.known),
    ],
};
pub(super) const DEFAULTS: Keys = Keys {
    block: "http",
    of: "`http` of `defaults`",
    known: &[
        "header",
        "tls",
        "timeout",
        "retries",
        "respectMaxAge",
        "maxInFlight",
        "bodyLimit",
        "headerLimit",
        "redirectLimit",
    ],
    below: &[("tls", TLS.known)],
};
pub(super) const BODY: Keys =
    Keys { block: "http.body", of: "`body`", known: &["json", "text"], below: &[] };
pub(super) const TLS: Keys =
    Keys { block: "http.tls", of: "`tls`", known: &["ca", "cert", "key"], below: &[] };

/// The block `http`.
pub(in crate::config) struct RawHttp {
    pub(in crate::config) url: Given<String>,
    pub(in crate::config) method: Given<String>,
    pub(in crate::config) query: Vec<(At<String>, At<String>)>,
    pub(in crate::config) body: Given<RawBody>,
    pub(in crate::config) auth: Given<RawAuth>,
    pub(in crate::config) unix_socket: Given<String>,
    pub(in crate::config) pages: Given<RawPages>,
    pub(in crate::config) common: RawHttpDefaults,
}

/// The settings of `http` that can have a default.
#[derive(Clone)]
pub(in crate::config) struct RawHttpDefaults {
    pub(in crate::config) header: Vec<(At<String>, At<String>)>,
    pub(in crate::config) tls: RawTls,
    pub(in crate::config) timeout: Given<String>,
    pub(in crate::config) retries: Given<String>,
    pub(in crate::config) respect_max_age: Given<String>,
    pub(in crate::config) max_in_flight: Given<String>,
    pub(in crate::config) body_limit: Given<String>,
    pub(in crate::config) header_limit: Given<String>,
    pub(in crate::config) redirect_limit: Given<String>,
}

/// The block `body`.
pub(in crate::config) enum RawBody {
    Json(Given<String>),
    Text(Given<String>),
}

/// The block `tls`.
#[derive(Clone)]
pub(in crate::config) struct RawTls {
    /// Whether and where it is given.
    pub(in crate::config) block: Given<()>,
    pub(in crate::config) ca: Given<String>,
    pub(in crate::config) cert: Given<String>,
    pub(in crate::config) key: Given<String>,
}

impl RawBody {
    fn read(entry: Entry<'_>, out: &mut Vec<Mistake>) -> Option<Self> {
        let block = Block::open(entry, BODY, out)?;
        let kind = block.choice(BODY.known, "the kind of `body`", entry.key.place, out)?;
        Some(match kind.key.value {
            "json" => Self::Json(block.text("json", out)),
            _ => Self::Text(block.text("text", out)),
        })
    }
}

impl RawTls {
    fn read(block: &Block<'_>, out: &mut Vec<Mistake>) -> Self {
        let given = block.take("tls");
        let tls = Block::optional(given.clone(), TLS, out);
        Self {
            // What is missing may be among the keys that were refused.
            block: given.and_then(|_| (!tls.is_strange()).then_some(())),
            ca: tls.text("ca", out),
            cert: tls.text("cert", out),
            key: tls.text("key", out),
        }
    }

    /// No TLS.
    pub(in crate::config) fn none() -> Self {
        let [ca, cert, key] = [Given::Absent, Given::Absent, Given::Absent];
        Self { block: Given::Absent, ca, cert, key }
    }
}

impl RawHttpDefaults {
    pub(super) fn read(block: &Block<'_>, out: &mut Vec<Mistake>) -> Self {
        Self {
            header: pairs(block, "header", out),
            tls: RawTls::read(block, out),
            timeout: block.text("timeout", out),
            retries: block.text("retries", out),
            respect_max_age: block.text("respectMaxAge", out),
            max_in_flight: block.text("maxInFlight", out),
            body_limit: block.text("bodyLimit", out),
            header_limit: block.text("headerLimit", out),
            redirect_limit: block.text("redirectLimit", out),
        }
    }
}

impl RawHttp {
    pub(super) fn read(entry: Entry<'_>, out: &mut Vec<Mistake>) -> Option<Self> {
        let block = Block::open(entry, HTTP, out)?;
        let url = block.text("url", out);
        if matches!(url, Given::Absent) {
            out.push(
                Mistake::new(entry.key.place, "missing-url", "`http` has no `url`")
                    .help("say what is polled: `url: https://api.example.com/v1/flags`"),
            );
        }
        Some(Self {
            url,
            method: block.text("method", out),
            query: pairs(&block, "query", out),
            body: block.take("body").and_then(|at| RawBody::read(at.value, out)),
            auth: block.take("auth").and_then(|at| RawAuth::read(at.value, out)),
            unix_socket: block.text("unixSocket", out),
            pages: block.take("pages").and_then(|at| RawPages::read(at.value, out)),
            common: RawHttpDefaults::read(&block, out),
        })
    }
}

fn pairs(
    block: &Block<'_>,
    key: &'static str,
    out: &mut Vec<Mistake>,
) -> Vec<(At<String>, At<String>)> {
    match block.take(key) {
        Given::Written(at) => at.value.map(out).unwrap_or_default(),
        _ => Vec::new(),
    }
}
