//! What was learned of objects: from a listing, and from what is in them.

use super::super::StoredObject;
use super::super::content::{Content, Read};
use super::super::source::asked;
use super::{Bad, ContentPoller, Known, Raw, ReadsObject, Wanted, with};
use crate::change::{Fingerprint, RawValue, Single};
use crate::error::{Asked, DecodeError, ExternalError};
use crate::watcher::ExternalEvent;

impl<T: Clone + Send + 'static> ContentPoller<T> {
    pub(super) fn learn(&mut self, event: ExternalEvent<StoredObject>) {
        match event {
            ExternalEvent::Added(object) | ExternalEvent::Modified(object) => {
                let wanted = Wanted { object, asked: 0, missing: 0, changed: 0 };
                self.wanted.insert(wanted.object.path.clone(), wanted);
            }
            ExternalEvent::Removed(object) => {
                self.wanted.remove(&object.path);
                self.bad.remove(&object.path);
                if let Some(Known { object, mut value }) = self.known.remove(&object.path) {
                    self.told.extend(value.retract().map(|event| with(event, &object)));
                }
            }
        }
    }

    /// What came of reading an object.
    pub(super) fn has(&mut self, path: &str, read: Read) {
        if let Some(wanted) = self.wanted.get_mut(path) {
            wanted.asked = self.round.number;
            wanted.missing = if matches!(read, Read::Missing) { wanted.missing + 1 } else { 0 };
            wanted.changed += u32::from(matches!(read, Read::Changed));
        }
        match read {
            Read::Content(content) => self.take(path, content),
            Read::TooLarge => {
                let limit = self.body_limit;
                let message = format!("larger than the limit of {limit} bytes (`body_limit`)");
                self.is_bad(path, Bad { at: String::new(), message });
            }
            Read::Missing if self.wanted.get(path).is_some_and(|wanted| wanted.missing == 2) => {
                let why = "listed, and not to be read; the placeholder of a folder?";
                self.tell_bad(path, why);
            }
            Read::Missing | Read::Changed => {}
            Read::Failed(error) => {
                self.source.failed(error.kind());
                self.round.failures += 1;
                self.round.first.get_or_insert(error);
            }
        }
    }

    fn take(&mut self, path: &str, content: Content) {
        let Content { object, content_type, body } = content;
        let equal = self.equal;
        let known = self
            .known
            .entry(path.to_owned())
            .or_insert_with(|| Known { object: object.clone(), value: Single::new(1, equal) });
        let (content_type, body_limit) = (content_type.as_deref(), self.body_limit);
        let raw = Raw { path, content_type, body: &body, body_limit };
        match known.value.present(&Readable { raw, reads: &*self.reads }) {
            Ok(event) => {
                known.object = object;
                self.told.extend(event.map(|event| with(event, &known.object)));
                self.wanted.remove(path);
                self.bad.remove(path);
            }
            Err(DecodeError { path: at, message, .. }) => self.is_bad(path, Bad { at, message }),
        }
    }

    /// It is not read again until it changes.
    fn is_bad(&mut self, path: &str, bad: Bad) {
        self.wanted.remove(path);
        let at = if bad.at.is_empty() { String::new() } else { format!("{}: ", bad.at) };
        self.tell_bad(path, &format!("{at}{}", bad.message));
        self.bad.insert(path.to_owned(), bad);
    }

    fn tell_bad(&mut self, path: &str, why: &str) {
        self.bad_seen += 1;
        self.last_bad = Some(format!("`{path}`: {why}"));
    }

    /// Whether this was the end of a round, and what is wrong with it.
    pub(super) fn conclude(&mut self) {
        if self.failed.is_some() || self.round.lists || self.unread().next().is_some() {
            return;
        }
        self.failed = match self.round.first.take() {
            Some(mut error) => {
                if self.round.failures > 1 {
                    error.message =
                        format!("{}; and {} more", error.message, self.round.failures - 1);
                }
                error.message = self.source.masked(error.message);
                Some(asked(&self.source.asked, error))
            }
            None => self.strange(),
        };
    }

    /// No object is good, and some are bad: the type is not that of the objects.
    fn strange(&self) -> Option<ExternalError> {
        let good = self.known.values().any(|known| known.value.is_present());
        let (path, Bad { at, message }) = self.bad.first_key_value().filter(|_| !good)?;
        let Asked { watcher, url } = &self.source.asked;
        let asked = Asked { watcher: watcher.clone(), url: format!("{url}: {path}") };
        Some(ExternalError::Decode(DecodeError {
            asked: Some(Box::new(asked)),
            path: at.clone(),
            message: message.clone(),
        }))
    }
}

/// A content, and how it is read.
struct Readable<'a, T> {
    raw: Raw<'a>,
    reads: &'a dyn ReadsObject<T>,
}

impl<T> RawValue<T> for Readable<'_, T> {
    type Bad = DecodeError;

    fn content(&self) -> Fingerprint {
        Fingerprint::of(self.raw.body)
    }

    fn counted(&self) -> Result<Option<Fingerprint>, DecodeError> {
        self.reads.counted(&self.raw)
    }

    fn decode(&self) -> Result<T, DecodeError> {
        self.reads.decode(&self.raw)
    }
}
