//! A store in memory with raw keys, whose listings come page by page, each read when it is asked for.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta};
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use koprs_external::store::StoredObject;
use koprs_external::store::object_store::list::{
    PaginatedListOptions, PaginatedListResult, PaginatedListStore,
};
use koprs_external::store::object_store::path::Path;
use koprs_external::store::object_store::{
    Attributes, CopyOptions, Error, Extensions, GetOptions, GetResult, GetResultPayload,
    ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions, PutOptions,
    PutPayload, PutResult, Result,
};
use koprs_external::watcher::ExternalEvent;

/// A write to a raw key: so many bytes, or none at all.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) key: String,
    pub(crate) size: Option<u64>,
}

pub(crate) fn put(key: impl Into<String>, size: u64) -> Write {
    Write { key: key.into(), size: Some(size) }
}

pub(crate) fn delete(key: impl Into<String>) -> Write {
    Write { key: key.into(), size: None }
}

/// How its listings begin after a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Start {
    #[default]
    After,
    /// Where they would begin without.
    Ignored,
    /// After it, and each page comes from its end to its beginning.
    Reversed,
}

/// The number of its last write, and its size.
pub(crate) type State = (u64, u64);

#[derive(Clone, Debug)]
pub(crate) struct Paged {
    name: &'static str,
    bucket: Arc<Mutex<Bucket>>,
}

#[derive(Debug, Default)]
struct Bucket {
    objects: BTreeMap<String, State>,
    written: u64,
    page_size: usize,
    start: Start,
    /// A page fails once so many were read.
    fails_after: Option<usize>,
    /// What is written after each page that is read.
    script: VecDeque<Vec<Write>>,
    /// How often a request waits before it is answered, over and over.
    waits: VecDeque<usize>,
    /// The keys after which listings began.
    starts: Vec<String>,
    /// Each state of each object, from when this was cleared.
    history: BTreeMap<String, Vec<Option<State>>>,
}

impl Paged {
    pub(crate) fn new(name: &'static str, page_size: usize) -> Self {
        let bucket = Bucket { page_size, ..Bucket::default() };
        Self { name, bucket: Arc::new(Mutex::new(bucket)) }
    }

    fn bucket(&self) -> MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap()
    }

    pub(crate) fn write(&self, write: &Write) {
        self.bucket().write(write);
    }

    pub(crate) fn write_all(&self, writes: &[Write]) {
        writes.iter().for_each(|write| self.write(write));
    }

    pub(crate) fn starts_listings(&self, start: Start) {
        self.bucket().start = start;
    }

    pub(crate) fn fails_after(&self, pages: Option<usize>) {
        self.bucket().fails_after = pages;
    }

    /// Writes these after the pages that are read from now on, and remembers what became of each object.
    pub(crate) fn moves(&self, script: Vec<Vec<Write>>) {
        let bucket = &mut *self.bucket();
        bucket.script = script.into();
        bucket.history.clear();
    }

    pub(crate) fn waits(&self, waits: Vec<usize>) {
        self.bucket().waits = waits.into();
    }

    /// The keys after which listings began since this was asked for last.
    pub(crate) fn starts(&self) -> Vec<String> {
        std::mem::take(&mut self.bucket().starts)
    }

    /// What is in it, by raw key.
    pub(crate) fn objects(&self) -> BTreeMap<String, State> {
        self.bucket().objects.clone()
    }

    /// What is in it, by path; where several have come to one, the last.
    pub(crate) fn paths(&self) -> BTreeMap<String, State> {
        let path = |key: &str| Path::parse(key).ok().map(String::from);
        self.objects().iter().filter_map(|(key, state)| Some((path(key)?, *state))).collect()
    }

    /// The states of what was written since it moves.
    pub(crate) fn history(&self) -> BTreeMap<String, Vec<Option<State>>> {
        self.bucket().history.clone()
    }

    async fn page(
        &self,
        prefix: &str,
        options: PaginatedListOptions,
    ) -> Result<PaginatedListResult> {
        let waits = {
            let bucket = &mut *self.bucket();
            if let (Some(offset), None) = (&options.offset, &options.page_token) {
                bucket.starts.push(offset.clone());
            }
            bucket.waits.rotate_left(1.min(bucket.waits.len()));
            bucket.waits.back().copied().unwrap_or_default()
        };
        for _ in 0..waits {
            tokio::task::yield_now().await;
        }
        let bucket = &mut *self.bucket();
        let page = bucket.page(prefix, &options);
        bucket.script.pop_front().iter().flatten().for_each(|write| bucket.write(write));
        page
    }

    fn listing(&self, prefix: Option<&Path>, after: Option<&Path>) -> Objects {
        let prefix = prefix.filter(|it| !it.as_ref().is_empty()).map(|it| format!("{it}/"));
        let (store, prefix) = (self.clone(), prefix.unwrap_or_default());
        let first = PaginatedListOptions {
            offset: after.map(Path::to_string),
            ..PaginatedListOptions::default()
        };
        let pages = stream::try_unfold(Some(first), move |options| {
            let (store, prefix) = (store.clone(), prefix.clone());
            async move {
                let Some(options) = options else { return Ok::<_, Error>(None) };
                let page = store.page(&prefix, options.clone()).await?;
                let next = page
                    .page_token
                    .map(|token| PaginatedListOptions { page_token: Some(token), ..options });
                Ok(Some((stream::iter(page.result.objects.into_iter().map(Ok)), next)))
            }
        });
        pages.try_flatten().boxed()
    }
}

