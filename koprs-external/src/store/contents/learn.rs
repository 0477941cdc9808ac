//! What was learned of objects: from a listing, and from what is in them.

use std::cell::Cell;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::super::StoredObject;
use super::super::content::{Content, Failed, Read};
use super::super::source::asked;
use super::bad::Bad;
use super::round::{Done, Round};
use super::wanted::{Suspect, Wanted, is_costly};
use super::{ContentPoller, Known, Raw, ReadsObject, State, with};
use crate::change::entity_tag::weakly_equal;
use crate::change::{Fingerprint, RawValue, Single};
use crate::error::{Asked, DecodeError, ExternalError, StoreError};
use crate::memory::{Full, MemoryLimits};
use crate::printable::{message, printable};
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
                let mut state = self.state.get();
                if let Some(Known { object, mut value, size }) = state.known.remove(&object.path) {
                    state.known_size = state.known_size.saturating_sub(size);
                    state.told_size += size;
                    state.told.extend(value.retract().map(|event| with(event, &object)));
                }
            }
        }
    }

    /// What came of reading an object.
    pub(super) async fn has(&mut self, done: Done) {
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
                self.take(&object, content, took).await;
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
                        "`{}`: the store lists it and answers that it is not there; leave it out by `exclude` \
                         if it stays so, as the placeholder of a folder does",
                        printable(path)
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
        self.tell_bad(error.message);
    }

    /// Whether an object was read, and nothing is wrong with it since.
    pub(super) fn is_good(&self, path: &str, known: &Known<T>) -> bool {
        known.value.is_present() && !self.wanted.contains_key(path) && !self.bad.contains(path)
    }

    async fn take(&mut self, listed: &StoredObject, content: Content, took: Duration) {
        let (is_listed, body_limit) = (is_the_same(listed, &content.object), self.body_limit);
        let (equal, reads) = (self.equal, Arc::clone(&self.reads));
        let path = listed.path.clone();
        let limits = self.follow.view.memory;
        let cost = reads.cost(&raw(&path, &content, body_limit, limits.walk));
        // A small object may take the place of a large value, which is dropped then.
        let replaced = self.state.get().known.get(&path).map_or(0, |known| known.size);
        let cost = cost.max(usize::try_from(replaced).unwrap_or(usize::MAX));
        let bad = self.bad.memory();
        let take = move |state: &mut State<T>, _: &_| {
            state.take(path, content, is_listed, (body_limit, limits, bad), equal, &*reads)
        };
        let taken = self.state.run(cost, take).await;
        let path = listed.path.as_str();
        match taken {
            Ok(()) => {
                self.wanted.remove(path);
                self.bad.remove(path);
            }
            Err(Untaken::Full(full)) => self.is_full(path, full),
            Err(Untaken::Bad(bad)) if is_listed => self.is_bad(path, bad),
            Err(Untaken::Bad(bad)) => self.is_another(path, bad, took),
        }
    }

    /// There is no room for its value: the poll fails, and it is read again in the next round.
    fn is_full(&mut self, path: &str, full: Full) {
        let mut error = StoreError::from(full);
        error.message = format!("`{}`: {}", printable(path), error.message);
        self.round.is_full(asked(&self.source.asked, error));
    }

    /// It is not read again until it changes.
    fn is_bad(&mut self, path: &str, bad: Bad) {
        if self.refuse(path, bad) {
            self.wanted.remove(path);
        }
    }

    /// Something else was sent in its place, as a proxy sends its login page: it is read again more and more rarely.
    fn is_another(&mut self, path: &str, bad: Bad, took: Duration) {
        if let Some(wanted) = self.wanted.get_mut(path) {
            wanted.failures += 1;
            wanted.rest(wanted.failures, self.round.number, Instant::now(), took);
        }
        self.refuse(path, bad);
    }

    /// Remembers that an object is bad. Returns whether there is room for that.
    fn refuse(&mut self, path: &str, bad: Bad) -> bool {
        let limit = self.follow.view.memory.memory;
        let held = {
            let state = self.state.get();
            state.known_size.saturating_add(state.told_size)
        };
        if held.saturating_add(self.bad.memory_with(path, &bad)) > limit {
            self.is_full(path, Full::Memory(limit));
            return false;
        }
        let at = if bad.at.is_empty() { String::new() } else { format!("{}: ", bad.at) };
        self.tell_bad(format!("`{}`: {at}{}", printable(path), bad.message));
        self.bad.insert(path, bad);
        true
    }

    fn tell_bad(&mut self, what: String) {
        self.bad_seen += 1;
        self.last_bad = Some(message(&self.source.redacted(&what)));
    }

    /// No object is good, and some are bad: the type is not that of the objects.
    pub(super) fn strange(&self) -> Option<ExternalError> {
        let good = self.state.get().known.values().any(|known| known.value.is_present());
        let (path, Bad { at, message }) = self.bad.first().filter(|_| !good)?;
        let Asked { watcher, url } = &self.source.asked;
        let asked = Asked { watcher: watcher.clone(), url: format!("{url}: {path}") };
        let error = DecodeError { asked: Some(Box::new(asked)), ..DecodeError::new(at, message) };
        Some(ExternalError::Decode(error.redacted(|text| self.source.redacted(text))))
    }
}

