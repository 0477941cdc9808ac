//! All mistakes of a set of files as one error.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::diagnostic::{self, Diagnostic, Severity};
use super::source::Source;
use crate::printable::{LONGEST_ERROR, lines};
use crate::spec::mistake::Mistake;

/// The most that is told of one load; nobody reads so many.
const MOST: usize = 1_000;

/// Every mistake of the files, in the order of the files and of their places; of more than a thousand, the
/// first ones.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// Those with a mistake.
    files: Vec<Arc<Path>>,
    count: usize,
    diagnostics: Vec<Diagnostic>,
}

impl ConfigError {
    /// The mistakes of each source, tidy.
    pub(super) fn new(sources: &[Source<'_>], mistakes: &[Vec<Mistake>]) -> Self {
        let wrong = sources.iter().zip(mistakes).filter(|(_, mistakes)| !mistakes.is_empty());
        Self {
            files: wrong.map(|(source, _)| Arc::clone(source.file())).collect(),
            count: mistakes.iter().map(Vec::len).sum(),
            diagnostics: told(Severity::Error, sources, mistakes),
        }
    }

    /// How many of the diagnostics fit into an error. The first one always does.
    fn fitting(&self) -> usize {
        // The last line, with the name of a file.
        let mut room = LONGEST_ERROR - 512;
        let fits = |diagnostic: &&Diagnostic| {
            let length = diagnostic.to_string().len() + 2;
            room = room.saturating_sub(length);
            room > 0
        };
        self.diagnostics.iter().take_while(fits).count().max(1)
    }

    /// Each mistake, in the order of the files and of their places. Never empty.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}

/// What is told of the mistakes of each source: the first thousand.
pub(super) fn told(
    severity: Severity,
    sources: &[Source<'_>],
    mistakes: &[Vec<Mistake>],
) -> Vec<Diagnostic> {
    let of = |(source, mistakes): (_, &Vec<Mistake>)| {
        let mistakes = mistakes.iter().take(MOST);
        mistakes.map(|it| Diagnostic::new(severity, sources, source, it)).collect::<Vec<_>>()
    };
    sources.iter().zip(mistakes).flat_map(of).take(MOST).collect()
}

/// In the order of their places; what stands once and is used twice, as a default or an anchor, once.
pub(super) fn tidy(mistakes: &mut Vec<Mistake>) {
    mistakes.sort_by_key(|mistake| (mistake.place, mistake.code));
    mistakes.dedup_by_key(|mistake| (mistake.place, mistake.code));
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.fitting();
        lines(f, |to| {
            for diagnostic in self.diagnostics.iter().take(shown) {
                write!(to, "{diagnostic}\n\n")?;
            }
            match self.count {
                1 => to.write_str("error: 1 mistake in ")?,
                count if count > MOST => write!(to, "error: more than {MOST} mistakes in ")?,
                count => write!(to, "error: {count} mistakes in ")?,
            }
            match self.files.as_slice() {
                [file] => to.write_str(&diagnostic::name(file))?,
                files => write!(to, "{} files", files.len())?,
            }
            match shown {
                shown if shown < self.count => write!(to, "; the first {shown} are shown"),
                _ => Ok(()),
            }
        })
    }
}

/// As [`Display`](fmt::Display), since that is what `main` prints of an error.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::super::mask::Mask;
    use super::*;
    use crate::spec::mistake::{First, Place};

    fn source<'a>(file: &str, text: &'a str) -> Source<'a> {
        Source::new(Path::new(file).into(), text, Mask::Words)
    }

    fn error(text: &str, mut mistakes: Vec<Mistake>) -> ConfigError {
        tidy(&mut mistakes);
        ConfigError::new(&[source("watchers.yaml", text)], &[mistakes])
    }

    fn mistake(line: usize, column: usize, code: &'static str, message: &str) -> Mistake {
        Mistake::new(Place::new(line, column, 2), code, message)
    }

    #[test]
    fn a_mistake_is_shown_as_compilers_do() {
        let text = "watchers:\n".repeat(5) + "    interval: 30\n";
        let mistake = mistake(6, 15, "bad-duration", "`30` is not a duration")
            .help("a duration needs a unit: `30s`");
        let shown = "\
watchers.yaml:6:15: error[bad-duration]: `30` is not a duration
   |
 6 |     interval: 30
   |               ^^
   = help: a duration needs a unit: `30s`

error: 1 mistake in watchers.yaml";
        let error = error(&text, vec![mistake]);
        assert_eq!(error.to_string(), shown);
        assert_eq!(format!("{error:?}"), shown);
    }

    #[test]
    fn a_mistake_of_two_places_shows_both() {
        let second = "\n".repeat(9) + "name: ab";
        let sources = [source("a.yaml", "name: ab"), source("b.yaml", &second)];
        let first = First { file: 0, place: Place::new(1, 7, 2) };
        let mistake = mistake(10, 7, "duplicate-name", "`ab` is the name of two watchers")
            .first(first)
            .help("give each its own name");
        let shown = "\
b.yaml:10:7: error[duplicate-name]: `ab` is the name of two watchers
    |
 10 | name: ab
    |       ^^
   ::: a.yaml:1:7
    |
  1 | name: ab
    |       -- the first
    = help: give each its own name

error: 1 mistake in b.yaml";
        assert_eq!(ConfigError::new(&sources, &[vec![], vec![mistake]]).to_string(), shown);
    }

    #[test]
    fn mistakes_are_told_once_and_in_the_order_of_their_places() {
        let mistakes = vec![
            mistake(10, 1, "b", "z"),
            mistake(9, 5, "a", "y"),
            mistake(9, 2, "a", "x"),
            mistake(9, 5, "a", "y"),
        ];
        let error = error("", mistakes);
        let order: Vec<_> = error.diagnostics().iter().map(|it| it.message()).collect();
        assert_eq!(order, ["x", "y", "z"]);
        assert!(error.to_string().ends_with("error: 3 mistakes in watchers.yaml"));
    }

    #[test]
    fn of_too_many_mistakes_the_first_are_told_and_those_that_fit_are_shown() {
        let mistakes = (1..=MOST + 1).map(|line| mistake(line, 1, "a", "x")).collect();
        let error = error("", mistakes);
        assert_eq!(error.diagnostics().len(), MOST);
        let text = error.to_string();
        let shown = text.matches("error[a]: x").count();
        let end = format!("more than 1000 mistakes in watchers.yaml; the first {shown} are shown");
        assert!(text.ends_with(&end), "{text}");
        assert!(text.len() <= LONGEST_ERROR && shown > 50, "{}", text.len());
    }

    #[test]
    fn a_long_mistake_is_shown_and_cut() {
        let long = "ü\u{1f980}\n".repeat(1 << 20);
        let mistakes = vec![mistake(1, 1, "a", &long).help(long.clone())];
        let text = error(&long, mistakes).to_string();
        assert!(text.len() <= LONGEST_ERROR && text.starts_with("watchers.yaml:1:1: "), "{text}");
    }
}
