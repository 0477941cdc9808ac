//! The arguments of the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::{ArgValueCompleter, Shell};
use koprs_external::private;

use crate::completion;

const EXAMPLES: &str = "\
Examples:
  koprs-external check watchers.yaml
  koprs-external run watchers.yaml --only flags --for 5m
  koprs-external explain watchers.yaml flags

Exit status: 0 on success, 1 on failure, 2 for arguments that are not understood. Output that cannot be written is a \
failure, with a message on the standard error. A reader who closes the pipe, as `head` does, is none: the command ends \
without a message, with the status of what it has done.";

const CHECK: &str = "\
Examples:
  koprs-external check watchers.yaml others.yaml
  koprs-external check --strict --format github deploy/*.yaml
  kubectl get configmap watchers -o jsonpath='{.data.watchers\\.yaml}' | koprs-external check -";

const RUN: &str = "\
Examples:
  koprs-external run watchers.yaml
  koprs-external run watchers.yaml --once
  koprs-external run watchers.yaml --only flags,tenants --format ndjson | jq .value

Exit status: 0 at the end, also when a watcher fails. With --once, 1 when a watcher has failed, when its value is absent \
(404 or 410, unless --allow-absent), or when it has not finished its poll when --for or a signal ends the command. Items \
that cannot be read and removals that are held are reported, and are no failure. When nobody reads what is printed, it is \
cut a second after the requested end: 1 after --for, 130 after a signal. A second signal ends it at once, with 130.

NDJSON: each line has `time`, `watcher`, `event` (`added`, `modified` or `removed`), `key` where there is one, and \
`value`, which is the last known value of what was removed. A `modified` line also has `before`, the value that it had.";

const EXPLAIN: &str = "\
Examples:
  koprs-external explain watchers.yaml flags
  koprs-external explain watchers.yaml flags --format json | jq .request.url

Secrets are shown as `***`: what `auth` holds, headers, bodies, and parameters whose name or value looks like a secret. \
What comes from a variable is shown by the name of the variable.";

const COMPLETIONS: &str = "\
Examples:
  koprs-external completions bash > ~/.local/share/bash-completion/completions/koprs-external
  koprs-external completions zsh > ~/.zfunc/_koprs-external

The script calls koprs-external, which has to be on the PATH, and so also completes the names of watchers in a file.";

/// Checks, runs and explains watcher files.
#[derive(Debug, Parser)]
#[command(name = "koprs-external", version, after_help = EXAMPLES, infer_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Report every mistake in files, and what is legal but unwise
    #[command(after_help = CHECK)]
    Check(Check),
    /// Poll what files declare, and print what changes
    #[command(after_help = RUN)]
    Run(Run),
    /// Show the settings of a watcher, where each comes from, and its request
    #[command(after_help = EXPLAIN)]
    Explain(Explain),
    /// Print the JSON Schema of a file, for editors
    Schema,
    /// Print a completion script for a shell
    #[command(after_help = COMPLETIONS)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page, in roff
    Man,
}

/// How files are read.
#[derive(Debug, Args)]
pub(crate) struct Reading {
    /// Expand `${VAR}` and `${VAR:-default}` from the environment
    #[arg(long)]
    pub(crate) env: bool,

    /// Read files of up to this size [default: 4MiB]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) max_file_size: Option<usize>,
}

/// How output is coloured.
#[derive(Debug, Args)]
pub(crate) struct Colour {
    /// When to use colour; `NO_COLOR` is honoured
    #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub(crate) color: When,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Watcher files, which form one set; `-` is the standard input
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) reading: Reading,

    /// Treat warnings as errors
    #[arg(long)]
    pub(crate) strict: bool,

    /// The output format
    #[arg(long, value_enum, default_value_t = CheckFormat::Human)]
    pub(crate) format: CheckFormat,

    #[command(flatten)]
    pub(crate) colour: Colour,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Watcher files, which form one set; `-` is the standard input
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) reading: Reading,

    /// Treat warnings as errors
    #[arg(long)]
    pub(crate) strict: bool,

    /// Only these watchers, as `flags,tenants`
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "NAME",
        add = ArgValueCompleter::new(completion::watchers)
    )]
    pub(crate) only: Vec<String>,

    /// Poll each watcher once, and end; with status 1 when one failed, found nothing or was not finished
    #[arg(long)]
    pub(crate) once: bool,

    /// With --once, an absent value (404 or 410) is a success
    #[arg(long, requires = "once")]
    pub(crate) allow_absent: bool,

    /// End after this time, written as in a file: `30s`, `5m`
    #[arg(long = "for", value_name = "TIME", value_parser = time)]
    pub(crate) time: Option<Duration>,

    /// The output format
    #[arg(long, value_enum, default_value_t = RunFormat::Human)]
    pub(crate) format: RunFormat,

    #[command(flatten)]
    pub(crate) colour: Colour,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The file of the watcher; `-` is the standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,

    /// The name of the watcher
    #[arg(add = ArgValueCompleter::new(completion::watchers))]
    pub(crate) name: String,

    #[command(flatten)]
    pub(crate) reading: Reading,

    /// The output format
    #[arg(long, value_enum, default_value_t = ExplainFormat::Human)]
    pub(crate) format: ExplainFormat,

    #[command(flatten)]
    pub(crate) colour: Colour,
}

impl Command {
    /// When its output is coloured.
    pub(crate) fn color(&self) -> When {
        match self {
            Self::Check(Check { colour, .. })
            | Self::Run(Run { colour, .. })
            | Self::Explain(Explain { colour, .. }) => colour.color,
            Self::Schema | Self::Completions { .. } | Self::Man => When::Auto,
        }
    }
}

/// A time as files have it.
fn time(text: &str) -> Result<Duration, String> {
    private::duration("for", text).map_err(|refused| refused.help.unwrap_or(refused.message))
}

/// A size as files have it.
fn size(text: &str) -> Result<usize, String> {
    let bytes = private::size("max_file_size", text)
        .map_err(|refused| refused.help.unwrap_or(refused.message))?;
    match usize::try_from(bytes) {
        Ok(0) => Err("no file is that small".to_owned()),
        Ok(bytes) => Ok(bytes),
        Err(_) => Err("no file is that large".to_owned()),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For a person
    Human,
    /// One JSON document
    Json,
    /// Annotations of a GitHub workflow
    Github,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RunFormat {
    /// For a person
    Human,
    /// One JSON object a line
    Ndjson,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExplainFormat {
    /// For a person
    Human,
    /// One JSON document
    Json,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_sound() {
        Cli::command().debug_assert();
    }
}
