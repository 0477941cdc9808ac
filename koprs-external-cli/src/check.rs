//! `check`: what is wrong with files of watchers, and what they will ask for.

mod github;
mod human;
mod json;

use std::process::ExitCode;

use koprs_external::config::Severity;
use koprs_external::set::WatcherSet;
use koprs_external::spec::{SourceSpec, WatcherSpec};

use crate::Ended;
use crate::args::{Check, CheckFormat};
use crate::diagnostics::{Finding, count};
use crate::load::{self, Looked};
use crate::output::print;
use crate::style::Style;

/// What there is to say of the files.
struct Checked {
    files: usize,
    findings: Vec<Finding>,
    /// None where there is a mistake.
    watchers: Option<Vec<Watcher>>,
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
    let Looked { findings, set } = load::look(&args.files, &args.reading, args.strict)?;
    let checked = Checked { files: args.files.len(), findings, watchers: set.as_ref().map(of) };
    let text = match args.format {
        CheckFormat::Human => human::report(&checked, style),
        CheckFormat::Json => json::report(&checked)?,
        CheckFormat::Github => github::report(&checked),
    };
    print(&text)?;
    let fine = count(&checked.findings, Severity::Error) == 0;
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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
