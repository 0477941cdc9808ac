//! Listings page by page, around keys that cannot be represented.
//!
//! `object_store` refuses a page on which there is such a key, with the first of them for a reason. So the page
//! is asked for again, smaller and smaller, until it ends before the key; then the listing goes on after it.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::unfold;
use object_store::list::{PaginatedListOptions, PaginatedListResult, PaginatedListStore};
use object_store::path::{self, Path};
use object_store::{Error, ListResult};

use super::details::Collector;
use super::listing::{Page, Pages};

/// Most stores give no more at a time.
const PAGE: usize = 1000;
/// More such keys than this are not passed over: each takes about twenty requests.
const MOST: usize = 50;

/// Where a listing is.
struct Cursor {
    store: Arc<dyn PaginatedListStore>,
    prefix: Option<String>,
    from: From,
    /// How many objects to ask for.
    size: usize,
    passed_over: usize,
}

/// Where the next page begins.
#[derive(Clone, Debug)]
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
    let cursor = Cursor { store, prefix, from, size: PAGE, passed_over: 0 };
    unfold(cursor, |mut cursor| async move {
        let page = cursor.next().await?;
        Some((page, cursor))
    })
    .boxed()
}

/// A key that begins with `/`, if there is one.
pub(super) async fn rooted(store: &dyn PaginatedListStore) -> Result<Option<String>, Error> {
    let options = PaginatedListOptions { max_keys: Some(1), ..PaginatedListOptions::default() };
    match store.list_paginated(Some("/"), options).await {
        Ok(page) => Ok(page.result.objects.first().map(|object| format!("/{}", object.location))),
        Err(error) => unrepresentable(&error).map(Some).ok_or(error),
    }
}

impl Cursor {
    async fn next(&mut self) -> Option<Page> {
        loop {
            let (offset, page_token) = match self.from.clone() {
                From::Start => (None, None),
                From::After(key) => (Some(key), None),
                From::Token(token) => (None, Some(token)),
                From::End => return None,
            };
            // The size is only said where it has to be smaller: some stores give more than a thousand.
            let max_keys = (self.size < PAGE).then_some(self.size);
            let options =
                PaginatedListOptions { offset, page_token, max_keys, ..Default::default() };
            let details = Collector::default();
            let answer = self.store.list_paginated(self.prefix.as_deref(), options);
            match details.scope(answer).await {
                Ok(page) => return Some(Page { date: details.date(), ..self.page(page) }),
                Err(error) => match unrepresentable(&error) {
                    None => return Some(self.failure(error)),
                    Some(_) if self.size > 1 => self.size /= 2,
                    Some(_) if self.passed_over >= MOST => return Some(self.failure(error)),
                    Some(key) => return Some(self.pass_over(key)),
                },
            }
        }
    }

    fn page(&mut self, page: PaginatedListResult) -> Page {
        let PaginatedListResult { result: ListResult { objects, .. }, page_token } = page;
        self.from = match (page_token, &self.from) {
            (Some(token), From::Token(before)) if token == *before => return self.failure(stuck()),
            (Some(token), _) if !token.is_empty() => From::Token(token),
            _ => From::End,
        };
        self.size = (self.size * 2).min(PAGE);
        Page { objects: objects.into_iter().map(Ok).collect(), ..Page::default() }
    }

    fn pass_over(&mut self, key: String) -> Page {
        self.passed_over += 1;
        self.from = From::After(key.clone());
        Page { unrepresentable: vec![key], ..Page::default() }
    }

    fn failure(&mut self, error: Error) -> Page {
        self.from = From::End;
        Page::failure(error)
    }
}

fn stuck() -> Error {
    let source = "the store says that the next page is the one that it gave".into();
    Error::Generic { store: "listing", source }
}

/// The key that is the reason of an error.
pub(super) fn unrepresentable(error: &Error) -> Option<String> {
    let Error::InvalidPath { source } = error else { return None };
    match source {
        path::Error::EmptySegment { path } | path::Error::BadSegment { path, .. } => {
            Some(path.clone())
        }
        _ => None,
    }
}
