//! Arguments that make no sense together: what clap cannot know of files, and of the names in them.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use koprs_external::ExternalError;
use koprs_external::set::WatcherSet;
use koprs_external::spec::Invalid;

use crate::load::{is_input, shown};
use koprs_external::private::printable;

/// Why a call makes no sense. It ends with the status of one that clap refuses.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misuse(String);

impl Misuse {
    pub(crate) const STATUS: u8 = 2;

    fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Misuse {}

/// The standard input stands alone, and each file once, by whatever path.
pub(crate) fn check_files(files: &[PathBuf]) -> Result<(), Misuse> {
    if files.len() > 1 && files.iter().any(|file| is_input(file)) {
        return Err(Misuse::new("`-`, the standard input, cannot stand beside other files"));
    }
    let mut seen: HashMap<PathBuf, &Path> = HashMap::new();
    for file in files {
        let real = fs::canonicalize(file).unwrap_or_else(|_| file.clone());
        match seen.insert(real, file) {
            None => {}
            Some(first) if first.as_os_str() == file.as_os_str() => {
                return Err(Misuse::new(format!("{} is given twice", shown(file))));
            }
            Some(first) => {
                let (first, second) = (shown(first), shown(file));
                return Err(Misuse::new(format!("{first} is given twice, also as {second}")));
            }
        }
    }
    Ok(())
}

/// Each name is that of a watcher.
pub(crate) fn check_names<'a>(
    set: &WatcherSet,
    files: &[PathBuf],
    names: impl IntoIterator<Item = &'a String>,
) -> Result<(), Misuse> {
    let refused = |name| Some((name, set.only([name]).err()?));
    match names.into_iter().find_map(refused) {
        None => Ok(()),
        Some((name, error)) => {
            let help = help(&error).map(|help| format!("; {help}")).unwrap_or_default();
            let place = place(files);
            Err(Misuse::new(format!("no watcher is named `{}` in {place}{help}", printable(name))))
        }
    }
}

/// A file comes before the name of a watcher.
pub(crate) fn check_order(file: &Path, name: &str) -> Result<(), Misuse> {
    let turned = !is_input(file) && !file.exists() && Path::new(name).is_file();
    match turned {
        true => {
            let (file, name) = (shown(Path::new(name)), shown(file));
            Err(Misuse::new(format!("the file comes first: `{file} {name}`")))
        }
        false => Ok(()),
    }
}

/// What was meant.
fn help(error: &ExternalError) -> Option<&str> {
    match error {
        ExternalError::Invalid(cause) => cause.downcast_ref::<Invalid>()?.help.as_deref(),
        _ => None,
    }
}

fn place(files: &[PathBuf]) -> String {
    match files {
        [file] => shown(file),
        files => format!("the {} files", files.len()),
    }
}
