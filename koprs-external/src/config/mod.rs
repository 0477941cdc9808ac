//! Watchers declared in YAML: text to checked specs, or every mistake with its place.
//!
//! ```yaml
//! apiVersion: koprs-external/v1
//! defaults:
//!   interval: 30s
//! watchers:
//!   - name: flags
//!     http:
//!       url: https://api.example.com/v1/flags
//!       auth: { bearer: { env: FLAGS_TOKEN } }
//! ```
//!
//! # Settings
//!
//! They are those of `#[derive(ExternalSource)]`, with the same meaning and defaults, but for `params`, `item` and
//! `crate`. All of them:
//!
//! ```
//! # let set: koprs_external::set::WatcherSet = r#"
//! # apiVersion: koprs-external/v1
//! # watchers:
//!   - name: tenants                                 # required
//!     interval: 30s                                 # required, here or in `defaults`
//!     maxBackoff: 5m
//!     jitter: 5%
//!     deadline: 5m
//!     decode: json                                  # yaml, text, bytes, ndjson, csv
//!     items: { at: /data, key: /id, limit: 100000 }
//!     onBadItem: keep                               # fail
//!     ignore: [/updated_at]
//!     distinct: true
//!     removal: { confirm: 2, holdAbove: 50%, holdMin: 10 }
//!     http:
//!       url: https://api.example.com/v1/tenants     # required
//!       method: post                                # get, head
//!       query: { page_size: 100 }
//!       header: { X-Team: flags }
//!       body: { json: '{ "plan": "premium" }' }     # text
//!       auth: { bearer: { env: TOKEN } }            # file, value; the other kinds are below
//!       tls: { ca: ca.crt, cert: tls.crt, key: tls.key }
//!       pages: { linkHeader: {}, limit: 1000, origins: ["https://cdn.example.com"] }
//!       timeout: 10s
//!       retries: 2
//!       respectMaxAge: false
//!       maxInFlight: 8
//!       bodyLimit: 8MiB
//!       headerLimit: 64KiB
//!       redirectLimit: 5
//!   - name: others
//!     interval: 30s
//!     items: { key: /id }
//!     http:
//!       url: http://localhost/v1/others
//!       unixSocket: app.sock
//!       auth: { basic: { username: operator, password: { file: password } } }
//!       ##     { header: { name: X-Api-Key, prefix: "Token ", env: KEY } }
//!       ##     { query: { name: api_key, env: KEY } }
//!       ##     { oauth2: { tokenUrl: "https://…", clientId: operator, clientSecret: { env: SECRET },
//!       ##                 scopes: [read], audience: api, margin: 30s } }
//!       pages: { cursor: { at: /meta/next, param: cursor } }
//!       ##      { cursor: { header: X-Next } }         without `param` it is the URL of the next page
//!       ##      { number: { param: page, first: 1 } }
//!       ##      { offset: { param: offset } }
//! # "#.parse()?;
//! # assert_eq!(set.names().count(), 2);
//! # Ok::<(), koprs_external::error::ExternalError>(())
//! ```
//!
//! Of an object store, with the features `object-store` and that of the store, here `aws`:
//!
//! ```yaml
//!   - name: models
//!     interval: 30s
//!     objectStore:
//!       url: s3://bucket/models/                    # required; file, gs, az, abfss, http, https
//!       option:                                     # by their names in the crate `object_store`
//!         aws_region: eu-west-1
//!         aws_access_key_id: { env: KEY_ID }        # file, value
//!         aws_secret_access_key: { env: KEY }
//!       include: ["**/*.yaml"]
//!       exclude: ["tmp/**"]
//!       settle: 5s
//!       concurrency: 16
//!       listingConcurrency: 8
//!       objectLimit: 100000
//!       bodyLimit: 8MiB
//! ```
//!
//! `defaults` has `interval`, `maxBackoff`, `jitter`, `deadline`, `decode` and `removal`, and under `http` what
//! stands there from `timeout` on, `header` and `tls`, and under `objectStore` what stands there from `settle` on.
//!
//! # How a file is read
//!
//! `text → tree → raw → spec`: the text becomes a tree whose nodes know their places; the tree becomes the
//! written form, where each known setting has a field; the written form becomes a
//! [`WatcherSpec`] by the builder that Rust code uses too. No step stops at its
//! first mistake, and a mistake is told once: what could not be read is not checked further.
//!
//! # What a file may hold
//!
//! - Keys are spelled in `camelCase`; an unknown key is a mistake, except `x-…` keys at the top, which are
//!   for anchors. Aliases and merge keys (`<<`) work.
//! - What `defaults` says holds for each watcher that does not say otherwise, setting by setting; its headers
//!   are added by their names, and its `tls` is for `https` URLs.
//! - A scalar is its text, with or without quotes: `page_size: 100` is `page_size: "100"`.
//! - A relative path (of a secret, of `tls`, of a `unixSocket`) begins in the folder of the YAML file; a URL is
//!   absolute, that of a `file` too.
//! - A body is what is written: it has no placeholders.
//! - A file is UTF-8 and one document. It has at most 1 MiB (as a `ConfigMap`), 32 levels, and 100 000
//!   keys and values together, with aliases followed.
//!
//! # What is shown
//!
//! A [`Diagnostic`] shows its line of the file with every value hidden that may be a secret: all of
//! `auth`, `header`, `query`, `body` and `option`, all under unknown keys, comments, and what a URL has beside its path.

