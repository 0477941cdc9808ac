//! Takes known secrets out of texts that come from outside: answers of servers, errors of libraries.
//!
//! A source has a [`Redactor`], which knows the secrets that the source resolved: from its declaration, from variables,
//! files and token endpoints. A text is redacted before it is cut, because a cut secret is still half a secret. Texts
//! that were cut elsewhere are covered as well: a part of a secret is found by itself when it has 12 characters, or 6
//! of them beside an ellipsis.
//!
//! A secret is found in every spelling of [`spellings`]. One of 4 to 7 characters is found only as a whole word,
//! because it may be part of ordinary words. A shorter one is not searched for: it protects nothing.
//!
//! Trusted sources also know the secrets of each other, from 12 characters on, so that one source does not show what
//! another one resolved. An untrusted source knows its own secrets alone: what is hidden from it would tell a tenant
//! what the secrets of others are.
//!
//! Only errors and logs pay for it: an index of the secrets of a source is built when a text is redacted. It is many
//! times as large as they are, and in an outage all sources fail, so it is kept for the few sources whose texts were
//! redacted last: one failure has many texts.

mod index;
mod spellings;

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, RwLock, Weak};

use self::index::{Index, PatternId, whole_characters};
use self::spellings::views;
use url::Url;

use super::likely::{HIDDEN, masked_path};
use super::{Secret, Show};

/// The secrets of a declaration that are known at most.
const MOST_DECLARED: usize = 512;
/// Their bytes.
const MOST_DECLARED_BYTES: usize = 128 * 1024;
/// The secrets that changed, as tokens and files do: old ones stay known for so many changes.
const MOST_CHANGED: usize = 32;
/// Their bytes; the newest one is known however long it is.
const MOST_CHANGED_BYTES: usize = 16 * 1024;
/// The secrets that trusted sources know of each other, and their bytes: the index takes some forty times as much.
const MOST_SHARED: usize = 4096;
const MOST_SHARED_BYTES: usize = 512 * 1024;
/// A shorter secret is known to its own source alone.
const SHORTEST_SHARED: usize = 12;
/// The longest text that is redacted: a URL, and twice an error. What is behind it is cut off.
const LONGEST_TEXT: usize = 8 * 1024;
/// The sources whose index is kept.
const MOST_RECENT: usize = 4;

/// Takes the secrets of a source out of texts. Clones know the same secrets.
#[derive(Clone)]
pub(crate) struct Redactor(Arc<Scope>);

struct Scope {
    is_trusted: bool,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    declared: Vec<Secret>,
    /// The newest one is the last.
    changed: VecDeque<Secret>,
    declared_bytes: usize,
    changed_bytes: usize,
    /// The index of both; the weak one ends with its place among the [`RECENT`].
    index: Weak<Index>,
}

/// What trusted sources know of each other.
#[derive(Default)]
struct Shared {
    secrets: HashMap<Secret, Entry>,
    bytes: usize,
    index: Index,
}

struct Entry {
    sources: usize,
    patterns: Vec<PatternId>,
}

static SHARED: LazyLock<RwLock<Shared>> = LazyLock::new(RwLock::default);

/// The indexes of the sources whose texts were redacted last.
static RECENT: Mutex<VecDeque<Arc<Index>>> = Mutex::new(VecDeque::new());

impl Redactor {
    /// Of a trusted source: it knows the secrets of other trusted sources, too.
    pub(crate) fn trusted() -> Self {
        Self::new(true)
    }

    /// Of an untrusted source: it knows its own secrets alone.
    pub(crate) fn isolated() -> Self {
        Self::new(false)
    }

    /// Of what is declared, to show that.
    pub(crate) fn of(secrets: &[Secret]) -> Self {
        let redactor = Self::isolated();
        secrets.iter().for_each(|secret| redactor.declare(secret));
        redactor
    }

    fn new(is_trusted: bool) -> Self {
        Self(Arc::new(Scope { is_trusted, known: Mutex::default() }))
    }

    /// Adds a secret of the declaration. It is known as long as the source lives.
    pub(crate) fn declare(&self, secret: &Secret) {
        for part in spellings::parts(secret.expose()) {
            let mut known = self.0.known();
            let length = part.expose().len();
            let is_known = known.declared.contains(&part);
            let has_room = known.declared.len() < MOST_DECLARED
                && known.declared_bytes + length <= MOST_DECLARED_BYTES;
            if is_known || !has_room {
                continue;
            }
            known.forget_index();
            known.declared_bytes += length;
            known.declared.push(part.clone());
            drop(known);
            self.0.share(&part);
        }
    }

    /// Adds a secret that takes the place of an older one, which stays known for a while.
    pub(crate) fn learn(&self, secret: &Secret) {
        for part in spellings::parts(secret.expose()) {
            let mut known = self.0.known();
            if known.declared.contains(&part) {
                continue;
            }
            if let Some(place) = known.changed.iter().position(|it| *it == part) {
                known.changed.remove(place);
                known.changed.push_back(part);
                continue;
            }
            known.forget_index();
            let length = part.expose().len();
            let mut forgotten = Vec::new();
            while known.changed.len() >= MOST_CHANGED
                || known.changed_bytes + length > MOST_CHANGED_BYTES
            {
                let Some(oldest) = known.changed.pop_front() else { break };
                known.changed_bytes -= oldest.expose().len();
                forgotten.push(oldest);
            }
            known.changed_bytes += length;
            known.changed.push_back(part.clone());
            drop(known);
            forgotten.iter().for_each(|oldest| self.0.unshare(oldest));
            self.0.share(&part);
        }
    }

