//! From what is new of a file to what it declares. It is read beside the consumer, since a large one takes a while.

use std::io;
use std::path::Path;
use std::sync::Arc;

use futures_core::Stream;
use futures_core::stream::BoxStream;
use futures_util::StreamExt;
use tokio::task::spawn_blocking;

use super::super::WatcherSet;
use super::looks::Look;
use crate::config::File;
use crate::error::Result;

/// What a file declares, once for each content: read as the set was, and those watchers alone that the set is of.
pub(super) fn contents(
    set: &WatcherSet,
    path: Arc<Path>,
    looks: impl Stream<Item = Look> + Send + 'static,
) -> BoxStream<'static, Result<WatcherSet>> {
    let (loader, only) = (set.loader.clone(), set.only.clone());
    let read = move |look: Look| {
        let (loader, only, path) = (loader.clone(), only.clone(), Arc::clone(&path));
        async move {
            let bytes = look?;
            let load = move || -> Result<WatcherSet> {
                let set = loader.load(vec![File { path, bytes }])?;
                Ok(match only {
                    Some(names) => set.those(names),
                    None => set,
                })
            };
            spawn_blocking(load).await.map_err(io::Error::from)?
        }
    };
    looks.then(read).boxed()
}
