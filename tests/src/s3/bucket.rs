//! What a bucket holds, under any key, and how it cuts a listing into pages.

use std::collections::BTreeMap;
use std::time::SystemTime;

use bytes::Bytes;
use xxhash_rust::xxh3::{xxh3_64_with_seed, xxh3_128};

use super::asked::List;

pub(crate) struct Bucket {
    pub(crate) objects: BTreeMap<String, Stored>,
    pub(crate) listing: Listing,
}

pub(crate) struct Stored {
    pub(crate) content: Bytes,
    /// Quotes included.
    pub(crate) etag: String,
    pub(crate) modified: SystemTime,
}

/// How a bucket lists.
#[derive(Clone, Copy, Debug)]
pub struct Listing {
    /// The most entries of a page, whatever the client asks for.
    pub page_size: usize,
    /// Keys come in an order of their own, which this is the seed of.
    pub shuffled: Option<u64>,
    /// Each page begins with the last entry of the one before. A page has to hold two.
    pub repeats: bool,
    /// `start-after` says nothing to it.
    pub ignores_start_after: bool,
}

impl Default for Listing {
    fn default() -> Self {
        Self { page_size: 1000, shuffled: None, repeats: false, ignores_start_after: false }
    }
}

/// A page: its entries, and where the next one begins.
pub(crate) struct Page<'a> {
    pub(crate) entries: Vec<(&'a str, Option<&'a Stored>)>,
    pub(crate) next: Option<&'a str>,
}

impl Stored {
    /// As S3 does for objects that were written at once, the ETag goes by the content alone.
    pub(crate) fn new(content: Bytes) -> Self {
        let etag = format!("\"{:032x}\"", xxh3_128(&content));
        Self { content, etag, modified: SystemTime::now() }
    }
}

impl Bucket {
    pub(crate) fn new() -> Self {
        Self { objects: BTreeMap::new(), listing: Listing::default() }
    }

    /// The page that is asked for. A token is the name of the last entry before it.
    pub(crate) fn page(&self, asked: &List) -> Page<'_> {
        let mut entries: Vec<_> = self.entries(asked).collect();
        entries.sort_by_key(|(name, _)| self.rank(name));
        entries.dedup_by_key(|(name, _)| *name);
        let after = |name: &str| {
            asked.token.as_deref().is_none_or(|token| match self.listing.repeats {
                true => self.rank(name) >= self.rank(token),
                false => self.rank(name) > self.rank(token),
            })
        };
        entries.retain(|(name, _)| after(name));
        let size = asked.max_keys.unwrap_or(usize::MAX).min(self.listing.page_size);
        let more = entries.len() > size;
        entries.truncate(size);
        let next = if more { entries.last().map(|(name, _)| *name) } else { None };
        Page { entries, next }
    }

    fn entries(&self, asked: &List) -> impl Iterator<Item = (&str, Option<&Stored>)> {
        let start = asked.start_after.as_deref().filter(|_| !self.listing.ignores_start_after);
        let listed =
            move |key: &str| key.starts_with(&asked.prefix) && start.is_none_or(|it| key > it);
        self.objects.iter().filter(move |(key, _)| listed(key)).map(|(key, stored)| {
            let rest = &key[asked.prefix.len()..];
            let group = asked.delimiter.as_deref().and_then(|it| Some(rest.find(it)? + it.len()));
            match group {
                Some(end) => (&key[..asked.prefix.len() + end], None),
                None => (key.as_str(), Some(stored)),
            }
        })
    }

    fn rank<'a>(&self, name: &'a str) -> (u64, &'a str) {
        let shuffled = |seed| xxh3_64_with_seed(name.as_bytes(), seed);
        (self.listing.shuffled.map_or(0, shuffled), name)
    }
}
