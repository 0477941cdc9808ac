//! Finds any of many secrets in a text, in one pass.
//!
//! Stretches of a few bytes of each pattern are kept in a hash table, by their hash alone; at each byte of a text its
//! stretch is looked up, and what is found is compared to both sides. What a text costs does not depend on how many
//! secrets there are.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use secrecy::zeroize::Zeroizing;
use xxhash_rust::xxh3::xxh3_64;

use super::spellings::{View, patterns};
use crate::secret::Secret;

/// The bytes of a stretch, and of that of a pattern which has no more.
const STRETCH: usize = 6;
const SHORT_STRETCH: usize = 4;
/// A shorter pattern is found as a whole word only.
const ANYWHERE: usize = 8;
/// The shortest part of a secret that is found by itself.
const PART: usize = 12;
/// The most patterns that have one stretch in common and are looked at.
const MOST_ALIKE: usize = 64;
/// How far the base64 around a secret is followed, in bytes.
const MOST_AROUND: usize = 2048;

pub(super) type PatternId = u32;

#[derive(Default)]
pub(super) struct Index {
    patterns: HashMap<PatternId, Pattern>,
    stretches: HashMap<u64, Places, BuildHasherDefault<Hashed>>,
    next: PatternId,
    has_short: bool,
}

/// A secret in one spelling.
pub(super) struct Pattern {
    pub(super) text: Zeroizing<Vec<u8>>,
    /// What is around it belongs to it.
    pub(super) is_base64: bool,
}

/// The patterns that have a stretch in common. Most stretches are of one pattern.
enum Places {
    One(Place),
    Several(Vec<Place>),
}

impl Places {
    fn as_slice(&self) -> &[Place] {
        match self {
            Self::One(place) => std::slice::from_ref(place),
            Self::Several(places) => places,
        }
    }

    fn push(&mut self, place: Place) {
        match self {
            Self::One(first) => *self = Self::Several(vec![*first, place]),
            Self::Several(places) if places.len() < MOST_ALIKE => places.push(place),
            Self::Several(_) => {}
        }
    }
}

/// The hash of a stretch is its key, and needs no other.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64(bytes);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[derive(Clone, Copy)]
struct Place {
    pattern: PatternId,
    offset: u32,
}

impl Pattern {
    /// Where the stretches begin that are kept of it: at least one is in each part that is to be found.
    fn offsets(&self) -> impl Iterator<Item = usize> {
        let last = self.text.len().saturating_sub(STRETCH);
        // Base64 has no need of short parts.
        let step = if self.is_base64 { 3 * STRETCH } else { STRETCH };
        (0..last).step_by(step).chain([last])
    }

    fn stretch(&self, offset: usize) -> Option<u64> {
        let length = if self.text.len() < STRETCH { SHORT_STRETCH } else { STRETCH };
        Some(xxh3_64(self.text.get(offset..offset + length)?))
    }
}

impl Index {
    /// Adds a secret. Its patterns are returned, to remove them.
    pub(super) fn add(&mut self, secret: &Secret) -> Vec<PatternId> {
        let patterns = patterns(secret).into_iter();
        patterns.filter(|it| it.text.len() >= SHORT_STRETCH).map(|it| self.insert(it)).collect()
    }

    fn insert(&mut self, pattern: Pattern) -> PatternId {
        let id = self.next;
        self.next = self.next.wrapping_add(1);
        self.has_short |= pattern.text.len() < STRETCH;
        for offset in pattern.offsets() {
            let Some(stretch) = pattern.stretch(offset) else { continue };
            let Ok(offset) = u32::try_from(offset) else { continue };
            let place = Place { pattern: id, offset };
            self.stretches
                .entry(stretch)
                .and_modify(|places| places.push(place))
                .or_insert(Places::One(place));
        }
        self.patterns.insert(id, pattern);
        id
    }

    pub(super) fn remove(&mut self, ids: &[PatternId]) {
        for id in ids {
            let Some(pattern) = self.patterns.remove(id) else { continue };
            for stretch in pattern.offsets().filter_map(|offset| pattern.stretch(offset)) {
                let is_empty = match self.stretches.get_mut(&stretch) {
                    None => false,
                    Some(Places::One(place)) => place.pattern == *id,
                    Some(Places::Several(places)) => {
                        places.retain(|place| place.pattern != *id);
                        places.is_empty()
                    }
                };
                if is_empty {
                    self.stretches.remove(&stretch);
                }
            }
        }
    }

