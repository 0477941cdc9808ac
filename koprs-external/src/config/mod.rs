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
//! `defaults` has `interval`, `maxBackoff`, `jitter`, `deadline`, `decode`, `removal`, `memoryLimit` and `walkLimit`, and under `http` what
//! stands there from `timeout` on, `header` and `tls`, and under `objectStore` what stands there from `settle` on.
//!
//! # How a file is read
//!
//! `text → nodes → settings → spec`: the text becomes a tree whose nodes know their places. A walk along the table of
//! settings reads each value and checks it, and the rules say what must hold between them; a [`WatcherSpec`] is made of
//! what passed. No step stops at its first mistake, and a mistake is reported once: what could not be read is not
//! checked further.
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
//! - A file is UTF-8 and one document. It has at most 4 MiB, 32 levels, and 500 000 keys and values together,
//!   with aliases followed: more than ten thousand watchers need.
//! - Where the loader is asked to ([`Loader::env`](crate::set::Loader::env)), `${VAR}` and `${VAR:-default}` in a
//!   value are expanded, as text; what they hold is at most 4 MiB together. Otherwise they stay as they are.
//! - Several files can be read as one set ([`Loader::from_paths`](crate::set::Loader::from_paths)).
//!
//! # What is shown
//!
//! A [`Diagnostic`] shows its line of the file. Visible are keys, brackets, and the values of settings that hold no secret,
//! where they read as what the setting holds: `30s` in `timeout`, but not `s3cr3t`. Hidden is everything else: all of
//! `header`, `query`, `body` and `option`, the secrets of `auth`, all under unknown keys, comments, anchors, and what a URL has
//! beside its host and the words of its path. A message quotes no more than that. In a file that does not parse, each line is
//! judged by the keys that it seems to have. A secret that consists of plain words cannot be told from a name.
//! A line is shown as it is written, with `${VAR}`; what a variable holds is in no message.
//!
//! # What is warned of
//!
//! What is legal but unwise is a [`Diagnostic`] of [`Severity::Warning`]:
//!
//! - a secret that stands in the file, and a credential that goes over plain `http` to another machine;
//! - an interval that is less than the timeout of a request;
//! - more than 20 000 requests a day, or 5 000 listings of an object store, by one watcher
//!   ([`WatcherSpec::requests_per_day`]);
//! - removals of a list that are never held, with `holdAbove: 100%`;
//! - a `${VAR}` in a file that is read without its variables;
//! - the URL of an object store that names one object (`s3://bucket/config.yaml`), the beginning of names
//!   (`s3://bucket/logs/2024-`) or a glob: only a folder has objects below it;
//! - a variable of the environment that is set and not read, as `AWS_PROFILE`, where nothing that is read says which
//!   credentials to use;
//! - an empty list, `watchers: []`: a file that was cut off, and has nothing after `watchers:`, is a mistake.

mod carried;
mod codes;
mod diagnostic;
mod env;
mod error;
mod file_place;
mod kind;
mod limits;
mod load;
mod mask;
mod merge_tags;
mod names;
mod raw;
#[cfg(feature = "schema")]
mod schema;
mod snippet;
mod source;
mod syntax;
mod template;
mod tree;
mod validate;
mod warn;

use std::path::Path;
use std::sync::Arc;

pub use self::diagnostic::{Diagnostic, Severity};
pub(crate) use self::env::{Expanded, Variables};
pub use self::error::ConfigError;
pub use self::file_place::FilePlace;
pub(crate) use self::limits::FileLimits;
pub(crate) use self::load::{File, Loaded, Rules, load};
#[cfg(feature = "schema")]
pub use self::schema::schema;
use crate::spec::WatcherSpec;
use crate::spec::mistake::Place;
use crate::spec::settings::Settings;

/// A watcher of a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Declared {
    pub(crate) spec: Box<WatcherSpec>,
    pub(crate) file: Arc<Path>,
    /// Which values of the file may not be shown.
    pub(crate) expanded: Arc<Expanded>,
}

impl Declared {
    /// The settings of the watcher, with their places.
    pub(crate) fn settings(&self) -> &Settings {
        &self.spec.settings
    }

    /// A place of its file.
    pub(crate) fn at(&self, place: Place) -> FilePlace {
        FilePlace::new(Arc::clone(&self.file), place)
    }

    /// Where the watcher itself stands: its name.
    pub(crate) fn home(&self) -> FilePlace {
        self.at(self.settings().home)
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
#[cfg(all(feature = "aws", feature = "oauth2", feature = "schema"))]
mod vocabulary;
