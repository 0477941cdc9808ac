//! A server and a source that polls it, and what the polls come to, a word each.

use std::fmt::Debug;
use std::pin::pin;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use koprs_external::declared::DeclaredSource;
use koprs_external::error::{ExternalError, HttpErrorKind, Result};
use koprs_external::http::{HttpPoller, HttpResponse};
use koprs_external::spec::{WatcherBuilder, WatcherSpec};
use koprs_external::watcher::{ExternalEvent, ExternalSource, Pace, Report};
use koprs_external_tests::{Reply, Server};
use serde::de::DeserializeOwned;

/// The declaration of a watcher, `flags`. One request a poll: what fails, fails at once.
pub(super) fn declare(url: impl Into<String>) -> WatcherBuilder {
    WatcherSpec::http("flags", url).interval(Duration::from_secs(1)).retries(0)
}

/// An [`HttpPoller`] of the same kind.
pub(super) fn bare(url: impl Into<String>) -> HttpPoller {
    HttpPoller::new(url).with_retries(0)
}

/// The source of a declaration.
pub(super) fn source<T: DeserializeOwned + Clone + Debug + Send + 'static>(
    declaration: WatcherBuilder,
) -> DeclaredSource<T> {
    DeclaredSource::new(declaration.build().unwrap()).unwrap()
}

/// The content `n`, with an `ETag` of its own.
pub(super) fn value(n: u32) -> Reply {
    Reply::json(n.to_string()).etag(&format!("\"v{n}\""))
}

/// An item, as it stands behind the sign of an event.
pub(super) trait Shown {
    fn shown(&self) -> String;
}

impl Shown for u32 {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for String {
    fn shown(&self) -> String {
        self.clone()
    }
}

impl Shown for HttpResponse {
    fn shown(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A source of anything.
pub(super) trait Look: Send {
    fn look(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<String>>>>;
    fn pace(&self) -> Pace;
    fn report(&self) -> Report;
}

impl<S: ExternalSource<Item: Shown>> Look for S {
    fn look(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<String>>>> {
        let shown = |event: ExternalEvent<S::Item>| event.map(|item| item.shown());
        self.poll().map(move |polled| Ok(polled?.into_iter().map(shown).collect())).boxed()
    }

    fn pace(&self) -> Pace {
        ExternalSource::pace(self)
    }

    fn report(&self) -> Report {
        ExternalSource::report(self)
    }
}

/// Polls once, and says what it came to.
pub(super) async fn poll(source: &mut (impl Look + ?Sized)) -> String {
    word(&source.look().await)
}

/// Polls once, while a second passes whenever nothing else has happened for a while.
pub(super) async fn poll_over_time(source: &mut (impl Look + ?Sized)) -> String {
    let mut polled = pin!(poll(source));
    loop {
        for _ in 0..1000 {
            tokio::select! {
                biased;
                word = &mut polled => return word,
                () = tokio::task::yield_now() => {}
            }
        }
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(1)).await;
        tokio::time::resume();
    }
}

/// What a poll came to: `+1`, `~2`, `-2`, `.` for no event, `!503` and the like for an error.
pub(super) fn word(polled: &Result<Vec<ExternalEvent<String>>>) -> String {
    match polled {
        Ok(events) if events.is_empty() => ".".to_owned(),
        Ok(events) => events.iter().map(|event| event.to_string().replace(' ', "")).collect(),
        Err(error) => format!("!{}", mistake(error)),
    }
}

fn mistake(error: &ExternalError) -> String {
    let ExternalError::Http(http) = error else {
        let kind = format!("{error:?}");
        return kind.split(['(', ' ']).next().unwrap_or_default().to_lowercase();
    };
    match http.kind() {
        HttpErrorKind::Status(status) => status.to_string(),
        HttpErrorKind::BodyTooLarge { .. } => "large".to_owned(),
        HttpErrorKind::HeadersTooLarge { .. } => "headers".to_owned(),
        HttpErrorKind::UnexpectedNotModified => "304".to_owned(),
        kind => format!("{kind:?}").to_lowercase(),
    }
}

/// A server, and a source that polls its `/v`.
pub(super) struct Stage {
    pub(super) server: Server,
    /// `bare` or `declared`.
    pub(super) kind: &'static str,
    pub(super) source: Box<dyn Look>,
    /// Of the last poll, if it failed.
    pub(super) error: Option<ExternalError>,
}

impl Stage {
    /// An [`HttpPoller`].
    pub(super) async fn bare() -> Self {
        Self::of("bare", bare).await
    }

    /// A [`DeclaredSource`] of a number.
    pub(super) async fn declared() -> Self {
        Self::of("declared", |url| source::<u32>(declare(url))).await
    }

    /// One of each, for what they share.
    pub(super) async fn both() -> [Self; 2] {
        [Self::bare().await, Self::declared().await]
    }

    /// Any source of `/v`.
    pub(super) async fn of<L: Look + 'static>(
        kind: &'static str,
        make: impl FnOnce(String) -> L,
    ) -> Self {
        let server = Server::start().await;
        let source = Box::new(make(server.url("/v")));
        Self { server, kind, source, error: None }
    }

    /// Polls once, and says what it came to.
    pub(super) async fn poll(&mut self) -> String {
        let polled = self.source.look().await;
        let word = word(&polled);
        self.error = polled.err();
        word
    }

    /// Polls once while the server answers this, now and later.
    pub(super) async fn sees(&mut self, reply: Reply) -> String {
        self.server.set("/v", reply);
        self.poll().await
    }

    /// Polls through these answers, one a poll.
    pub(super) async fn plays(&mut self, replies: impl IntoIterator<Item = Reply>) -> String {
        let mut words = Vec::new();
        for reply in replies {
            words.push(self.sees(reply).await);
        }
        words.join(" ")
    }

    /// Polls an answer that does not come (to its end). Time passes by itself once it is asked for.
    pub(super) async fn waits_for(&mut self, reply: Reply) -> String {
        self.server.set("/v", reply);
        let asked = self.server.requests().len() + 1;
        let polled = self.source.look();
        let (polled, ()) = tokio::join!(polled, async {
            self.server.wait_for(asked).await;
            tokio::time::pause();
        });
        tokio::time::resume();
        let word = word(&polled);
        self.error = polled.err();
        word
    }

    /// The error of the last poll.
    pub(super) fn error(&self) -> &ExternalError {
        self.error.as_ref().expect("the last poll failed")
    }

    /// The validator of the n-th request.
    pub(super) fn validator(&self, n: usize) -> Option<String> {
        self.server.requests()[n].header("if-none-match").map(str::to_owned)
    }
}
