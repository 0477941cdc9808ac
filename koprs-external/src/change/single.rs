//! One value over time.

use super::{Fingerprint, KnownValue};
use crate::watcher::ExternalEvent;

/// What is known of a single value.
#[derive(Debug)]
pub(crate) struct Single<T> {
    seen: Seen<T>,
    /// Observations in a row that did not find it.
    missed: u32,
    /// How many of them make it gone.
    confirm: u32,
    equal: Option<fn(&T, &T) -> bool>,
    /// The same of a value that was inherited, until it is seen.
    equal_at_first: Option<fn(&T, &T) -> bool>,
    /// What the first content was; it outlives the value.
    kind: Option<Kind>,
}

/// How much a content is like a page for people, as a proxy's login page is. It never takes the place of one that is
/// less like a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Something else.
    Other,
    /// By its content type only: some servers give it to any text.
    PageByType,
    Page,
}

#[derive(Debug)]
enum Seen<T> {
    /// Never, or gone since.
    Absent,
    Present {
        content: Fingerprint,
        /// Of what counts of it.
        counted: Fingerprint,
        value: T,
    },
}

/// A content as it came.
pub(crate) trait RawValue<T> {
    /// Why it is a bad one.
    type Bad;

    /// Of all of it.
    fn content(&self) -> Fingerprint;

    /// Of what counts of it; `None` is all of it.
    fn counted(&self) -> Result<Option<Fingerprint>, Self::Bad>;

    fn decode(&self) -> Result<T, Self::Bad>;

    /// If it is like a page for people: how much, and why it is a bad one where something else was followed.
    fn page(&self) -> Option<(Kind, Self::Bad)> {
        None
    }
}

/// How an observation says that there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// It may be a blip: 404.
    NotFound,
    /// It is meant: 410.
    Gone,
}

impl Missing {
    /// The status that says so.
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Gone => 410,
        }
    }
}

/// How many observations in a row did not find the value.
#[derive(Debug)]
pub(crate) struct Missed(u32);

impl<T: Clone> Single<T> {
    /// Nothing is known; so many [`Missing::NotFound`] in a row, at least one, make a value gone. Two values
    /// that are `equal` are the same, where that is asked for.
    pub(crate) fn new(confirm: u32, equal: Option<fn(&T, &T) -> bool>) -> Self {
        let (seen, confirm) = (Seen::Absent, confirm.max(1));
        Self { seen, missed: 0, confirm, equal, equal_at_first: None, kind: None }
    }

    /// Takes out what is known, for a successor.
    pub(crate) fn hand_over(&mut self) -> Option<KnownValue<T>> {
        self.missed = 0;
        match std::mem::replace(&mut self.seen, Seen::Absent) {
            Seen::Present { content, counted, value } => {
                Some(KnownValue { value, content, counted, kind: self.kind })
            }
            Seen::Absent => None,
        }
    }

    /// Takes over what is known. Its first sight is compared with `equal` too, where its content differs.
    pub(crate) fn inherit(
        &mut self,
        known: Option<KnownValue<T>>,
        equal: Option<fn(&T, &T) -> bool>,
    ) {
        if let Some(KnownValue { value, content, counted, kind }) = known {
            self.seen = Seen::Present { content, counted, value };
            self.kind = kind;
            self.equal_at_first = equal;
        }
    }

    pub(crate) fn is_present(&self) -> bool {
        matches!(self.seen, Seen::Present { .. })
    }

    /// Whether it is known to be there or known not to be.
    pub(crate) fn is_certain(&self) -> bool {
        self.missed == 0 || self.missed >= self.confirm
    }

    /// Somebody goes to look. Whoever does not come back with [`missing`](Self::missing) has ended the row:
    /// the value is there, or it could not be seen, and an outage shows in all kinds of answers.
    pub(crate) fn look(&mut self) -> Missed {
        Missed(std::mem::take(&mut self.missed))
    }

