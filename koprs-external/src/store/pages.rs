//! Listings page by page.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::unfold;
use object_store::list::{PaginatedListOptions, PaginatedListResult, PaginatedListStore};
use object_store::path::Path;
use object_store::{Error, ListResult, ObjectMeta};
use xxhash_rust::xxh3::Xxh3;

use super::details::{BadKeys, Collector, Details};
use super::listing::{Page, Pages};
use super::panics::caught;
use super::progress::Progress;

/// Where a listing is.
struct Cursor {
    store: Arc<dyn PaginatedListStore>,
    prefix: Option<String>,
    from: From,
    progress: Progress,
}

/// Where the next page begins.
enum From {
    Start,
    After(String),
    Token(String),
    End,
}

/// Lists what is below a prefix, after a key.
pub(super) fn list(
    store: Arc<dyn PaginatedListStore>,
    prefix: &Path,
    after: Option<&str>,
) -> Pages {
    let prefix = (!prefix.is_root()).then(|| format!("{prefix}/"));
    let from = after.map_or(From::Start, |after| From::After(after.to_owned()));
    let cursor = Cursor { store, prefix, from, progress: Progress::default() };
    unfold(cursor, |mut cursor| async move {
        let page = cursor.next().await?;
        Some((page, cursor))
    })
    .boxed()
}

impl Cursor {
    async fn next(&mut self) -> Option<Page> {
        let (offset, page_token) = match std::mem::replace(&mut self.from, From::End) {
            From::Start => (None, None),
            From::After(key) => (Some(key), None),
            From::Token(token) => (None, Some(token)),
            From::End => return None,
        };
        let options = PaginatedListOptions { offset, page_token, ..Default::default() };
        let details = Collector::default();
        let answer = self.store.list_paginated(self.prefix.as_deref(), options);
        Some(match caught(details.scope(answer)).await.flatten() {
            Ok(page) => self.page(page, details.take()),
            Err(error) => Page::failure(error),
        })
    }

    fn page(&mut self, page: PaginatedListResult, details: Details) -> Page {
        let PaginatedListResult { result: ListResult { objects, .. }, page_token } = page;
        let content = digest(&objects, &details.bad_keys);
        match self.progress.next(content, page_token, details.says_complete) {
            Ok(next) => self.from = next.map_or(From::End, From::Token),
            Err(stuck) => {
                let source = Box::new(stuck);
                return Page::failure(Error::Generic { store: "listing", source });
            }
        }
        Page { objects: objects.into_iter().map(Ok).collect(), details }
    }
}

/// Of what a page holds, if it holds anything. Two objects may have come to one path: they differ in the rest.
fn digest(objects: &[ObjectMeta], bad_keys: &BadKeys) -> Option<u64> {
    if objects.is_empty() && bad_keys.count() == 0 {
        return None;
    }
    let mut digest = Xxh3::new();
    for ObjectMeta { location, last_modified, size, e_tag, .. } in objects {
        digest.update(location.as_ref().as_bytes());
        digest.update(&size.to_le_bytes());
        digest.update(&last_modified.timestamp_micros().to_le_bytes());
        digest.update(e_tag.as_deref().unwrap_or_default().as_bytes());
        digest.update(b"\0");
    }
    for key in bad_keys.names() {
        digest.update(key.as_bytes());
        digest.update(b"\0");
    }
    Some(digest.digest())
}