mod block;
mod deserialize;
mod diagnostic;
mod mask;
mod place;
mod raw;
mod reading;
#[cfg(feature = "schema")]
mod schema;
mod snippet;
mod suggest;
mod syntax;
mod tree;
mod validate;

use std::path::Path;

pub use self::diagnostic::{ConfigError, Diagnostic};
use self::mask::Mask;
use self::place::Mistake;
pub(crate) use self::place::{Place, Places};
#[cfg(feature = "schema")]
pub use self::schema::schema;
pub(crate) use self::suggest::Similar;
pub(crate) use self::tree::MOST_BYTES;
use self::tree::Node;
use crate::spec::WatcherSpec;

/// A watcher of a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Declared {
    pub(crate) spec: WatcherSpec,
    pub(crate) places: Places,
}

/// Reads the watchers of a file, in the order of the file.
pub(crate) fn read(file: &Path, bytes: &[u8]) -> Result<Vec<Declared>, ConfigError> {
    let text = String::from_utf8_lossy(bytes);
    let mistake = match std::str::from_utf8(bytes) {
        Err(error) if bytes.len() <= MOST_BYTES => syntax::not_utf8(bytes, error),
        _ => return load(file, &text),
    };
    Err(ConfigError::new(file, &text, &Mask::Words, vec![mistake]))
}

/// Reads the watchers of a text.
pub(crate) fn load(file: &Path, text: &str) -> Result<Vec<Declared>, ConfigError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let root = match parse(text) {
        Ok(root) => root,
        Err(mistake) => return Err(ConfigError::new(file, text, &Mask::Words, vec![mistake])),
    };
    let mut mistakes = Vec::new();
    let folder = file.parent().unwrap_or(Path::new(""));
    let written = raw::read(&root, &mut mistakes);
    let declared = written.map(|written| validate::file(written, folder, &mut mistakes));
    match declared {
        Some(declared) if mistakes.is_empty() => Ok(declared),
        _ => Err(ConfigError::new(file, text, &Mask::of(&root), mistakes)),
    }
}

fn parse(text: &str) -> Result<Node, Mistake> {
    if text.len() > MOST_BYTES {
        return Err(syntax::too_large());
    }
    tree::parse(text).map_err(|error| syntax::mistake(&error, text))
}

#[cfg(test)]
mod tests;
#[cfg(test)]
#[cfg(all(feature = "aws", feature = "oauth2", feature = "schema"))]
mod vocabulary;
