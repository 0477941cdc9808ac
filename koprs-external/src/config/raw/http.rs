//! The block `http` as it is written.

use super::auth::{AUTH, RawAuth};
use crate::config::block::{Block, Entry, Keys};
use crate::config::place::{At, Given, Mistake};

pub(super) const HTTP: Keys = Keys {
    of: "`http`",
    known: &["url", "query", "header", "auth", "timeout", "bodyLimit"],
    below: &[("auth", AUTH.known)],
};
pub(super) const DEFAULTS: Keys =
    Keys { of: "`http` of `defaults`", known: &["header", "timeout", "bodyLimit"], below: &[] };

/// The block `http`.
pub(in crate::config) struct RawHttp {
    pub(in crate::config) url: Given<String>,
    pub(in crate::config) query: Vec<(At<String>, At<String>)>,
    pub(in crate::config) auth: Given<RawAuth>,
    pub(in crate::config) common: RawHttpDefaults,
}

/// The settings of `http` that can have a default.
#[derive(Clone)]
pub(in crate::config) struct RawHttpDefaults {
    pub(in crate::config) header: Vec<(At<String>, At<String>)>,
    pub(in crate::config) timeout: Given<String>,
    pub(in crate::config) body_limit: Given<String>,
}

impl RawHttpDefaults {
    pub(super) fn read(block: &Block<'_>, out: &mut Vec<Mistake>) -> Self {
        Self {
            header: pairs(block, "header", out),
            timeout: block.text("timeout", out),
            body_limit: block.text("bodyLimit", out),
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
            query: pairs(&block, "query", out),
            auth: block.take("auth").and_then(|at| RawAuth::read(at.value, out)),
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
