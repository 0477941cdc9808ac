//! What there is to see of a file, over time.
//!
//! It is read at each look: a file is small, and no metadata says for sure that it is the same. That of a mounted
//! `ConfigMap` may keep its time and its length while its content is another. What is new counts when the next look
//! sees it too, so that a file that is being written, or is gone while it is replaced, is not taken for what was
//! meant. That a file does not come to rest is logged.

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
use tracing::warn;

use crate::change::Fingerprint;
use crate::printable::printable;

/// The content, or as much of it as makes it too large; or why there is none.
pub(super) type Look = io::Result<Vec<u8>>;

/// So many looks in a row that each see something else are worth a word.
const RESTLESS: u32 = 10;

/// What is new of a file, once for each content. It never ends.
pub(super) fn looks(path: Arc<Path>, every: Duration, most_read: u64) -> BoxStream<'static, Look> {
    let follow = Follow { path, every, most_read, seen: History::default() };
    unfold(follow, async |mut follow| Some((follow.news().await, follow))).boxed()
}

struct Follow {
    path: Arc<Path>,
    every: Duration,
    /// The most bytes that are read of it.
    most_read: u64,
    seen: History,
}

/// What was seen, look by look.
#[derive(Default)]
struct History {
    /// The last news.
    told: Option<Seen>,
    before: Option<Seen>,
    /// How many looks in a row saw something else than the one before.
    changes: u32,
}

/// What a look means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// It is as it was told, or may still change.
    Nothing,
    /// It has come to rest, and is not as it was told.
    News,
    /// It does not come to rest; once, until it does.
    Restless,
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
        loop {
            sleep(self.every).await;
            let look = read(&self.path, self.most_read).await;
            match self.seen.adds(Seen::of(&look)) {
                Meaning::Nothing => {}
                Meaning::News => return look,
                Meaning::Restless => {
                    let (file, looks) = (self.path.display(), RESTLESS);
                    warn!(file = %printable(&file), looks, "file keeps changing; waiting until it is stable");
                }
            }
        }
    }
}

impl History {
    fn adds(&mut self, seen: Seen) -> Meaning {
        if self.before.replace(seen) != Some(seen) {
            self.changes = self.changes.saturating_add(1);
            let is_restless = self.changes == RESTLESS;
            return if is_restless { Meaning::Restless } else { Meaning::Nothing };
        }
        self.changes = 0;
        match self.told.replace(seen) {
            Some(told) if told == seen => Meaning::Nothing,
            _ => Meaning::News,
        }
    }
}

/// Only of a regular file: a pipe could be waited for without end.
async fn read(path: &Path, most: u64) -> Look {
    let shown = |error: io::Error| {
        io::Error::new(error.kind(), format!("cannot read {}: {error}", printable(&path.display())))
    };
    if !tokio::fs::metadata(path).await.map_err(shown)?.is_file() {
        return Err(shown(io::Error::new(io::ErrorKind::InvalidInput, "it is no file")));
    }
    let mut content = Vec::new();
    let file = File::open(path).await.map_err(shown)?;
    file.take(most).read_to_end(&mut content).await.map_err(shown)?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A letter is a content, `-` that there is none. `!` is news, `?` that there is no rest.
    fn meant(looks: &str) -> String {
        let mut history = History::default();
        let meaning = |look: char| {
            let look = match look {
                '-' => Err(io::ErrorKind::NotFound.into()),
                content => Ok(content.to_string().into_bytes()),
            };
            match history.adds(Seen::of(&look)) {
                Meaning::Nothing => '.',
                Meaning::News => '!',
                Meaning::Restless => '?',
            }
        };
        looks.chars().map(meaning).collect()
    }

    #[test]
    fn what_two_looks_see_is_news_once() {
        assert_eq!(meant("aaaabbbaa"), ".!...!..!");
        assert_eq!(meant("aabaabcc"), ".!.....!");
        assert_eq!(meant("aa-aa--aa"), ".!....!.!");
    }

    #[test]
    fn that_a_file_is_another_at_each_look_is_told_once_until_it_comes_to_rest() {
        assert_eq!(meant("aabcdefghijklmm"), ".!.........?..!");
        assert_eq!(meant("aababababababa"), ".!.........?..");
        assert_eq!(meant("aab-b-b-b-b-b-b"), ".!.........?...");
        assert_eq!(meant("aabbccddeeffgghhii"), ".!.!.!.!.!.!.!.!.!", "each is taken");
        let twice = "aabababababababbababababababa";
        assert_eq!(meant(twice).matches('?').count(), 2);
    }
}
