//! `check`: what is wrong with files of watchers, and what they will ask for.

mod github;
mod human;
mod json;

use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;

use koprs_external::config::{ConfigError, Diagnostic, FilePlace, Severity};
use koprs_external::set::WatcherSet;
use koprs_external::spec::{SourceSpec, WatcherSpec};

use crate::Ended;
use crate::args::{Check, CheckFormat};
use crate::load::{self, Unread};
use crate::output::print;
use crate::style::Style;

/// What there is to say of the files.
struct Checked {
    files: usize,
    findings: Vec<Finding>,
    /// None where there is a mistake.
    watchers: Option<Vec<Watcher>>,
}

/// A mistake or a warning.
enum Finding {
    Told(Diagnostic),
    /// A file that is not read.
    Unread(PathBuf, Unread),
}

/// A watcher, and what it asks for if nothing fails.
struct Watcher {
    name: String,
    kind: Kind,
    per_day: f64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Value,
    /// Each page is one more request.
    Pages,
    /// A listing is a request a thousand objects.
    Objects,
}

pub(crate) fn check(args: &Check, style: Style) -> Ended {
    load::check_input(&args.files)?;
    let checked = Checked::of(args)?;
    let text = match args.format {
        CheckFormat::Human => human::report(&checked, style),
        CheckFormat::Json => json::report(&checked)?,
        CheckFormat::Github => github::report(&checked),
    };
    print(&text)?;
    let fine = checked.findings.iter().all(|finding| finding.severity() == Severity::Warning);
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Checked {
    fn of(args: &Check) -> Result<Self, koprs_external::ExternalError> {
        let (files, unread) = load::readable(&args.files);
        let unread = unread.into_iter().map(|(file, why)| Finding::Unread(file, why));
        let mut findings: Vec<_> = unread.collect();
        let whole = findings.is_empty();
        let mut watchers = None;
        if !files.is_empty() {
            match load::load(&files, &args.reading) {
                Ok(set) => {
                    findings.extend(set.warnings().iter().cloned().map(Finding::Told));
                    watchers = Some(of(&set)).filter(|_| whole);
                }
                Err(error) => match ConfigError::of(&error) {
                    Some(told) => {
                        findings.extend(told.diagnostics().iter().cloned().map(Finding::Told));
                    }
                    None => return Err(error),
                },
            }
        }
        Ok(Self { files: args.files.len(), findings, watchers })
    }

    fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity() == severity).count()
    }
}

fn of(set: &WatcherSet) -> Vec<Watcher> {
    set.names().filter_map(|name| set.spec(name)).map(Watcher::of).collect()
}

impl Watcher {
    fn of(spec: &WatcherSpec) -> Self {
        let kind = match spec.source() {
            SourceSpec::Http(http) if http.pages().is_some() => Kind::Pages,
            SourceSpec::Http(_) => Kind::Value,
            _ => Kind::Objects,
        };
        Self { name: spec.name().to_owned(), kind, per_day: spec.requests_per_day() }
    }
}

impl Finding {
    fn severity(&self) -> Severity {
        match self {
            Self::Told(told) => told.severity(),
            Self::Unread(..) => Severity::Error,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Told(told) => told.code(),
            Self::Unread(_, Unread::Unreadable(_)) => "unreadable",
            Self::Unread(_, Unread::Twice) => "same-file",
        }
    }

    fn file(&self) -> String {
        match self {
            Self::Told(told) => told.file().display().to_string(),
            Self::Unread(file, _) => file.display().to_string(),
        }
    }

    /// The line and the column.
    fn place(&self) -> Option<(usize, usize)> {
        match self {
            Self::Told(told) => Some((told.line(), told.column())),
            Self::Unread(..) => None,
        }
    }

    /// The place of the first of two that are the same.
    fn first(&self) -> Option<FilePlace> {
        match self {
            Self::Told(told) => told.first(),
            Self::Unread(..) => None,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Told(told) => told.message().to_owned(),
            Self::Unread(_, Unread::Unreadable(why)) => format!("the file cannot be read: {why}"),
            Self::Unread(_, Unread::Twice) => "the file is given twice".to_owned(),
        }
    }

    fn help(&self) -> Option<&str> {
        match self {
            Self::Told(told) => told.help(),
            Self::Unread(_, Unread::Unreadable(_)) => {
                Some("is the path right, and may it be read?")
            }
            Self::Unread(_, Unread::Twice) => Some("give it once"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Told(told) => told.fmt(f),
            Self::Unread(file, _) => {
                let (file, code, message) = (file.display(), self.code(), self.message());
                write!(f, "{file}: error[{code}]: {message}")?;
                self.help().map_or(Ok(()), |help| write!(f, "\n   = help: {help}"))
            }
        }
    }
}
