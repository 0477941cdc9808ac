//! Files of watchers, read as the command line asks for.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use koprs_external::ExternalError;
use koprs_external::config::{ConfigError, Severity};
use koprs_external::private::printable;
use koprs_external::set::WatcherSet;

use crate::Ended;
use crate::args::Reading;
use crate::diagnostics::{Finding, count, counted};
use crate::style::Style;
use crate::text::visible;
use crate::validate_args;

/// The standard input.
const INPUT: &str = "-";
/// How it is called in what is told of it.
const SHOWN_INPUT: &str = "<stdin>";

/// What came of files.
pub(crate) struct Looked {
    pub(crate) findings: Vec<Finding>,
    /// None where there is a mistake.
    pub(crate) set: Option<WatcherSet>,
}

/// Reads the files as one set. What can be read is looked at also where something cannot.
pub(crate) fn look(files: &[PathBuf], reading: &Reading, strict: bool) -> Ended<Looked> {
    validate_args::check_files(files)?;
    let (mut readable, mut findings) = (Vec::new(), Vec::new());
    for file in files {
        match try_to_open(file) {
            Ok(()) => readable.push(file.clone()),
            Err(why) => findings.push(Finding::Unread(file.clone(), why)),
        }
    }
    if readable.is_empty() {
        return Ok(Looked { findings, set: None });
    }
    let whole = findings.is_empty();
    let set = match load(&readable, reading, strict) {
        Ok(set) => {
            findings.extend(set.warnings().iter().cloned().map(Finding::Told));
            Some(set).filter(|_| whole)
        }
        Err(error) => {
            findings.extend(told(error, &readable)?);
            None
        }
    };
    Ok(Looked { findings, set })
}

/// Reads the files as one set; its mistakes are shown as `check` shows them. Warnings are for `check`.
pub(crate) fn load_or_tell(
    files: &[PathBuf],
    reading: &Reading,
    strict: bool,
    style: Style,
) -> Ended<WatcherSet> {
    let Looked { findings, set } = look(files, reading, strict)?;
    set.ok_or_else(|| {
        let mistakes = findings.iter().filter(|it| it.severity() == Severity::Error);
        for mistake in mistakes {
            // Nobody may be there to read it.
            let _ = writeln!(io::stderr(), "{}\n", mistake.painted(style));
        }
        counted(count(&findings, Severity::Error), "mistake").into()
    })
}

fn load(files: &[PathBuf], reading: &Reading, strict: bool) -> Result<WatcherSet, ExternalError> {
    let mut loader = WatcherSet::loader();
    if reading.env {
        loader = loader.env();
    }
    if strict {
        loader = loader.strict();
    }
    if let Some(bytes) = reading.max_file_size {
        loader = loader.max_file_size(bytes);
    }
    match files {
        [file] if is_input(file) => loader.from_reader(SHOWN_INPUT, io::stdin().lock()),
        files => loader.from_paths(files),
    }
}

/// The mistakes that an error tells.
fn told(error: ExternalError, files: &[PathBuf]) -> Result<Vec<Finding>, ExternalError> {
    if let Some(told) = ConfigError::of(&error) {
        return Ok(told.diagnostics().iter().cloned().map(Finding::Told).collect());
    }
    match error {
        ExternalError::Io(error) => {
            let unread = |file: &PathBuf| Some(Finding::Unread(named(file), why(&error, file)?));
            let found = files.iter().find_map(unread);
            found.map(|found| vec![found]).ok_or(ExternalError::Io(error))
        }
        error => Err(error),
    }
}

/// Why this file could not be read to its end, if it is this one: the loader names it.
fn why(error: &io::Error, file: &Path) -> Option<io::Error> {
    let text = error.to_string();
    let why = match is_input(file) {
        true => Some(&*text),
        false => text.strip_prefix(&format!("cannot read {}: ", printable(&file.display()))),
    };
    why.map(|why| io::Error::new(error.kind(), why))
}

/// Why a file cannot be read. A pipe is not tried: it can be opened once.
fn try_to_open(file: &Path) -> io::Result<()> {
    if is_input(file) {
        return Ok(());
    }
    match fs::metadata(file)? {
        found if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        found if found.is_file() => File::open(file).map(drop),
        _ => Ok(()),
    }
}

pub(crate) fn is_input(file: &Path) -> bool {
    file == Path::new(INPUT)
}

/// How a file is called in what is told of it.
fn named(file: &Path) -> PathBuf {
    if is_input(file) { SHOWN_INPUT.into() } else { file.to_owned() }
}

/// How a file is called, as a terminal can show it.
pub(crate) fn shown(file: &Path) -> String {
    visible(&named(file).display().to_string())
}
