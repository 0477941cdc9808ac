//! A store in memory whose listings and objects go wrong by a script.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use futures::{FutureExt, future};
use koprs_external::store::object_store::memory::InMemory;
use koprs_external::store::object_store::path::Path;
use koprs_external::store::object_store::{
    CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload,
    ObjectMeta, ObjectStore, ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload,
    PutResult, Result,
};

/// What goes wrong with a listing.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// It fails in the place of the n-th object, counted from zero.
    FailAt(usize),
    /// It falls silent in the place of the n-th object.
    StallAt(usize),
    /// It tells that nothing is there.
    Empty,
    /// The objects of a page come from its end to its beginning.
    Reversed,
    /// Each object comes twice.
    Repeated,
    /// No object has an ETag.
    NoEtags,
    /// It panics in the place of the n-th object.
    PanicAt(usize),
}

/// What goes wrong with an object.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lost {
    NotFound,
    Precondition,
    /// It never has the ETag that is asked for.
    Unmatched,
    Generic,
    /// The store panics.
    Panic,
    /// It never comes.
    Stall,
    /// Its body ends with an error, after this many bytes.
    Short(usize),
    /// A proxy answers in its place, whatever the condition, with this and without an ETag.
    Proxy(&'static str),
}

/// Runs after a page, with its number.
type Between = Box<dyn FnMut(&InMemory, usize) + Send>;

#[derive(Clone)]
pub(crate) struct Faulty {
    pub(crate) inner: Arc<InMemory>,
    script: Arc<Mutex<Script>>,
}

struct Script {
    page_size: usize,
    faults: Vec<Fault>,
    between: Option<Between>,
    lost: Option<Lost>,
    /// Of objects whose path begins with this.
    below: String,
    gets: Vec<(String, Option<String>)>,
}

