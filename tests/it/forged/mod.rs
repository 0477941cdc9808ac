//! What a tenant or a server may plant: line breaks, escape sequences, characters that turn or hide text, and megabytes.
//! No error, log line or status holds them as they are, and none is longer than 4 KiB.
//!
//! A new place that shows text from outside is covered where it is one of these: a setting (the table of settings is
//! walked in `config/vocabulary/planted.rs`), a method of the builder (`declarations`), a header, a body or a status of
//! an answer (`answers`, each against every kind of source), a key or an answer of a store (`stores`), a source written
//! by hand (`by_hand`). Everything is looked at by [`Planted::run`], with the log lines of the crate at TRACE.

mod answers;
mod by_hand;
mod declarations;
mod recorder;
mod stores;

use std::error::Error;

use futures::future::BoxFuture;
use koprs_external::ExternalError;
use koprs_external::watcher::{ExternalSource, Report};

use self::recorder::Recorder;

/// What a terminal or a log obeys, between texts that are found again.
pub(super) const PLANTED: &str =
    "a\n\rplanted\0\u{1b}[31m\u{7f}\u{85}\u{9b}2J\u{202e}\u{2028}\u{2066}\u{200b}\u{feff}\u{61c}b";
/// The same without what no header can carry.
pub(super) const IN_HEADER: &str =
    "a\u{85}\u{9b}2J\u{202e}\u{2028}\u{2066}\u{200b}\u{feff}\u{61c}b";
/// The longest text that a message may have.
const LONGEST: usize = 4096;

/// A text of a megabyte.
pub(super) fn long() -> String {
    "\u{202e}planted".repeat(100_000)
}

/// Texts that people may see.
#[derive(Default)]
pub(super) struct Seen(Vec<String>);

impl Seen {
    pub(super) fn text(&mut self, text: impl Into<String>) {
        self.0.push(text.into());
    }

    /// An error, with its causes.
    pub(super) fn error(&mut self, error: &(dyn Error + 'static)) {
        let chain = std::iter::successors(Some(error), |&link| link.source());
        self.0.extend(chain.map(ToString::to_string));
    }

    pub(super) fn report(&mut self, report: Report) {
        self.0.extend(report.last_bad_item);
        self.0.extend(report.partial_list);
        self.0.extend(report.absence.map(|it| it.to_string()));
        self.0.extend(report.held_removals.map(|it| it.to_string()));
    }

    /// Polls a few times.
    pub(super) async fn polls(&mut self, source: &mut impl ExternalSource) {
        for _ in 0..2 {
            if let Err(error) = source.poll().await {
                self.error(&error);
            }
            self.report(source.report());
        }
    }
}

/// Looks at all that a future shows and logs.
pub(super) async fn run(what: &str, shows: BoxFuture<'_, Seen>) -> usize {
    let (recorder, guard) = Recorder::start();
    let Seen(texts) = shows.await;
    drop(guard);
    let logged = recorder.texts();
    for text in texts.iter().chain(&logged) {
        is_clean(what, text);
    }
    texts.len() + logged.len()
}

#[track_caller]
pub(super) fn is_clean(what: &str, text: &str) {
    let raw = text.chars().find(|c| is_obeyed(*c));
    assert_eq!(raw, None, "{what}: {}", text.escape_debug());
    assert!(text.len() <= LONGEST, "{what}: {} bytes: {text:.300}", text.len());
}

/// Written down once more: the list of the library is what is tested.
fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[test]
fn what_is_planted_would_be_found() {
    assert!(PLANTED.chars().filter(|c| is_obeyed(*c)).count() > 10);
    let error = ExternalError::Internal("\u{1b}".to_owned());
    let mut seen = Seen::default();
    seen.error(&error);
    assert_eq!(seen.0, ["Internal error: \\u{1b}"]);
}