    /// It is there with this content, which is decoded only when what counts of it is new. When that fails,
    /// the value stays what it was.
    pub(crate) fn present<B>(
        &mut self,
        raw: &impl RawValue<T, Bad = B>,
    ) -> Result<Option<ExternalEvent<T>>, B> {
        let content = raw.content();
        let known = match &self.seen {
            Seen::Present { content: known, .. } if *known == content => {
                self.equal_at_first = None;
                return Ok(None);
            }
            Seen::Present { counted, value, .. } => Some((*counted, value)),
            Seen::Absent => None,
        };
        let kind = match (raw.page(), self.kind) {
            (Some((kind, bad)), Some(first)) if kind > first => return Err(bad),
            (_, Some(first)) => first,
            (Some((kind, _)), None) => kind,
            (None, None) => Kind::Other,
        };
        let counted = raw.counted()?.unwrap_or(content);
        if known.is_some_and(|(before, _)| before == counted) {
            return Ok(self.same(content, counted));
        }
        let value = raw.decode()?;
        self.kind = Some(kind);
        let equal = self.equal.or(self.equal_at_first.take());
        let event = match (known, equal) {
            (Some((_, old)), Some(equal)) if equal(old, &value) => {
                return Ok(self.same(content, counted));
            }
            (Some(_), _) => ExternalEvent::Modified(value.clone()),
            (None, _) => ExternalEvent::Added(value.clone()),
        };
        self.seen = Seen::Present { content, counted, value };
        Ok(Some(event))
    }

    /// Another content of the same value.
    fn same(&mut self, content: Fingerprint, counted: Fingerprint) -> Option<ExternalEvent<T>> {
        self.equal_at_first = None;
        if let Seen::Present { content: known, counted: before, .. } = &mut self.seen {
            (*known, *before) = (content, counted);
        }
        None
    }

    /// It is not there, and was not so many times before.
    pub(crate) fn missing(&mut self, before: Missed, missing: Missing) -> Option<ExternalEvent<T>> {
        self.missed = match missing {
            Missing::NotFound => before.0.saturating_add(1),
            Missing::Gone => self.confirm,
        };
        if !self.is_certain() {
            return None;
        }
        self.retract()
    }

