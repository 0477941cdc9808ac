//! What was learned of objects: from a listing, and from what is in them.

use std::time::Duration;

use tokio::time::Instant;

use super::super::StoredObject;
use super::super::content::{Content, Failed, Read};
use super::round::{Done, Round};
use super::wanted::{Suspect, Wanted, is_costly};
use super::{Bad, ContentPoller, Known, Raw, ReadsObject, with};
use crate::change::entity_tag::weakly_equal;
use crate::change::{Fingerprint, RawValue, Single};
use crate::error::{Asked, DecodeError, ExternalError};
use crate::watcher::ExternalEvent;

impl<T: Clone + Send + 'static> ContentPoller<T> {
    pub(super) fn learn(&mut self, event: ExternalEvent<StoredObject>) {
        match event {
            ExternalEvent::Added(object) | ExternalEvent::Modified(object) => {
                let path = object.path.clone();
                let mut wanted = Wanted::new(object);
                // One that changes all the time would never match.
                wanted.changed = self.wanted.get(&path).map_or(0, |before| before.changed);
                self.wanted.insert(path, wanted);
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
    pub(super) fn has(&mut self, done: Done) {
        let Done { object, read, took } = done;
        let Round { number, .. } = self.round;
        let path = object.path.as_str();
        // What was listed again since is read again.
        let Some(wanted) = self.wanted.get_mut(path).filter(|it| it.object == object) else {
            return;
        };
        wanted.is_reading = false;
        if !matches!(read, Read::Missing) {
            wanted.missing = 0;
        }
        match read {
            Read::Content(content) => {
                self.round.served = true;
                self.take(&object, content, took);
            }
            Read::TooLarge => {
                let limit = self.body_limit;
                let message = format!("larger than the limit of {limit} bytes (`body_limit`)");
                self.is_bad(path, Bad { at: String::new(), message });
            }
            Read::Changed => wanted.changed += 1,
            Read::Missing => {
                wanted.missing += 1;
                let missing = wanted.missing;
                if missing > 1 {
                    wanted.rest(missing - 1, number, Instant::now(), took);
                }
                if missing == 2 {
                    self.tell_bad(format!(
                        "`{path}`: the store lists it and answers that it is not there; leave it out by `exclude` \
                         if it stays so, as the placeholder of a folder does"
                    ));
                }
            }
            Read::Failed(Failed { error, scope }) => {
                wanted.failures += 1;
                self.source.failed(error.kind());
                if is_costly(error.kind()) {
                    self.round.costly += 1;
                }
                let failures = wanted.failures;
                if wanted.bad.is_some() {
                    wanted.rest(failures, number, Instant::now(), took);
                } else {
                    let path = path.to_owned();
                    self.round.suspects.push(Suspect { path, scope, failures, took, error });
                }
            }
        }
    }

    /// An object cannot be read although others can: it is a bad item, and is read again more and more rarely.
    pub(super) fn is_at_fault(&mut self, suspect: Suspect) {
        let Suspect { path, failures, took, error, .. } = suspect;
        let Some(wanted) = self.wanted.get_mut(&path).filter(|it| it.failures > 0) else { return };
        wanted.rest(failures, self.round.number, Instant::now(), took);
        let message = self.source.masked(error.message);
        self.tell_bad(message);
    }

    /// Whether an object was read, and nothing is wrong with it since.
    pub(super) fn is_good(&self, path: &str) -> bool {
        let is_present = |known: &Known<T>| known.value.is_present();
        self.known.get(path).is_some_and(is_present)
            && !self.wanted.contains_key(path)
            && !self.bad.contains_key(path)
    }

    fn take(&mut self, listed: &StoredObject, content: Content, took: Duration) {
        let Content { object, content_type, body } = content;
        let (path, is_listed) = (listed.path.as_str(), is_the_same(listed, &object));
        let equal = self.equal;
        let known = self
            .known
            .entry(path.to_owned())
            .or_insert_with(|| Known { object: object.clone(), value: Single::new(1, equal) });
        let (content_type, body_limit) = (content_type.as_deref(), self.body_limit);
        let raw = Raw { path, content_type, body: &body, body_limit };
        let page = if is_listed { None } else { self.reads.page(&raw) };
        if let Some(DecodeError { path: at, message, .. }) = page {
            return self.is_another(path, Bad { at, message }, took);
        }
        match known.value.present(&Readable { raw, reads: &*self.reads }) {
            Ok(event) => {
                known.object = object;
                self.told.extend(event.map(|event| with(event, &known.object)));
                self.wanted.remove(path);
                self.bad.remove(path);
            }
            Err(DecodeError { path: at, message, .. }) => {
                let bad = Bad { at, message };
                if is_listed { self.is_bad(path, bad) } else { self.is_another(path, bad, took) }
            }
        }
    }

    /// It is not read again until it changes.
    fn is_bad(&mut self, path: &str, bad: Bad) {
        self.wanted.remove(path);
        self.refuse(path, bad);
    }

    /// Something else was sent in its place, as a proxy sends its login page: it is read again more and more rarely.
    fn is_another(&mut self, path: &str, bad: Bad, took: Duration) {
        if let Some(wanted) = self.wanted.get_mut(path) {
            wanted.failures += 1;
            wanted.rest(wanted.failures, self.round.number, Instant::now(), took);
        }
        self.refuse(path, bad);
    }

    fn refuse(&mut self, path: &str, bad: Bad) {
        let at = if bad.at.is_empty() { String::new() } else { format!("{}: ", bad.at) };
        self.tell_bad(format!("`{path}`: {at}{}", bad.message));
        self.bad.insert(path.to_owned(), bad);
    }

    fn tell_bad(&mut self, what: String) {
        self.bad_seen += 1;
        self.last_bad = Some(what);
    }

    /// No object is good, and some are bad: the type is not that of the objects.
    pub(super) fn strange(&self) -> Option<ExternalError> {
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

/// Whether an object that was read is the one that was listed, as far as the store says.
fn is_the_same(listed: &StoredObject, read: &StoredObject) -> bool {
    let etags = listed.etag.as_deref().zip(read.etag.as_deref());
    etags.is_some_and(|(listed, read)| weakly_equal(listed.as_bytes(), read.as_bytes()))
        // Some servers list ETags that their objects do not have.
        || listed.size == read.size
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