/// Why a content is not taken.
enum Untaken {
    Bad(Bad),
    /// There is no room for its value.
    Full(Full),
}

impl<T: Clone> State<T> {
    /// Takes a content. Bad objects hold so many bytes.
    fn take(
        &mut self,
        path: String,
        content: Content,
        is_listed: bool,
        (body_limit, limits, bad_size): (u64, MemoryLimits, u64),
        equal: Option<fn(&T, &T) -> bool>,
        reads: &dyn ReadsObject<T>,
    ) -> Result<(), Untaken> {
        let bad = |DecodeError { path: at, message, .. }| Untaken::Bad(Bad { at, message });
        let raw = raw(&path, &content, body_limit, limits.walk);
        if let Some(page) = reads.page(&raw).filter(|_| !is_listed) {
            return Err(bad(page));
        }
        let mut entry = self.known.entry(path.clone());
        let mut new = None;
        let known = match &mut entry {
            Entry::Occupied(known) => known.get_mut(),
            Entry::Vacant(_) => new.insert(Known {
                object: content.object.clone(),
                value: Single::new(1, equal),
                size: 0,
            }),
        };
        let known_size = self.known_size.saturating_sub(known.size);
        let fixed = (size_of::<Known<T>>() + content.object.memory()) as u64;
        let (told, body) = (self.told_size, content.body.len() as u64);
        let held = known_size.saturating_add(bad_size);
        let fits = |size: u64| fits(limits, held, told, body, fixed.saturating_add(size));
        let (size, full) = (Cell::default(), Cell::default());
        let readable = Readable { raw, reads, fits: &fits, size, full };
        let event = known.value.present(&readable).map_err(|error| match readable.full.get() {
            Some(full) => Untaken::Full(full),
            None => bad(error),
        })?;
        if let (Some(_), Some(size)) = (&event, readable.size.get()) {
            known.size = fixed.saturating_add(size);
            self.known_size = known_size.saturating_add(known.size);
            self.told_size = self.told_size.saturating_add(known.size);
        }
        known.object = content.object;
        self.told.extend(event.map(|event| with(event, &known.object)));
        if let (Some(new), Entry::Vacant(entry)) = (new, entry) {
            entry.insert(new);
        }
        Ok(())
    }
}

fn raw<'a>(path: &'a str, content: &'a Content, body_limit: u64, walk_limit: u64) -> Raw<'a> {
    let Content { content_type, body, .. } = content;
    Raw { path, content_type: content_type.as_deref(), body, body_limit, walk_limit }
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
    /// Whether there is room for a value of this size.
    fits: &'a dyn Fn(u64) -> Result<(), Full>,
    /// The size of the value that was decoded.
    size: Cell<Option<u64>>,
    /// Why it was not.
    full: Cell<Option<Full>>,
}

/// Whether there is room for a value beside what is known, what was not handed over, and its body.
fn fits(limits: MemoryLimits, known: u64, told: u64, body: u64, size: u64) -> Result<(), Full> {
    let MemoryLimits { memory, walk } = limits;
    let news = told.saturating_add(size);
    if news.saturating_add(body) > walk {
        return Err(Full::Walk(walk));
    }
    let known = known.saturating_add(size).saturating_add(news);
    if known > memory { Err(Full::Memory(memory)) } else { Ok(()) }
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
        self.reads.decode(&self.raw, &mut |size| {
            self.size.set(Some(size));
            (self.fits)(size).inspect_err(|full| self.full.set(Some(*full)))
        })
    }
}
