//! The `object_store` block, checked.

use std::fmt;
use std::time::Duration;

use url::Url;

use super::{Invalid, SecretSource, Written, body_limit};
use crate::secret::redacted;

/// Objects that are fetched at a time.
pub(crate) const CONCURRENCY: usize = 16;
/// Parts of the keys that are listed at a time.
pub(crate) const LISTING_CONCURRENCY: usize = 8;
/// Objects, where only what is listed is kept.
pub(crate) const OBJECT_LIMIT: usize = 10_000_000;
/// Objects, where their contents are kept.
pub(crate) const CONTENT_LIMIT: usize = 100_000;

/// A checked object store: every part parsed, nothing left that could be wrong but the store itself.
#[derive(Clone, PartialEq)]
pub struct ObjectStoreSpec {
    pub(crate) url: Url,
    /// Options of the store, by the names that `object_store` gives them.
    pub(crate) options: Vec<(String, SecretSource)>,
    /// Globs; nothing means all.
    pub(crate) include: Vec<String>,
    pub(crate) exclude: Vec<String>,
    /// Objects that are younger are left alone.
    pub(crate) settle: Duration,
    pub(crate) concurrency: usize,
    pub(crate) listing_concurrency: usize,
    /// The most objects; the default depends on whether their contents are kept.
    pub(crate) object_limit: Option<usize>,
    pub(crate) body_limit: u64,
}

/// The settings as they were written.
#[derive(Clone, Default)]
pub(super) struct WrittenObjectStore {
    pub(super) options: Vec<(String, SecretSource)>,
    pub(super) include: Vec<String>,
    pub(super) exclude: Vec<String>,
    pub(super) settle: Option<Duration>,
    pub(super) concurrency: Option<usize>,
    pub(super) listing_concurrency: Option<usize>,
    pub(super) object_limit: Option<usize>,
}

impl ObjectStoreSpec {
    pub(super) fn check(written: &Written, mistakes: &mut Vec<Invalid>) -> Option<Self> {
        let store = &written.object_store;
        let mut keep = |mistake| mistakes.push(mistake);
        let url = Url::parse(&written.url).map_err(|error| {
            Invalid::new("object_store.url", "bad-url", format!("not a URL: {error}"))
        });
        let url = url.map_err(&mut keep).ok();
        let body_limit = body_limit::check(written.body_limit).map_err(&mut keep).ok();
        Some(Self {
            url: url?,
            options: store.options.clone(),
            include: store.include.clone(),
            exclude: store.exclude.clone(),
            settle: store.settle.unwrap_or_default(),
            concurrency: store.concurrency.unwrap_or(CONCURRENCY),
            listing_concurrency: store.listing_concurrency.unwrap_or(LISTING_CONCURRENCY),
            object_limit: store.object_limit,
            body_limit: body_limit?,
        })
    }
}

impl fmt::Debug for ObjectStoreSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.options.iter().map(|(name, _)| name).collect::<Vec<_>>();
        f.debug_struct("ObjectStoreSpec")
            .field("url", &redacted(self.url.as_str()))
            .field("options", &names)
            .field("include", &self.include)
            .field("exclude", &self.exclude)
            .finish_non_exhaustive()
    }
}