type Objects = BoxStream<'static, Result<ObjectMeta>>;

impl Bucket {
    fn write(&mut self, Write { key, size }: &Write) {
        self.written += 1;
        let state = size.map(|size| (self.written, size));
        let before = match state {
            Some(state) => self.objects.insert(key.clone(), state),
            None => self.objects.remove(key),
        };
        self.history.entry(key.clone()).or_insert_with(|| vec![before]).push(state);
    }

    fn page(
        &mut self,
        prefix: &str,
        options: &PaginatedListOptions,
    ) -> Result<PaginatedListResult> {
        if let Some(left) = &mut self.fails_after {
            let Some(less) = left.checked_sub(1) else { return Err(generic()) };
            *left = less;
        }
        let offset = options.offset.as_ref().filter(|_| self.start != Start::Ignored);
        let after = options.page_token.as_ref().or(offset);
        let from = after.map_or(Bound::Unbounded, |after| Bound::Excluded(after.clone()));
        let size = options.max_keys.unwrap_or(self.page_size).min(self.page_size);
        let below = self.objects.range((from, Bound::Unbounded));
        let mut below = below.filter(|(key, _)| key.starts_with(prefix));
        let mut page: Vec<_> = below.by_ref().take(size).collect();
        let page_token =
            page.last().filter(|_| below.next().is_some()).map(|(key, _)| (*key).clone());
        if self.start == Start::Reversed && options.offset.is_some() {
            page.reverse();
        }
        let objects =
            page.into_iter().map(|(key, state)| meta(key, *state)).collect::<Result<_>>()?;
        let result =
            ListResult { objects, common_prefixes: Vec::new(), extensions: Default::default() };
        Ok(PaginatedListResult { result, page_token })
    }
}

/// Its ETag is long, so that few objects are remembered in one place.
fn meta(key: &str, (written, size): State) -> Result<ObjectMeta> {
    Ok(ObjectMeta {
        location: Path::parse(key)?,
        last_modified: DateTime::UNIX_EPOCH + TimeDelta::seconds(written as i64),
        size,
        e_tag: Some(format!("\"{written} {}\"", "-".repeat(500))),
        version: None,
    })
}

/// An event of it, by path.
pub(crate) fn told(event: ExternalEvent<StoredObject>) -> ExternalEvent<(String, State)> {
    event.map(|StoredObject { path, etag, size, .. }| {
        let written = etag.as_deref().and_then(|etag| etag[1..].split(' ').next());
        (path, (written.unwrap().parse().unwrap(), size))
    })
}

fn generic() -> Error {
    Error::Generic { store: "Paged", source: "scripted".into() }
}

impl fmt::Display for Paged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[async_trait]
impl PaginatedListStore for Paged {
    async fn list_paginated(
        &self,
        prefix: Option<&str>,
        options: PaginatedListOptions,
    ) -> Result<PaginatedListResult> {
        self.page(prefix.unwrap_or_default(), options).await
    }
}

/// It is only listed.
#[async_trait]
impl ObjectStore for Paged {
    async fn put_opts(&self, _: &Path, _: PutPayload, _: PutOptions) -> Result<PutResult> {
        Err(generic())
    }

    async fn put_multipart_opts(
        &self,
        _: &Path,
        _: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        Err(generic())
    }

    /// Whether it is there, and no more: nobody reads these objects. Only keys that have a path are found.
    async fn get_opts(&self, path: &Path, _: GetOptions) -> Result<GetResult> {
        let path = path.to_string();
        let found = self.bucket().objects.get(&path).map(|state| meta(&path, *state));
        let Some(meta) = found else {
            return Err(Error::NotFound { path, source: "scripted".into() });
        };
        let nothing = stream::iter([Ok(bytes::Bytes::new())]).boxed();
        Ok(GetResult {
            payload: GetResultPayload::Stream(nothing),
            range: 0..0,
            meta: meta?,
            attributes: Attributes::default(),
            extensions: Extensions::default(),
        })
    }

    fn delete_stream(
        &self,
        _: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        stream::iter([Err(generic())]).boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> Objects {
        self.listing(prefix, None)
    }

    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> Objects {
        self.listing(prefix, Some(offset))
    }

    async fn list_with_delimiter(&self, _: Option<&Path>) -> Result<ListResult> {
        Err(generic())
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        Err(generic())
    }
}
