//! What there is to see of a file, over time.
//!
//! It is read at each look: a file is small, and no metadata says for sure that it is the same. That of a mounted
//! `ConfigMap` may keep its time and its length while its content is another. What is new counts when the next look
//! sees it too, so that a file that is being written, or is gone while it is replaced, is not taken for what was
//! meant.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_core::stream::BoxStream;
use futures_util::StreamExt;
use futures_util::stream::unfold;
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::time::sleep;

use crate::change::Fingerprint;
use crate::config::MOST_BYTES;

/// The content, or as much of it as makes it too large; or why there is none.
pub(super) type Look = io::Result<Vec<u8>>;

/// What is new of a file, once for each content. It never ends.
pub(super) fn looks(path: Arc<Path>, every: Duration) -> BoxStream<'static, Look> {
    let follow = Follow { path, every, told: None };
    unfold(follow, async |mut follow| Some((follow.news().await, follow))).boxed()
}

struct Follow {
    path: Arc<Path>,
    every: Duration,
    /// The last news.
    told: Option<Seen>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Content(Fingerprint),
    Nothing(io::ErrorKind),
}

impl Seen {
    fn of(look: &Look) -> Self {
        match look {
            Ok(content) => Self::Content(Fingerprint::of(content)),
            Err(error) => Self::Nothing(error.kind()),
        }
    }
}

impl Follow {
    async fn news(&mut self) -> Look {
        let mut before = None;
        loop {
            sleep(self.every).await;
            let look = read(&self.path).await;
            let seen = Some(Seen::of(&look));
            if seen != self.told && seen == before {
                self.told = seen;
                return look;
            }
            before = seen;
        }
    }
}

/// Only of a regular file: a pipe could be waited for without end.
async fn read(path: &Path) -> Look {
    let shown = |error: io::Error| {
        io::Error::new(error.kind(), format!("cannot read {}: {error}", path.display()))
    };
    if !tokio::fs::metadata(path).await.map_err(shown)?.is_file() {
        return Err(shown(io::Error::new(io::ErrorKind::InvalidInput, "it is no file")));
    }
    let mut content = Vec::new();
    let file = File::open(path).await.map_err(shown)?;
    file.take(MOST_BYTES as u64 + 1).read_to_end(&mut content).await.map_err(shown)?;
    Ok(content)
}
