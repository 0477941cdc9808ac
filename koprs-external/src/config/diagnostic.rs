//! Mistakes as they are told to a person.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::mask::Mask;
use super::place::{Mistake, Place};
use super::snippet::{Snippet, visible};

/// The longest message; a longer one, which quotes a long value, is cut in its middle.
const LONGEST: usize = 400;
/// The most mistakes that are told of one file; nobody reads so many.
const MOST: usize = 1_000;

/// One mistake of a file: where it is, what is wrong, and what to do.
///
/// It is shown as compilers do, with the line of the file; a value that may be a secret is hidden.
///
/// ```text
/// watchers.yaml:6:15: error[bad-duration]: `30` is not a duration
///    |
///  6 |     interval: 30
///    |               ^^
///    = help: a duration needs a unit: `30s`
/// ```
///
/// # Codes
///
/// | code | meaning |
/// |---|---|
/// | `bad-api-version` | a version of the format that this library does not know |
/// | `bad-duration` | no duration |
/// | `bad-format` | no format of content |
/// | `bad-glob` | a glob that is none, or that no path can match |
/// | `bad-header-name` | no name of a header |
/// | `bad-header-value` | a character that no header can carry |
/// | `bad-jitter` | a jitter out of its range |
/// | `short-deadline` | a deadline below the timeout of a request, or of nearly nothing |
/// | `bad-json` | a `json` body that is none |
/// | `bad-key` | a key that is no word |
/// | `bad-method` | no method of requests |
/// | `bad-name` | a name that is no DNS-1123 label |
/// | `bad-number` | no whole number |
/// | `bad-option` | an option that its object store cannot read |
/// | `bad-path` | a path that would not lead to a file |
/// | `bad-percentage` | no percentage |
/// | `bad-pointer` | no JSON pointer, or one to all of the value where a part is meant |
/// | `bad-scope` | no scope of OAuth 2.0 |
/// | `bad-size` | no size |
/// | `bad-syntax` | the file is not YAML |
/// | `bad-url` | no absolute `http` or `https` URL, or more than an origin; no URL of a place in an object store |
/// | `bad-username` | a username that ends before its end |
/// | `bad-variable` | no name of an environment variable |
/// | `bad-word` | none of the words that a setting has |
/// | `duplicate-header` | a header given twice, in whatever case |
/// | `duplicate-key` | a key given twice |
/// | `duplicate-name` | two watchers of one name |
/// | `duplicate-option` | an option given twice, in whatever spelling |
/// | `empty-secret` | a secret without text |
/// | `empty-text` | a text of nothing where there has to be one |
/// | `empty-value` | a key without a value |
/// | `half-identity` | a certificate without its key, or a key without its certificate |
/// | `missing-api-version` | no `apiVersion` |
/// | `missing-choice` | none of the keys of which one has to be given |
/// | `missing-feature` | a setting of a feature of this library that is not compiled in |
/// | `missing-interval` | no `interval`, nor a default |
/// | `missing-key` | a list by nature whose items have no `key` |
/// | `missing-name` | a watcher without a `name` |
/// | `missing-platform` | a setting that this platform cannot do |
/// | `missing-setting` | a block without a setting that it needs |
/// | `missing-url` | an `http` or an `objectStore` without a `url` |
/// | `no-use` | a setting that changes nothing beside another |
/// | `no-watchers` | no `watchers`, or none in them |
/// | `not-a-list` | a setting of lists, and no list |
/// | `not-a-mapping` | a file that is empty, a list or a value |
/// | `not-utf-8` | a file in another encoding |
/// | `other-source` | a setting of another kind of source |
/// | `out-of-range` | a number, a share or a duration out of its range |
/// | `own-header` | a header that the library sends by itself |
/// | `placeholder` | a `{placeholder}` in a URL, for which a file has no parameter |
/// | `second-choice` | two keys of which one has to be given |
/// | `several-documents` | more than one document |
/// | `short-interval` | an interval below what the source takes |
/// | `short-max-backoff` | a `maxBackoff` below the interval |
/// | `too-complex` | too many keys and values, or too deep |
/// | `too-large` | more bytes than a `ConfigMap` can hold |
/// | `two-credentials` | `auth` and a header or a query parameter of its name |
/// | `unknown-key` | a key that its block does not have |
/// | `unknown-option` | an option that the object store does not have |
/// | `wrong-type` | a value, a list or a mapping in the place of another |
/// | `zero-limit` | a `bodyLimit` or a `headerLimit` of nothing |
/// | `zero-timeout` | a `timeout` of nothing |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    file: Arc<Path>,
    place: Place,
    code: &'static str,
    message: String,
    help: Option<String>,
    snippet: Snippet,
}

