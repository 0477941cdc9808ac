//! Files of watchers, read as the command line asks for.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use koprs_external::ExternalError;
use koprs_external::config::{ConfigError, Diagnostic};
use koprs_external::set::WatcherSet;

use crate::Ended;
use crate::args::Reading;
use crate::style::Style;

/// The standard input.
const INPUT: &str = "-";
/// How it is called in what is told of it.
const SHOWN_INPUT: &str = "<stdin>";

/// Reads the files as one set.
pub(crate) fn load(files: &[PathBuf], reading: &Reading) -> Result<WatcherSet, ExternalError> {
    let mut loader = WatcherSet::loader();
    if reading.env {
        loader = loader.env();
    }
    if reading.strict {
        loader = loader.strict();
    }
    match files {
        [file] if is_input(file) => loader.from_reader(SHOWN_INPUT, io::stdin().lock()),
        files => loader.from_paths(files),
    }
}

/// Reads the files as one set; its mistakes are shown as `check` shows them. Warnings are for `check`.
pub(crate) fn load_or_tell(
    files: &[PathBuf],
    reading: &Reading,
    style: Style,
) -> Ended<WatcherSet> {
    load(files, reading).map_err(|error| match ConfigError::of(&error) {
        Some(told) => {
            show(told.diagnostics(), style);
            let count = told.diagnostics().len();
            format!("{count} mistake{}", if count == 1 { "" } else { "s" }).into()
        }
        None => error.into(),
    })
}

/// Nobody may be there to read it.
fn show(diagnostics: &[Diagnostic], style: Style) {
    for diagnostic in diagnostics {
        let _ = writeln!(io::stderr(), "{}\n", style.diagnostic(diagnostic));
    }
}

/// The standard input is one file, and no part of a set of several.
pub(crate) fn check_input(files: &[PathBuf]) -> Ended<()> {
    match files.len() > 1 && files.iter().any(|file| is_input(file)) {
        true => Err("`-`, the standard input, cannot stand beside other files".into()),
        false => Ok(()),
    }
}

/// Why a file is not read.
#[derive(Debug)]
pub(crate) enum Unread {
    Unreadable(io::Error),
    /// It is read already, by whatever path.
    Twice,
}

/// The files that can be opened, each once, and why the others are not read.
pub(crate) fn readable(files: &[PathBuf]) -> (Vec<PathBuf>, Vec<(PathBuf, Unread)>) {
    let (mut readable, mut others) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    for file in files {
        if !seen.insert(fs::canonicalize(file).unwrap_or_else(|_| file.clone())) {
            others.push((file.clone(), Unread::Twice));
            continue;
        }
        match File::open(file).and_then(|file| file.metadata()) {
            _ if is_input(file) => readable.push(file.clone()),
            Err(error) => others.push((file.clone(), Unread::Unreadable(error))),
            Ok(found) if found.is_dir() => {
                let why = io::ErrorKind::IsADirectory.into();
                others.push((file.clone(), Unread::Unreadable(why)));
            }
            Ok(_) => readable.push(file.clone()),
        }
    }
    (readable, others)
}

fn is_input(file: &Path) -> bool {
    file == Path::new(INPUT)
}
