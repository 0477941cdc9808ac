//! The block `auth` as it is written: one kind of credential, and where its secret comes from.

use crate::config::block::{Block, Entry, Keys};
use crate::config::place::{At, Mistake};

pub(super) const AUTH: Keys =
    Keys { of: "`auth`", known: &["bearer"], below: &[("bearer", SECRET.known)] };
const SECRET: Keys = Keys { of: "a secret", known: &["env", "file", "value"], below: &[] };

/// The block `auth`.
pub(in crate::config) enum RawAuth {
    Bearer(At<RawSecret>),
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
        RawSecret::read(kind, out).map(Self::Bearer)
    }
}

impl RawSecret {
    fn read(entry: Entry<'_>, out: &mut Vec<Mistake>) -> Option<At<Self>> {
        let block = Block::open(entry, SECRET, out)?;
        let source =
            block.choice(SECRET.known, "where the secret comes from", entry.key.place, out)?;
        let At { place, value: text } = source.text(out)?;
        let value = match source.key.value {
            "env" => Self::Env(text),
            "file" => Self::File(text),
            _ => Self::Value(text),
        };
        Some(At { place, value })
    }
}