impl Diagnostic {
    fn new(file: &Arc<Path>, text: &str, mask: &Mask, mistake: Mistake) -> Self {
        let Mistake { place, code, message, help } = mistake;
        Self {
            file: Arc::clone(file),
            place,
            code,
            message: printable(&message),
            help: help.as_deref().map(printable),
            snippet: Snippet::of(text, mask, place),
        }
    }

    /// The file, as it was named to the loader.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.place.line
    }

    /// The column in characters, from 1.
    pub fn column(&self) -> usize {
        self.place.column
    }

    /// A stable code for this kind of mistake: one of [these](Self#codes).
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What is wrong: a lower-case fragment with values in backticks.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, place, code, message, help, snippet } = self;
        let (file, Place { line, column, .. }) = (file.display(), place);
        let number = line.to_string();
        let margin = " ".repeat(number.len());
        let carets = " ".repeat(snippet.before) + &"^".repeat(snippet.marked);
        writeln!(f, "{file}:{line}:{column}: error[{code}]: {message}")?;
        writeln!(f, " {margin} |")?;
        writeln!(f, "{}", format!(" {number} | {}", snippet.line).trim_end())?;
        write!(f, " {margin} | {carets}")?;
        match help {
            Some(help) => write!(f, "\n {margin} = help: {help}"),
            None => Ok(()),
        }
    }
}

/// Every mistake of a file, in the order of their places; of more than a thousand, the first ones.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError {
    file: Arc<Path>,
    count: usize,
    diagnostics: Vec<Diagnostic>,
}

impl ConfigError {
    pub(super) fn new(file: &Path, text: &str, mask: &Mask, mut mistakes: Vec<Mistake>) -> Self {
        // What stands once and is used twice, as a default or an anchor, is told once.
        mistakes.sort_by_key(|mistake| (mistake.place, mistake.code));
        mistakes.dedup_by_key(|mistake| (mistake.place, mistake.code));
        let file: Arc<Path> = PathBuf::from(file).into();
        let count = mistakes.len();
        let diagnostics = mistakes.into_iter().take(MOST);
        Self {
            count,
            diagnostics: diagnostics.map(|it| Diagnostic::new(&file, text, mask, it)).collect(),
            file,
        }
    }

    /// Each mistake, in the order of their places. Never empty.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for diagnostic in &self.diagnostics {
            write!(f, "{diagnostic}\n\n")?;
        }
        let file = self.file.display();
        match self.count {
            1 => write!(f, "error: 1 mistake in {file}"),
            count if count > MOST => {
                write!(f, "error: {count} mistakes in {file}; the first {MOST} are shown")
            }
            count => write!(f, "error: {count} mistakes in {file}"),
        }
    }
}

/// As [`Display`](fmt::Display), since that is what `main` prints of an error.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ConfigError {}

/// One line of visible characters, of a bounded length.
fn printable(message: &str) -> String {
    let mut shown = String::with_capacity(message.len().min(LONGEST));
    for c in message.chars() {
        if visible(c) == c { shown.push(c) } else { shown.extend(c.escape_default()) }
    }
    let length = shown.chars().count();
    if length <= LONGEST {
        return shown;
    }
    let half = LONGEST / 2;
    let head = shown.chars().take(half);
    let tail = shown.chars().skip(length - half);
    head.chain(['…']).chain(tail).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str, mistakes: Vec<Mistake>) -> ConfigError {
        ConfigError::new(Path::new("watchers.yaml"), text, &Mask::Words, mistakes)
    }

    fn mistake(line: usize, column: usize, code: &'static str, message: &str) -> Mistake {
        Mistake::new(Place { line, column, length: 2 }, code, message)
    }

    #[test]
    fn a_mistake_is_shown_as_compilers_do() {
        let text = "a:\n".repeat(5) + "    interval: 30\n";
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
    fn of_too_many_mistakes_the_first_are_told() {
        let mistakes = (1..=MOST + 1).map(|line| mistake(line, 1, "a", "x")).collect();
        let error = error("", mistakes);
        assert_eq!(error.diagnostics().len(), MOST);
        assert!(
            error.to_string().ends_with("1001 mistakes in watchers.yaml; the first 1000 are shown")
        );
    }

    #[test]
    fn a_message_is_one_line_of_bounded_length() {
        assert_eq!(printable("a\nb\u{1b}[31m`"), "a\\nb\\u{1b}[31m`");
        assert_eq!(printable("`\u{202e}ü`"), "`\\u{202e}ü`");
        let shown = printable(&format!("`{}` is long", "ü".repeat(10_000)));
        assert!(shown.chars().count() <= LONGEST + 1 && shown.ends_with("` is long"));
    }
}
