//! A source of any type, and what it shows.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::FutureExt;
use futures::future::BoxFuture;
use koprs_external::error::{ExternalError, Result};
use koprs_external::set::WatcherSet;
use koprs_external::store::{Object, StoredObject};
use koprs_external::watcher::{ExternalSource, Status, Watch, WatchConfig, WatchHandle, watch};
use koprs_external_tests::planted_secrets::sources::file_of;
use koprs_external_tests::planted_secrets::{Declared, Follows};
use serde::Deserialize;

/// An error in every way that it can be shown.
pub(super) fn shown_error(error: &ExternalError) -> String {
    let first: &dyn std::error::Error = error;
    let causes = std::iter::successors(Some(first), |cause| cause.source());
    causes.map(|cause| format!("{cause}\n{cause:?}\n{cause:#?}\n")).collect()
}

/// A status in every way that it can be shown.
pub(super) fn shown_status(status: &Status) -> String {
    let error = status.last_error.as_ref().map(|error| shown_error(error)).unwrap_or_default();
    format!("{status:?} {status:#?} {error}")
}

/// What no server sends.
#[derive(Clone, Debug, Deserialize)]
struct Item {
    #[expect(dead_code, reason = "for its `Debug`")]
    n: u8,
}

/// A source of anything, as what a poll shows.
pub(super) trait Polled: Send {
    fn poll(&mut self) -> BoxFuture<'_, String>;

    fn watch(self: Box<Self>, config: WatchConfig) -> Box<dyn Watched>;
}

struct Of<S>(S);

impl<S: ExternalSource + Debug> Polled for Of<S> {
    fn poll(&mut self) -> BoxFuture<'_, String> {
        async move {
            let polled = match self.0.poll().await {
                // What is followed is shown: it is what the user asked for.
                Ok(_) => String::new(),
                Err(error) => shown_error(&error),
            };
            let Self(source) = self;
            format!("{polled} {source:?} {source:#?} {:?} {:#?}", source.report(), source.report())
        }
        .boxed()
    }

    fn watch(self: Box<Self>, config: WatchConfig) -> Box<dyn Watched> {
        Box::new(watch(self.0, config))
    }
}

/// A watcher of anything.
pub(super) trait Watched: Send {
    /// Ends with an event, which no server of these tests causes.
    fn recv(&mut self) -> BoxFuture<'_, ()>;

    /// What it and its handle show.
    fn shown(&self) -> String;

    fn handle(&self) -> WatchHandle;
}

impl<T: Send + 'static> Watched for Watch<T> {
    fn recv(&mut self) -> BoxFuture<'_, ()> {
        Self::recv(self).map(drop).boxed()
    }

    fn shown(&self) -> String {
        let handle = self.handle();
        let status = shown_status(&handle.status());
        format!("{self:?} {self:#?} {handle:?} {handle:#?} {status}")
    }

    fn handle(&self) -> WatchHandle {
        Self::handle(self)
    }
}

/// Of another client each time: a token endpoint that has failed is left alone for a while.
pub(super) fn load(declared: &Declared) -> WatcherSet {
    static CLIENTS: AtomicUsize = AtomicUsize::new(0);
    let client = format!("clientId: us-{}", CLIENTS.fetch_add(1, Ordering::Relaxed));
    let text = file_of([declared]).replace("clientId: us", &client);
    let variables: HashMap<_, _> = declared.variables.clone();
    let loader = WatcherSet::loader().env_from(move |name| variables.get(name).map(Into::into));
    loader.from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

pub(super) fn open(declared: &Declared, set: &WatcherSet) -> Result<Box<dyn Polled>> {
    let name = &declared.name;
    Ok(match declared.follows {
        Follows::Value => Box::new(Of(set.source::<Item>(name)?)),
        Follows::Listed => Box::new(Of(set.source::<StoredObject>(name)?)),
        Follows::Contents => Box::new(Of(set.source::<Object<Item>>(name)?)),
    })
}
