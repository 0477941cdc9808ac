//! What a source hands over to its successor: plain values, with what tells whether they are still the same.

use std::collections::BTreeSet;
use std::fmt;

use super::Fingerprint;
use super::single::Kind;

/// How contents become values. Read in another way, the same content may be another value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReadAs {
    format: String,
    ignored: BTreeSet<Box<[String]>>,
}

impl ReadAs {
    pub(crate) fn new(format: impl fmt::Debug, ignored: &BTreeSet<Box<[String]>>) -> Self {
        Self { format: format!("{format:?}"), ignored: ignored.clone() }
    }

    /// Whether a content with a known fingerprint is, to this successor, the known value. Where something was
    /// ignored, the known value may be older than its fingerprint.
    pub(crate) fn holds_for(&self, successor: &Self) -> bool {
        self.format == successor.format
            && (self.ignored == successor.ignored || self.ignored.is_empty())
    }
}

/// A value that the consumer knows.
#[derive(Debug)]
pub(crate) struct KnownValue<T> {
    pub(super) value: T,
    pub(super) content: Fingerprint,
    /// Of what counts of the content.
    pub(super) counted: Fingerprint,
    pub(super) kind: Option<Kind>,
}

impl<T> KnownValue<T> {
    /// The value is known, and not what it was read from: each content is another one.
    pub(crate) fn forget_content(&mut self) {
        self.content = self.content.unlike();
        self.counted = self.content;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(format: &str, ignored: &[&str]) -> ReadAs {
        let ignored = ignored.iter().map(|name| Box::from([(*name).to_owned()])).collect();
        ReadAs::new(format, &ignored)
    }

    #[test]
    fn fingerprints_hold_for_the_same_format_and_what_was_not_ignored() {
        let json = read_as("json", &[]);
        assert!(json.holds_for(&json));
        assert!(json.holds_for(&read_as("json", &["a"])));
        assert!(!json.holds_for(&read_as("yaml", &[])));
        let ignores = read_as("json", &["a", "b"]);
        assert!(ignores.holds_for(&read_as("json", &["b", "a"])));
        assert!(!ignores.holds_for(&json));
        assert!(!ignores.holds_for(&read_as("json", &["a"])));
    }

    #[test]
    fn a_forgotten_content_is_unlike_any_other() {
        let content = Fingerprint::of(b"1");
        let mut known = KnownValue { value: 1, content, counted: content, kind: None };
        known.forget_content();
        assert_ne!(known.content, content);
        assert_eq!(known.counted, known.content);
    }
}
