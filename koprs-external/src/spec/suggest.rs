//! What a misspelled word was meant to be.

use crate::spec::meant;

/// Longer words are not compared: nobody misspells those.
const LONGEST: usize = 64;

/// How a word relates to the known ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Similar<'a> {
    /// The same word in another spelling: `max_backoff`, `MaxBackoff`.
    Spelled(&'a str),
    /// A word like it.
    Like(&'a str),
    /// What others call it.
    Called(&'a str),
    /// None is like it.
    None,
}

impl<'a> Similar<'a> {
    /// Compares a word with the known ones.
    pub(crate) fn find(word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        if word.chars().nth(LONGEST).is_some() {
            return Self::None;
        }
        let word = plain(word);
        let distances = known.into_iter().map(|known| (distance(&word, &plain(known)), known));
        match distances.min_by_key(|(distance, _)| *distance) {
            Some((0, known)) => Self::Spelled(known),
            Some((distance, known)) if distance <= word.chars().count().div_ceil(3) => {
                Self::Like(known)
            }
            _ => Self::None,
        }
    }

    /// Compares a word with the settings of a block, which others may call otherwise.
    pub(crate) fn setting(
        word: &str,
        known: impl IntoIterator<Item = &'a str, IntoIter: Clone>,
    ) -> Self {
        let known = known.into_iter();
        match (Self::find(word, known.clone()), meant::setting(word, known)) {
            (Self::Like(_) | Self::None, Some(called)) => Self::Called(called),
            (similar, _) => similar,
        }
    }

    /// The word itself.
    pub(crate) fn word(self) -> Option<&'a str> {
        match self {
            Self::Spelled(word) | Self::Like(word) | Self::Called(word) => Some(word),
            Self::None => None,
        }
    }

    /// A sentence for a help, with the known words.
    pub(crate) fn help(self, known: impl IntoIterator<Item = &'a str>) -> String {
        let known = match list(known) {
            none if none.is_empty() => "none".to_owned(),
            known => known,
        };
        match self {
            Self::Spelled(word) => format!("it is spelled `{word}`"),
            Self::Called(word) => format!("it is called `{word}`"),
            Self::Like(word) => format!("did you mean `{word}`? known: {known}"),
            Self::None => format!("known: {known}"),
        }
    }
}

/// Words in backticks: `` `a`, `b` ``.
pub(crate) fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// Whether a word is another one, perhaps in another spelling.
pub(crate) fn is_spelling(word: &str, known: &str) -> bool {
    plain_chars(word).eq(plain_chars(known))
}

fn plain(word: &str) -> String {
    plain_chars(word).collect()
}

fn plain_chars(word: &str) -> impl Iterator<Item = char> {
    word.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase)
}

fn distance(a: &str, b: &str) -> usize {
    strsim::osa_distance(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelled_word_is_recognized() {
        let known = ["name", "interval", "maxBackoff", "url", "http"];
        let cases = [
            ("max_backoff", Similar::Spelled("maxBackoff")),
            ("Interval", Similar::Spelled("interval")),
            ("intervall", Similar::Like("interval")),
            ("intreval", Similar::Like("interval")),
            ("uri", Similar::Like("url")),
            ("https", Similar::Like("http")),
            ("kind", Similar::None),
            ("x", Similar::None),
            ("", Similar::None),
        ];
        for (word, similar) in cases {
            assert_eq!(Similar::find(word, known), similar, "{word}");
        }
        assert_eq!(Similar::find(&"interval".repeat(100), known), Similar::None);
        assert_eq!(Similar::find("x", []), Similar::None);
    }

    #[test]
    fn a_setting_is_known_by_what_others_call_it() {
        let known = ["name", "interval", "maxBackoff", "url", "http"];
        let cases = [
            ("every", Similar::Called("interval")),
            ("uri", Similar::Called("url")),
            ("Interval", Similar::Spelled("interval")),
            ("kind", Similar::None),
        ];
        for (word, similar) in cases {
            assert_eq!(Similar::setting(word, known), similar, "{word}");
        }
    }

    #[test]
    fn the_help_names_what_is_known() {
        let help = Similar::find("urk", ["url", "query"]).help(["url", "query"]);
        assert_eq!(help, "did you mean `url`? known: `url`, `query`");
    }
}
