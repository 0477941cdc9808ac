//! Mistakes as they are told to a person.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::file_place::FilePlace;
use super::snippet::Snippet;
use super::source::Source;
use crate::printable::{self, lines, printable};
use crate::spec::mistake::{Mistake, Place};

/// One mistake of a file, or a warning of what is legal but unwise: where it is, what is wrong, and what to do.
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
/// | `bad-expansion` | a `${…}` that is none, whose value is no text, or that stands in a key |
/// | `bad-format` | no format of content |
/// | `bad-glob` | a glob that is none, or that no path can match |
/// | `bad-header-name` | no name of a header |
/// | `bad-header-value` | a character that no header can carry |
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
/// | `credential-in-the-clear` | a warning: a credential that is sent over plain HTTP |
/// | `duplicate-header` | a header given twice, in whatever case |
/// | `duplicate-key` | a key given twice |
/// | `duplicate-name` | two watchers of one name |
/// | `duplicate-option` | an option given twice, in whatever spelling |
/// | `empty-secret` | a secret without text |
/// | `empty-text` | a text of nothing where there has to be one |
/// | `empty-value` | a key without a value |
/// | `half-identity` | a certificate without its key, or a key without its certificate |
/// | `held-never` | a warning: removals of a list that are never held |
/// | `ignored-variable` | a warning: a variable by which other tools find credentials, and that is not read here |
/// | `interval-below-timeout` | a warning: an interval that is less than the time for one request |
/// | `literal-secret` | a warning: a secret that stands in the file itself |
/// | `many-listings` | a warning: more than 5 000 listings of an object store a day |
/// | `many-requests` | a warning: more than 20 000 requests a day |
/// | `missing-api-version` | no `apiVersion` |
/// | `missing-choice` | none of the keys of which one has to be given |
/// | `missing-feature` | a setting of a feature of this library that is not compiled in |
/// | `missing-interval` | no `interval`, nor a default |
/// | `missing-key` | a list by nature whose items have no `key` |
/// | `missing-name` | a watcher without a `name` |
/// | `missing-platform` | a setting that this platform cannot do |
/// | `missing-setting` | a block without a setting that it needs |
/// | `missing-url` | an `http` or an `objectStore` without a `url` |
/// | `missing-watchers` | no `watchers` |
/// | `no-use` | a setting that changes nothing beside another |
/// | `no-watchers` | a warning: an empty list of `watchers` |
/// | `not-a-folder` | a warning: a URL of an object store that names one object, the beginning of names or a glob |
/// | `not-a-list` | a setting of lists, and no list |
/// | `not-a-mapping` | a file that is empty, a list or a value |
/// | `not-utf-8` | a file in another encoding |
/// | `other-kind` | a resource of Kubernetes in the place of a file |
/// | `other-source` | a setting of another kind of source |
/// | `out-of-range` | a number, a share or a duration out of its range |
/// | `own-header` | a header that the library sends by itself, or one of a connection |
/// | `placeholder` | a `{placeholder}`, a `${…}` or an expression of a template that nothing fills in |
/// | `second-choice` | two keys of which one has to be given |
/// | `several-documents` | more than one document |
/// | `short-deadline` | a deadline below the timeout of a request, or of nearly nothing |
/// | `short-interval` | an interval below what the source takes |
/// | `short-max-backoff` | a `maxBackoff` below the interval |
/// | `too-complex` | too many keys and values, or too deep |
/// | `too-large` | more bytes than a file may have |
/// | `too-long` | a text, or a whole watcher, with more bytes than it may have |
/// | `too-many` | a list with more entries than it may have |
/// | `two-credentials` | `auth` and a header or a query parameter of its name |
/// | `unexpanded-variable` | a warning: a `${…}` that stays as it is written |
/// | `unknown-key` | a key that its block does not have |
/// | `unknown-option` | an option that the object store does not have |
/// | `unknown-tag` | a tag of YAML that nothing here knows |
/// | `unset-variable` | a variable of the environment that is not set |
/// | `wrong-type` | a value, a list or a mapping in the place of another |
/// | `zero-limit` | a `bodyLimit` or a `headerLimit` of nothing |
/// | `zero-timeout` | a `timeout` of nothing |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    severity: Severity,
    code: &'static str,
    message: String,
    shown: Shown,
    first: Option<Shown>,
    help: Option<String>,
}

/// How much a [`Diagnostic`] matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// A mistake: the files are refused.
    Error,
    /// Legal, and unwise.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// A place of a file, and what stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    file: Arc<Path>,
    place: Place,
    snippet: Snippet,
}

impl Shown {
    fn of(source: &Source<'_>, place: Place) -> Self {
        Self { file: Arc::clone(source.file()), place, snippet: source.snippet(place) }
    }

    fn at(&self) -> FilePlace {
        FilePlace::new(Arc::clone(&self.file), self.place)
    }

    /// The width of the line numbers.
    fn margin(&self) -> usize {
        self.place.line().to_string().len()
    }

    /// The line with `mark` under its token.
    fn write(&self, to: &mut dyn fmt::Write, margin: usize, mark: &str) -> fmt::Result {
        let Self { place, snippet, .. } = self;
        let (number, marks) = (place.line(), mark.repeat(snippet.marked));
        let before = " ".repeat(snippet.before);
        writeln!(to, " {:margin$} |", "")?;
        writeln!(to, "{}", format!(" {number:>margin$} | {}", snippet.line).trim_end())?;
        write!(to, " {:margin$} | {before}{marks}", "")
    }
}

impl Diagnostic {
    /// A mistake of one of the sources.
    pub(super) fn new(
        severity: Severity,
        sources: &[Source<'_>],
        source: &Source<'_>,
        mistake: &Mistake,
    ) -> Self {
        let Mistake { place, code, message, help, first } = mistake;
        let first = first.as_deref().and_then(|it| Some((sources.get(it.file)?, it.place)));
        Self {
            severity,
            code,
            message: printable::message(message),
            shown: Shown::of(source, *place),
            first: first.map(|(source, place)| Shown::of(source, place)),
            help: help.as_deref().map(printable::message),
        }
    }

    /// Whether it is a mistake or a warning.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// The file, as it was named to the loader.
    pub fn file(&self) -> &Path {
        &self.shown.file
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.shown.place.line()
    }

    /// The column in characters, from 1.
    pub fn column(&self) -> usize {
        self.shown.place.column()
    }

    /// The file, the line and the column.
    pub fn place(&self) -> FilePlace {
        self.shown.at()
    }

    /// The place in its file.
    pub(crate) fn token(&self) -> Place {
        self.shown.place
    }

    /// Where the first of two stands that are the same, as two watchers of one name; it may be in another file.
    pub fn first(&self) -> Option<FilePlace> {
        self.first.as_ref().map(Shown::at)
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
        let Self { severity, code, message, shown, first, help } = self;
        let margin = first.as_ref().map_or(0, Shown::margin).max(shown.margin());
        lines(f, |to| {
            writeln!(to, "{}: {severity}[{code}]: {message}", shown.at())?;
            shown.write(to, margin, "^")?;
            if let Some(first) = first {
                writeln!(to, "\n {:margin$}::: {}", "", first.at())?;
                first.write(to, margin, "-")?;
                to.write_str(" the first")?;
            }
            match help {
                Some(help) => write!(to, "\n {:margin$} = help: {help}", ""),
                None => Ok(()),
            }
        })
    }
}

/// The name of a file, which may hold anything, in one line of visible characters.
pub(super) fn name(file: &Path) -> String {
    printable(&file.display()).to_string()
}
