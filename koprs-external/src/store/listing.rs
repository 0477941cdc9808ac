//! A store as it is listed: page by page, from a key on, up to a key.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use chrono::{DateTime, Utc};
use futures_core::Stream;
use futures_core::stream::BoxStream;
use futures_util::StreamExt;
use futures_util::stream::{empty, once, unfold};
use object_store::list::PaginatedListStore;
use object_store::path::Path;
use object_store::{Error, GetOptions, ObjectMeta, ObjectStore};

use super::content::as_stored;
use super::details::{Collector, Details};
use super::pages;
use super::panics::{caught, caught_in_place};
use crate::secret::Redactor;

/// Objects of a listing that are looked at in one go.
pub(super) const PAGE: usize = 1000;

/// What came of a listing in one go. After a failure nothing more comes.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) objects: Vec<Result<ObjectMeta, Error>>,
    pub(super) details: Details,
}

impl Page {
    pub(super) fn failure(error: Error) -> Self {
        Self { objects: vec![Err(error)], ..Self::default() }
    }
}

/// One after the other. Poll them within [`caught`](Self::caught).
pub(super) struct Objects {
    stream: BoxStream<'static, Result<ObjectMeta, Error>>,
    details: Collector,
}

impl Objects {
    fn new(stream: BoxStream<'static, Result<ObjectMeta, Error>>) -> Self {
        Self { stream, details: Collector::default() }
    }

    /// Polls them as often as the function does. A panic is an error, and the end.
    pub(super) fn caught(&mut self, poll: impl FnOnce(&mut Self)) -> Result<(), Error> {
        let polled = caught_in_place(|| poll(self));
        if polled.is_err() {
            self.stream = empty().boxed();
        }
        polled
    }

    /// When the store answered, by its own clock, as the page of the object that came last shows it.
    pub(super) fn date(&self) -> Option<DateTime<Utc>> {
        self.details.date()
    }

    /// Takes what the pages said beside their objects. When the store answered stays.
    pub(super) fn details(&self) -> Details {
        self.details.take()
    }
}

impl Stream for Objects {
    type Item = Result<ObjectMeta, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { stream, details } = &mut *self;
        details.scope_sync(|| stream.poll_next_unpin(cx))
    }
}

pub(super) type Pages = BoxStream<'static, Page>;

/// A store, and what is known of its listings.
#[derive(Clone)]
pub(super) struct Listed {
    pub(super) store: Arc<dyn ObjectStore>,
    /// The same store, where its pages can be had one by one.
    pub(super) pages: Option<Arc<dyn PaginatedListStore>>,
    /// Whether a listing can begin after a key without reading all before it.
    pub(super) starts_after: bool,
    /// Takes its secrets out of what it says.
    pub(super) redactor: Redactor,
}

impl Listed {
    pub(super) fn new(store: Arc<dyn ObjectStore>) -> Self {
        let starts_after = starts_after(&store.to_string());
        Self { store, pages: None, starts_after, redactor: Redactor::trusted() }
    }

    pub(super) fn paginated<S: ObjectStore + PaginatedListStore>(store: Arc<S>) -> Self {
        let pages: Arc<dyn PaginatedListStore> = Arc::<S>::clone(&store) as _;
        Self { pages: Some(pages), ..Self::new(store) }
    }

    /// Lists what is below a prefix, where there is no more to it than that.
    pub(super) fn objects(&self, prefix: &Path) -> Option<Objects> {
        self.pages.is_none().then(|| Objects::new(self.store.list(Some(prefix))))
    }

    /// Lists what is below a prefix, after one key and up to another, which is the last one.
    pub(super) fn pages(&self, prefix: &Path, after: Option<&str>, until: Option<String>) -> Pages {
        let whole = match (&self.pages, after) {
            (Some(pages), after) => pages::list(Arc::clone(pages), prefix, after),
            (None, None) => chunks(Objects::new(self.store.list(Some(prefix)))),
            (None, Some(after)) => match Path::parse(after) {
                Ok(after) => {
                    chunks(Objects::new(self.store.list_with_offset(Some(prefix), &after)))
                }
                Err(error) => futures_util::stream::iter([Page::failure(error.into())]).boxed(),
            },
        };
        match until {
            Some(until) => up_to(whole, until),
            None => whole,
        }
    }

    /// What the store says of one object. Who may only list is told nothing.
    pub(super) async fn head(&self, key: &str) -> Result<Option<ObjectMeta>, Error> {
        let path = Path::parse(key)?;
        let options = GetOptions { head: true, ..as_stored(&*self.store) };
        match caught(self.store.get_opts(&path, options)).await.flatten() {
            Ok(found) => Ok(Some(found.meta)),
            Err(
                Error::NotFound { .. }
                | Error::PermissionDenied { .. }
                | Error::Unauthenticated { .. }
                | Error::NotSupported { .. }
                | Error::NotImplemented { .. },
            ) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl fmt::Debug for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Listed").field(&self.store.to_string()).finish()
    }
}

/// S3 and GCS begin after a key; S3 directory buckets do not, and have no order either.
///
/// A store does not say of which kind it is but by its name. Where the name misleads, listings are slower,
/// and the order of what comes shows it.
fn starts_after(name: &str) -> bool {
    (name.starts_with("AmazonS3(") && !name.ends_with("--x-s3)"))
        || name.starts_with("GoogleCloudStorage(")
}

fn chunks(objects: Objects) -> Pages {
    let details = objects.details.clone();
    let last = details.clone();
    let page = move |objects| Page { objects, details: details.take() };
    // The last page may have had no objects.
    let last = once(async move { Page { objects: Vec::new(), details: last.take() } });
    objects.ready_chunks(PAGE).map(page).chain(last).boxed()
}

/// Ends with this key. What comes in the same go behind the end must be behind it too, or it was no end.
fn up_to(pages: Pages, until: String) -> Pages {
    let next = |state: Option<(Pages, String)>| async move {
        let (mut pages, until) = state?;
        let mut page = pages.next().await?;
        let key = |object: &Result<ObjectMeta, Error>| {
            object.as_ref().ok().map(|object| object.location.clone())
        };
        let is_end = |object: &_| key(object).is_some_and(|key| key.as_ref() >= until.as_str());
        let Some(end) = page.objects.iter().position(is_end) else {
            return Some((page, Some((pages, until))));
        };
        let behind = page.objects.get(end..).unwrap_or_default();
        if !behind.iter().map_while(key).is_sorted_by(|one, other| one < other) {
            return Some((page, Some((pages, until))));
        }
        let is_until = behind.iter().map_while(key).next().is_some_and(|key| key.as_ref() == until);
        page.objects.truncate(if is_until { end + 1 } else { end });
        Some((page, None))
    };
    unfold(Some((pages, until)), next).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_s3_and_gcs_are_taken_to_start_after_a_key() {
        let cases = [
            ("AmazonS3(models)", true),
            ("AmazonS3(models--euw1-az1--x-s3)", false),
            ("GoogleCloudStorage(models)", true),
            ("MicrosoftAzure { account: a, container: models }", false),
            ("InMemory", false),
            ("LocalFileSystem(file:///)", false),
            ("PrefixObjectStore(AmazonS3(models))", false),
        ];
        for (name, expected) in cases {
            assert_eq!(starts_after(name), expected, "{name}");
        }
    }
}
