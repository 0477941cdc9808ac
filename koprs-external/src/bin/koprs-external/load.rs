//! Files of watchers, read as the command line asks for.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use koprs_external::ExternalError;
use koprs_external::set::WatcherSet;

use crate::args::Reading;

/// The standard input.
const INPUT: &str = "-";

/// Whether the standard input is among the files, and others.
pub(crate) fn is_mixed(files: &[PathBuf]) -> bool {
    files.len() > 1 && files.iter().any(|file| file == Path::new(INPUT))
}

/// Reads the files as one set.
pub(crate) fn load(files: &[PathBuf], _reading: &Reading) -> Result<WatcherSet, ExternalError> {
    match files {
        [file] if file == Path::new(INPUT) => {
            let mut text = String::new();
            io::stdin().lock().read_to_string(&mut text)?;
            WatcherSet::from_str(&text)
        }
        [file] => WatcherSet::from_path(file),
        _ => todo!(),
    }
}

/// The files that can be opened, and why the others cannot.
pub(crate) fn readable(files: &[PathBuf]) -> (Vec<PathBuf>, Vec<(PathBuf, io::Error)>) {
    let mut readable = Vec::new();
    let mut others = Vec::new();
    for file in files {
        let is_input = file == Path::new(INPUT);
        match File::open(file).and_then(|file| file.metadata()) {
            Err(error) if !is_input => others.push((file.clone(), error)),
            Ok(found) if found.is_dir() => {
                others.push((file.clone(), io::ErrorKind::IsADirectory.into()));
            }
            _ => readable.push(file.clone()),
        }
    }
    (readable, others)
}
