//! The block `auth` as it is written: one kind of credential, and where its secret comes from.

use crate::config::block::{Block, Entry, Keys};
use crate::config::place::{At, Given, Mistake, Place};

pub(super) const AUTH: Keys = Keys {
    block: "http.auth",
    of: "`auth`",
    known: &["bearer", "basic", "header", "query", "oauth2"],
    below: &[
        ("bearer", BEARER.known),
        ("basic", BASIC.known),
        ("header", HEADER.known),
        ("oauth2", OAUTH2.known),
    ],
};
pub(super) const SECRET: &[&str] = &["env", "file", "value"];
pub(super) const BEARER: Keys =
    Keys { block: "http.auth.bearer", of: "a secret", known: SECRET, below: &[] };
pub(super) const BASIC: Keys = Keys {
    block: "http.auth.basic",
    of: "`basic`",
    known: &["username", "password"],
    below: &[("password", SECRET)],
};
pub(super) const PASSWORD: Keys =
    Keys { block: "http.auth.basic.password", of: "a secret", known: SECRET, below: &[] };
pub(super) const HEADER: Keys = Keys {
    block: "http.auth.header",
    of: "`header`",
    known: &["name", "prefix", "env", "file", "value"],
    below: &[],
};
pub(super) const QUERY: Keys = Keys {
    block: "http.auth.query",
    of: "`query`",
    known: &["name", "env", "file", "value"],
    below: &[],
};
pub(super) const OAUTH2: Keys = Keys {
    block: "http.auth.oauth2",
    of: "`oauth2`",
    known: &["tokenUrl", "clientId", "clientSecret", "scopes", "audience", "margin"],
    below: &[("clientSecret", SECRET)],
};
pub(super) const CLIENT_SECRET: Keys =
    Keys { block: "http.auth.oauth2.client_secret", of: "a secret", known: SECRET, below: &[] };

/// The block `auth`. What is missing in it was reported.
pub(in crate::config) enum RawAuth {
    Bearer(Given<RawSecret>),
    Basic { username: Given<String>, password: Given<RawSecret> },
    Header { name: Given<String>, prefix: Given<String>, secret: Given<RawSecret> },
    Query { name: Given<String>, secret: Given<RawSecret> },
    OAuth2(RawOAuth2),
}

/// The block `oauth2`.
pub(in crate::config) struct RawOAuth2 {
    pub(in crate::config) token_url: Given<String>,
    pub(in crate::config) client_id: Given<String>,
    pub(in crate::config) client_secret: Given<RawSecret>,
    pub(in crate::config) scopes: Given<Vec<At<String>>>,
    pub(in crate::config) audience: Given<String>,
    pub(in crate::config) margin: Given<String>,
}

/// Where a secret comes from.
pub(in crate::config) enum RawSecret {
    Env(String),
    File(String),
    Value(String),
}

impl RawAuth {
    pub(super) fn read(entry: Entry<'_>, out: &mut Vec<Mistake>) -> Option<Self> {
        let block = Block::open(entry, AUTH, out)?;
        let kind = block.choice(AUTH.known, "the kind of `auth`", entry.key.place, out)?;
        let at = kind.key.place;
        Some(match kind.key.value {
            "basic" => {
                let block = Block::open(kind, BASIC, out)?;
                Self::Basic {
                    username: block.required(BASIC, "username", at, out),
                    password: RawSecret::under(&block, BASIC, "password", PASSWORD, at, out),
                }
            }
            "header" => {
                let block = Block::open(kind, HEADER, out)?;
                Self::Header {
                    name: block.required(HEADER, "name", at, out),
                    prefix: block.text("prefix", out),
                    secret: RawSecret::of(&block, at, out),
                }
            }
            "query" => {
                let block = Block::open(kind, QUERY, out)?;
                Self::Query {
                    name: block.required(QUERY, "name", at, out),
                    secret: RawSecret::of(&block, at, out),
                }
            }
            "oauth2" => {
                let block = Block::open(kind, OAUTH2, out)?;
                Self::OAuth2(RawOAuth2 {
                    token_url: block.required(OAUTH2, "tokenUrl", at, out),
                    client_id: block.required(OAUTH2, "clientId", at, out),
                    client_secret: RawSecret::under(
                        &block,
                        OAUTH2,
                        "clientSecret",
                        CLIENT_SECRET,
                        at,
                        out,
                    ),
                    scopes: block.texts("scopes", out),
                    audience: block.text("audience", out),
                    margin: block.text("margin", out),
                })
            }
            _ => Self::Bearer(RawSecret::of(&Block::open(kind, BEARER, out)?, at, out)),
        })
    }
}

impl RawSecret {
    /// The secret of a block that has its keys; its place is that of the text.
    pub(super) fn of(block: &Block<'_>, at: Place, out: &mut Vec<Mistake>) -> Given<Self> {
        let source = block.choice(SECRET, "where the secret comes from", at, out);
        let text = source.and_then(|source| source.text(out).map(|text| (source, text)));
        let Some((source, At { place, value: text })) = text else { return Given::Broken };
        let value = match source.key.value {
            "env" => Self::Env(text),
            "file" => Self::File(text),
            _ => Self::Value(text),
        };
        Given::Written(At { place, value })
    }

    /// The key that it stands under.
    pub(in crate::config) fn key(&self) -> &'static str {
        match self {
            Self::Env(_) => "env",
            Self::File(_) => "file",
            Self::Value(_) => "value",
        }
    }

    /// The secret under a key that cannot be left out.
    fn under(
        block: &Block<'_>,
        around: Keys,
        key: &'static str,
        keys: Keys,
        at: Place,
        out: &mut Vec<Mistake>,
    ) -> Given<Self> {
        block.miss(around, key, at, out);
        match block.take(key) {
            Given::Written(At { value: entry, .. }) => match Block::open(entry, keys, out) {
                Some(block) => Self::of(&block, entry.key.place, out),
                None => Given::Broken,
            },
            _ => Given::Broken,
        }
    }
}