    /// Nothing is known any more.
    pub(crate) fn retract(&mut self) -> Option<ExternalEvent<T>> {
        match std::mem::replace(&mut self.seen, Seen::Absent) {
            Seen::Present { value, .. } => Some(ExternalEvent::Removed(value)),
            Seen::Absent => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl RawValue<char> for char {
        type Bad = ();

        fn content(&self) -> Fingerprint {
            Fingerprint::of(self.to_string().as_bytes())
        }

        /// Of a digit nothing counts.
        fn counted(&self) -> Result<Option<Fingerprint>, ()> {
            Ok(self.is_ascii_digit().then(Fingerprint::default))
        }

        fn decode(&self) -> Result<char, ()> {
            if *self == 'x' { Err(()) } else { Ok(*self) }
        }

        /// The pages are `P` and `Q`; by their content type only, `S` and `T`.
        fn page(&self) -> Option<(Kind, ())> {
            match self {
                'P' | 'Q' => Some((Kind::Page, ())),
                'S' | 'T' => Some((Kind::PageByType, ())),
                _ => None,
            }
        }
    }

    /// Plays observations: a letter is a content, `=` unchanged, `?` a 404, `!` a 410, `x` content that
    /// cannot be decoded, `-` a failure. Returns the events, a word each observation.
    fn play(confirm: u32, observations: &str) -> String {
        let equal: fn(&char, &char) -> bool = char::eq_ignore_ascii_case;
        let mut single = Single::new(confirm, Some(equal));
        let events = observations.chars().map(|observation| match (single.look(), observation) {
            (_, '=' | '-') => None,
            (before, '?') => single.missing(before, Missing::NotFound),
            (before, '!') => single.missing(before, Missing::Gone),
            (_, content) => single.present(&content).unwrap_or_default(),
        });
        let word = |event: Option<ExternalEvent<char>>| match event {
            None => ".".to_owned(),
            Some(event) => event.to_string().replace(' ', ""),
        };
        events.map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn first_sight_is_added_a_change_is_modified_and_no_change_is_no_event() {
        assert_eq!(play(1, "aa=bba"), "+a . . ~b . ~a");
    }

    #[test]
    fn what_does_not_count_and_what_is_equal_is_no_change() {
        assert_eq!(play(1, "1234a5"), "+1 . . . ~a ~5");
        assert_eq!(play(1, "aAab"), "+a . . ~b");
    }

    #[test]
    fn gone_is_removed_at_once_with_the_last_known_value() {
        assert_eq!(play(3, "ab!!a"), "+a ~b -b . +a");
    }

    #[test]
    fn not_found_is_removed_after_so_many_in_a_row() {
        assert_eq!(play(1, "a??"), "+a -a .");
        assert_eq!(play(2, "a?a??"), "+a . . . -a");
        assert_eq!(play(2, "a?=?b??"), "+a . . . ~b . -b");
        assert_eq!(play(2, "??a"), ". . +a");
    }

    #[test]
    fn a_failure_ends_a_row_of_not_found() {
        assert_eq!(play(2, "a?-?-?b"), "+a . . . . . ~b");
        assert_eq!(play(2, "a-??"), "+a . . -a");
    }

    #[test]
    fn a_first_absence_is_not_certain_until_it_is_confirmed() {
        let mut single = Single::<char>::new(2, None);
        let certain = [Missing::NotFound, Missing::NotFound, Missing::Gone].map(|missing| {
            let before = single.look();
            single.missing(before, missing);
            single.is_certain()
        });
        assert_eq!(certain, [false, true, true]);
    }

    #[test]
    fn what_is_inherited_is_compared_by_its_value_until_it_is_seen() {
        let equal: Option<fn(&char, &char) -> bool> = Some(char::eq_ignore_ascii_case);
        // What is seen after the hand-over of an `a`, and what is told.
        for (seen, told) in
            [("aA", ". ~A"), ("AA", ". ."), ("Aa", ". ~a"), ("xAa", ". . ~a"), ("b", "~b")]
        {
            let mut old = Single::new(1, None);
            let event = old.present(&'a').unwrap();
            assert!(matches!(event, Some(ExternalEvent::Added('a'))));
            let mut new = Single::new(1, None);
            new.inherit(old.hand_over(), equal);
            let events = seen.chars().map(|content| new.present(&content).unwrap_or_default());
            let word = |event: Option<ExternalEvent<char>>| match event {
                None => ".".to_owned(),
                Some(event) => event.to_string().replace(' ', ""),
            };
            assert_eq!(events.map(word).collect::<Vec<_>>().join(" "), told, "{seen}");
        }
    }

    #[test]
    fn content_that_cannot_be_decoded_changes_nothing() {
        assert_eq!(play(2, "axxab"), "+a . . . ~b");
        assert_eq!(play(2, "a?x?b"), "+a . . . ~b");
    }

    #[test]
    fn a_page_is_a_bad_content_once_something_else_was_followed() {
        assert_eq!(play(1, "aPb!Pc"), "+a . ~b -b . +c");
        assert_eq!(play(1, "PQaP"), "+P ~Q ~a ~P", "the first content decides");
        assert_eq!(play(1, "xP"), ". +P", "a content that was not taken decides nothing");
        assert_eq!(
            play(1, "SPTaTP"),
            "+S . ~T ~a ~T .",
            "a text that has the type of pages is none"
        );
        assert_eq!(play(1, "aSb"), "+a . ~b");
        let mut old = Single::new(1, None);
        old.present(&'a').unwrap();
        let mut new = Single::new(1, None);
        new.inherit(old.hand_over(), None);
        assert!(new.present(&'P').is_err());
    }
}