    /// Where secrets are in a text, of which these are the views.
    pub(super) fn find(&self, text: &str, views: &[View]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        if !self.patterns.is_empty() {
            views.iter().for_each(|view| self.find_in(text, view, &mut found));
        }
        found
    }

    fn find_in(&self, text: &str, view: &View, found: &mut Vec<Range<usize>>) {
        let mut place = 0;
        while place < view.bytes.len() {
            let lengths =
                [STRETCH, SHORT_STRETCH].into_iter().filter(|it| *it == STRETCH || self.has_short);
            let matches = lengths.filter_map(|length| self.longest(text, view, place, length));
            match matches.max_by_key(|it| it.seen.end) {
                Some(Match { seen, range }) => {
                    found.push(range);
                    place = seen.end.max(place + 1);
                }
                None => place += 1,
            }
        }
    }

    /// The longest match with a stretch of this length here.
    fn longest(&self, text: &str, view: &View, place: usize, length: usize) -> Option<Match> {
        let stretch = xxh3_64(view.bytes.get(place..place + length)?);
        let candidates = self.stretches.get(&stretch)?.as_slice().iter();
        let matches = candidates.filter_map(|it| self.compared(text, view, place, *it));
        matches.max_by_key(|it| it.seen.end)
    }

    /// How far a pattern goes to both sides, if that is enough of it.
    fn compared(&self, text: &str, view: &View, place: usize, at: Place) -> Option<Match> {
        let pattern = self.patterns.get(&at.pattern)?;
        let secret: &[u8] = &pattern.text;
        let offset = usize::try_from(at.offset).ok()?;
        let ahead = view.bytes.get(place..)?.iter().zip(secret.get(offset..)?);
        let ahead = ahead.take_while(|(seen, known)| seen == known).count();
        let behind = view.bytes.get(..place)?.iter().rev().zip(secret.get(..offset)?.iter().rev());
        let behind = behind.take_while(|(seen, known)| seen == known).count();
        let seen = place - behind..place + ahead;
        let of_secret = offset - behind..offset + ahead;
        let range = view.range(seen.clone())?;
        let is_whole = of_secret == (0..secret.len());
        let is_found = if is_whole && secret.len() < ANYWHERE {
            is_word(text, &range)
        } else {
            is_whole || of_secret.len() >= PART || is_cut(text, &range, &of_secret, secret.len())
        };
        if !is_found {
            return None;
        }
        let range = if pattern.is_base64 { around(text, range) } else { range };
        Some(Match { seen, range })
    }
}

/// The range of the characters that a range of bytes is in.
pub(super) fn whole_characters(text: &str, range: &Range<usize>) -> Range<usize> {
    let is_bound = |at: &usize| text.is_char_boundary(*at);
    let start = (0..=range.start).rev().find(is_bound).unwrap_or_default();
    let end = (range.end..text.len()).find(is_bound).unwrap_or(text.len());
    start..end
}

struct Match {
    /// In the view.
    seen: Range<usize>,
    /// In the text.
    range: Range<usize>,
}

fn sides<'a>(text: &'a str, range: &Range<usize>) -> (&'a str, &'a str) {
    let Range { start, end } = whole_characters(text, range);
    (text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default())
}

fn is_word(text: &str, range: &Range<usize>) -> bool {
    let (before, behind) = sides(text, range);
    !before.ends_with(char::is_alphanumeric) && !behind.starts_with(char::is_alphanumeric)
}

/// Whether a part of a secret is what a cut has left of it.
fn is_cut(text: &str, range: &Range<usize>, part: &Range<usize>, whole: usize) -> bool {
    // What does not count may stand between.
    let gap = |c: char| c.is_whitespace() || c == '+' || c == '-';
    let (before, behind) = sides(text, range);
    let (before, behind) = (before.trim_end_matches(gap), behind.trim_start_matches(gap));
    let begins = part.start == 0 && (behind.starts_with('…') || behind.starts_with("..."));
    let ends = part.end == whole && (before.ends_with('…') || before.ends_with("..."));
    part.len() >= STRETCH && (begins || ends)
}

/// With the characters of base64 around it: a user name before it, and what was encoded together with it.
fn around(text: &str, range: Range<usize>) -> Range<usize> {
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_%".contains(byte);
    let (before, behind) = sides(text, &range);
    let before = before.bytes().rev().take(MOST_AROUND).take_while(is_base64).count();
    let behind = behind.bytes().take(MOST_AROUND);
    let behind = behind.take_while(|byte| is_base64(byte) || *byte == b'=').count();
    range.start - before..range.end + behind
}