    /// The text with `***` in place of every known secret.
    pub(crate) fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.redact_with(text, &[])
    }

    /// The same, with some more secrets that are known for this text alone.
    pub(crate) fn redact_with<'a>(&self, text: &'a str, more: &[Secret]) -> Cow<'a, str> {
        let text = bounded(text);
        let views = views(&text);
        let index = self.0.known().index();
        let mut found = index.find(&text, &views);
        if self.0.is_trusted {
            let shared = SHARED.read().unwrap_or_else(PoisonError::into_inner);
            found.extend(shared.index.find(&text, &views));
        }
        if !more.is_empty() {
            let mut index = Index::default();
            let parts = more.iter().flat_map(|secret| spellings::parts(secret.expose()));
            parts.for_each(|part| _ = index.add(&part));
            found.extend(index.find(&text, &views));
        }
        if found.is_empty() {
            return text;
        }
        Cow::Owned(hidden(&text, found))
    }

    /// A URL that can be shown. What its host is stays: it says where to look.
    pub(crate) fn url(&self, show: Show, url: &Url) -> String {
        let shown = masked_path(&show.url(url));
        let host = shown.find("://").map_or(0, |at| at + "://".len());
        let path =
            shown.get(host..).and_then(|rest| rest.find('/')).map_or(shown.len(), |at| host + at);
        let (host, path) = shown.split_at(path);
        format!("{host}{}", self.redact(path))
    }
}

impl Scope {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn share(&self, secret: &Secret) {
        if !self.is_trusted || secret.expose().len() < SHORTEST_SHARED {
            return;
        }
        let mut shared = SHARED.write().unwrap_or_else(PoisonError::into_inner);
        let Shared { secrets, bytes, index } = &mut *shared;
        let length = secret.expose().len();
        if let Some(entry) = secrets.get_mut(secret) {
            entry.sources += 1;
        } else if secrets.len() < MOST_SHARED && *bytes + length <= MOST_SHARED_BYTES {
            *bytes += length;
            let entry = Entry { sources: 1, patterns: index.add(secret) };
            secrets.insert(secret.clone(), entry);
        }
    }

    fn unshare(&self, secret: &Secret) {
        if !self.is_trusted || secret.expose().len() < SHORTEST_SHARED {
            return;
        }
        let mut shared = SHARED.write().unwrap_or_else(PoisonError::into_inner);
        let Shared { secrets, bytes, index } = &mut *shared;
        let Some(entry) = secrets.get_mut(secret) else { return };
        entry.sources -= 1;
        if entry.sources == 0
            && let Some(Entry { patterns, .. }) = secrets.remove(secret)
        {
            *bytes -= secret.expose().len();
            index.remove(&patterns);
        }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        let known = self.known.get_mut().unwrap_or_else(PoisonError::into_inner);
        known.forget_index();
        let secrets: Vec<_> = known.declared.drain(..).chain(known.changed.drain(..)).collect();
        secrets.iter().for_each(|secret| self.unshare(secret));
    }
}

impl Known {
    fn index(&mut self) -> Arc<Index> {
        if let Some(index) = self.index.upgrade() {
            return index;
        }
        let mut index = Index::default();
        self.declared.iter().chain(&self.changed).for_each(|secret| _ = index.add(secret));
        let index = Arc::new(index);
        self.index = Arc::downgrade(&index);
        let mut recent = RECENT.lock().unwrap_or_else(PoisonError::into_inner);
        recent.push_back(Arc::clone(&index));
        let oldest = if recent.len() > MOST_RECENT { recent.pop_front() } else { None };
        drop(recent);
        drop(oldest);
        index
    }

    /// What is known changed, or is not needed any more.
    fn forget_index(&mut self) {
        let Some(index) = std::mem::take(&mut self.index).upgrade() else { return };
        let mut recent = RECENT.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|other| !Arc::ptr_eq(other, &index));
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redactor")
    }
}

/// A text that is not too long.
fn bounded(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST_TEXT {
        return Cow::Borrowed(text);
    }
    let end = whole_characters(text, &(LONGEST_TEXT..LONGEST_TEXT)).start;
    Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default()))
}

/// The text without these stretches of it, which may overlap and begin within a character.
fn hidden(text: &str, mut found: Vec<Range<usize>>) -> String {
    found.sort_by_key(|range| (range.start, range.end));
    let (mut shown, mut place) = (String::with_capacity(text.len()), 0);
    let mut found = found.into_iter().peekable();
    while let Some(Range { start, mut end }) = found.next() {
        while let Some(next) = found.next_if(|next| next.start <= end) {
            end = end.max(next.end);
        }
        let range = whole_characters(text, &(start..end));
        shown += text.get(place..range.start.max(place)).unwrap_or_default();
        shown += HIDDEN;
        place = range.end;
    }
    shown + text.get(place..).unwrap_or_default()
}

#[cfg(test)]
mod tests;