impl Faulty {
    pub(crate) fn new() -> Self {
        let script = Script {
            page_size: 2,
            faults: Vec::new(),
            between: None,
            lost: None,
            below: String::new(),
            gets: Vec::new(),
        };
        Self { inner: Arc::new(InMemory::new()), script: Arc::new(Mutex::new(script)) }
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    /// What goes wrong with listings from now on.
    pub(crate) fn faults(&self, faults: impl Into<Vec<Fault>>) {
        self.script().faults = faults.into();
    }

    /// Does this after each page from now on, before the next one is read.
    pub(crate) fn between(&self, between: impl FnMut(&InMemory, usize) + Send + 'static) {
        self.script().between = Some(Box::new(between));
    }

    /// What goes wrong with objects from now on.
    pub(crate) fn lost(&self, lost: Option<Lost>) {
        self.script().lost = lost;
    }

    /// What goes wrong with objects whose path begins with this from now on.
    pub(crate) fn lost_below(&self, below: &str, lost: Lost) {
        let mut script = self.script();
        script.below = below.to_owned();
        script.lost = Some(lost);
    }

    /// The objects that were asked for, and the ETag that each had to have.
    pub(crate) fn gets(&self) -> Vec<(String, Option<String>)> {
        self.script().gets.clone()
    }

    /// The page after an object, as it is read now.
    async fn page(&self, prefix: Option<&Path>, after: &Option<Path>) -> VecDeque<ObjectMeta> {
        let all = match after {
            Some(after) => self.inner.list_with_offset(prefix, after),
            None => self.inner.list(prefix),
        };
        let size = self.script().page_size;
        all.take(size).map(Result::unwrap).collect().await
    }

    fn listing(
        &self,
        prefix: Option<&Path>,
        after: Option<Path>,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        let (store, prefix) = (self.clone(), prefix.cloned());
        let pages = stream::unfold((store, after, 0), move |(store, after, number)| {
            let prefix = prefix.clone();
            async move {
                let page = store.page(prefix.as_ref(), &after).await;
                let after = Some(page.back()?.location.clone());
                let Script { between, .. } = &mut *store.script();
                if let Some(between) = between {
                    between(&store.inner, number);
                }
                Some((page, (store.clone(), after, number + 1)))
            }
        });
        spoiled(pages.boxed(), &self.script().faults)
    }
}

type Objects = BoxStream<'static, Result<ObjectMeta>>;

fn spoiled(pages: BoxStream<'static, VecDeque<ObjectMeta>>, faults: &[Fault]) -> Objects {
    let reversed = faults.iter().any(|it| matches!(it, Fault::Reversed));
    let objects = pages.flat_map(move |mut page| {
        page.make_contiguous().sort_by_key(|it| it.location.clone());
        let page: Vec<_> = if reversed { page.into_iter().rev().collect() } else { page.into() };
        stream::iter(page.into_iter().map(Ok))
    });
    faults.iter().fold(objects.boxed(), |objects, fault| match *fault {
        Fault::FailAt(n) => objects.take(n).chain(stream::once(async { Err(generic()) })).boxed(),
        Fault::StallAt(n) => objects.take(n).chain(stream::pending()).boxed(),
        Fault::PanicAt(n) => {
            let panic = stream::once(async { panic!("request must be valid") });
            objects.take(n).chain(panic).boxed()
        }
        Fault::Empty => stream::empty().boxed(),
        Fault::Reversed => objects,
        Fault::Repeated => {
            let twice = |it: Result<ObjectMeta>| {
                let it = it.unwrap();
                stream::iter([Ok(it.clone()), Ok(it)])
            };
            objects.flat_map(twice).boxed()
        }
        Fault::NoEtags => objects
            .map(|it| it.map(|meta| ObjectMeta { e_tag: None, version: None, ..meta }))
            .boxed(),
    })
}

fn generic() -> Error {
    Error::Generic { store: "Faulty", source: "scripted".into() }
}

impl Lost {
    async fn instead(self, path: String, got: Result<GetResult>) -> Result<GetResult> {
        let source = "scripted".into();
        match self {
            Self::NotFound => Err(Error::NotFound { path, source }),
            Self::Precondition | Self::Unmatched => Err(Error::Precondition { path, source }),
            Self::Generic => Err(generic()),
            Self::Panic => panic!("request must be valid"),
            Self::Stall => future::pending().await,
            Self::Short(n) => {
                let got = got?;
                let (meta, range) = (got.meta.clone(), got.range.clone());
                let (attributes, extensions) = (got.attributes.clone(), got.extensions.clone());
                let start: Bytes = got.bytes().await?.slice(..n);
                let body = stream::iter([Ok(start), Err(generic())]).boxed();
                let payload = GetResultPayload::Stream(body);
                Ok(GetResult { payload, meta, range, attributes, extensions })
            }
            Self::Proxy(page) => {
                let got = got?;
                let size = page.len() as u64;
                let meta = ObjectMeta { size, e_tag: None, ..got.meta };
                let body = stream::iter([Ok(Bytes::from_static(page.as_bytes()))]).boxed();
                let payload = GetResultPayload::Stream(body);
                let (attributes, extensions) = (got.attributes, got.extensions);
                Ok(GetResult { payload, meta, range: 0..size, attributes, extensions })
            }
        }
    }
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Faulty")
    }
}

impl fmt::Debug for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Faulty")
    }
}

#[async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(&self, to: &Path, body: PutPayload, how: PutOptions) -> Result<PutResult> {
        self.inner.put_opts(to, body, how).await
    }

    async fn put_multipart_opts(
        &self,
        to: &Path,
        how: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(to, how).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        let lost = {
            let mut script = self.script();
            script.gets.push((path.to_string(), options.if_match.clone()));
            let unmatched =
                |lost: &Lost| !matches!(lost, Lost::Unmatched) || options.if_match.is_some();
            script.lost.filter(|_| path.as_ref().starts_with(&script.below)).filter(unmatched)
        };
        let got = self.inner.get_opts(path, options).await;
        match lost {
            Some(lost) => lost.instead(path.to_string(), got).await,
            None => got,
        }
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> Objects {
        self.listing(prefix, None)
    }

    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> Objects {
        self.listing(prefix, Some(offset.clone()))
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

/// Writes to a store in memory, which does not wait.
pub(crate) fn put(store: &InMemory, key: &str, content: &str) {
    let path = Path::parse(key).unwrap();
    store.put(&path, content.to_owned().into()).now_or_never().unwrap().unwrap();
}

/// Deletes from a store in memory, which does not wait.
pub(crate) fn delete(store: &InMemory, key: &str) {
    store.delete(&Path::parse(key).unwrap()).now_or_never().unwrap().unwrap();
}
