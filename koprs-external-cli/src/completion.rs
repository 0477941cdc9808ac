//! Completion in shells: the script that asks this command for candidates, and its answers.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory};
use clap_complete::env::Shells;
use clap_complete::{CompleteEnv, CompletionCandidate, Shell};
use koprs_external::set::WatcherSet;

use crate::Ended;
use crate::args::Cli;
use crate::output::print;

/// The command, as it is found on the `PATH`.
const NAME: &str = "koprs-external";
/// The variable in which a script names its shell when it asks for candidates.
const VARIABLE: &str = "KOPRS_EXTERNAL_COMPLETE";

/// Prints the completion script of a shell.
pub(crate) fn script(shell: Shell) -> Ended {
    let shell = shell.to_string();
    let mut script = Vec::new();
    if let Some(shell) = Shells::builtins().completer(&shell) {
        shell.write_registration(VARIABLE, NAME, NAME, NAME, &mut script)?;
    }
    print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

/// Answers a script that asks for candidates. Returns `None` in an ordinary call.
pub(crate) fn requested() -> Option<Ended> {
    env::var_os(VARIABLE)?;
    let complete = CompleteEnv::with_factory(Cli::command).var(VARIABLE);
    match complete.try_complete(env::args_os(), env::current_dir().ok().as_deref()) {
        Ok(true) => Some(Ok(ExitCode::SUCCESS)),
        Ok(false) => None,
        Err(error) => Some(Err(error.into())),
    }
}

/// The names of the watchers in the files that the command line has so far.
pub(crate) fn watchers(begun: &OsStr) -> Vec<CompletionCandidate> {
    let words: Vec<_> = env::args_os().skip_while(|word| word != "--").skip(1).collect();
    let begun = begun.to_string_lossy();
    let names = names(words).unwrap_or_default().into_iter();
    names.filter(|name| name.starts_with(&*begun)).map(CompletionCandidate::new).collect()
}

/// None where there are no files, or they have mistakes.
fn names(words: Vec<OsString>) -> Option<Vec<String>> {
    let matches = Cli::command().ignore_errors(true).try_get_matches_from(words).ok()?;
    let (_, matches) = matches.subcommand()?;
    let files = ["file", "files"].into_iter().find_map(|id| paths(matches, id))?;
    let mut loader = WatcherSet::loader();
    if let Ok(Some(true)) = matches.try_get_one::<bool>("env") {
        loader = loader.env();
    }
    if let Ok(Some(size)) = matches.try_get_one::<usize>("max_file_size") {
        loader = loader.max_file_size(*size);
    }
    let set = loader.from_paths(files).ok()?;
    Some(set.names().map(str::to_owned).collect())
}

/// Regular files alone: a pipe would be read empty, or waited for.
fn paths(matches: &ArgMatches, id: &str) -> Option<Vec<PathBuf>> {
    let given = matches.try_get_many::<PathBuf>(id).ok()??;
    let is_file = |path: &&PathBuf| fs::metadata(path).is_ok_and(|found| found.is_file());
    Some(given.filter(is_file).cloned().collect())
}
