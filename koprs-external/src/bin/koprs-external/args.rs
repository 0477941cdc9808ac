//! What can be asked for on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use koprs_external::private;

const EXAMPLES: &str = "\
Examples:
  koprs-external check watchers.yaml
  koprs-external run watchers.yaml --only flags --for 5m
  koprs-external explain watchers.yaml flags

Exit status: 0 when all is well, 1 when something is wrong, 2 for a command that is not understood.";

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

Exit status: 0 at the end, also when a watcher fails; with --once, 1 when one has failed, or has not finished its \
poll when --for or a signal ends it. Items that cannot be read, removals that are held and a server that says that \
nothing is there are told, and are no failure. When nobody reads what is printed, it is cut a second after the end \
that was asked for: 1 after --for, 130 after a signal. A second signal ends it at once, with 130.";

const EXPLAIN: &str = "\
Examples:
  koprs-external explain watchers.yaml flags
  koprs-external explain watchers.yaml flags --format json | jq .request.url";

const COMPLETIONS: &str = "\
Examples:
  koprs-external completions bash > ~/.local/share/bash-completion/completions/koprs-external
  koprs-external completions zsh > ~/.zfunc/_koprs-external";

/// Checks, runs and explains files of watchers.
#[derive(Debug, Parser)]
#[command(name = "koprs-external", version, after_help = EXAMPLES, infer_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// When to use colour; `NO_COLOR` is heeded
    #[arg(long, global = true, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub(crate) color: When,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tell every mistake of files, and what is legal but unwise
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

    /// Take warnings for mistakes
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Files of watchers, together one set; `-` is the standard input
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) reading: Reading,

    /// What is printed
    #[arg(long, value_enum, default_value_t = CheckFormat::Human)]
    pub(crate) format: CheckFormat,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Files of watchers, together one set; `-` is the standard input
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) reading: Reading,

    /// Only these watchers, as `flags,tenants`
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub(crate) only: Vec<String>,

    /// Poll each watcher once, and end; with status 1 when one failed or was not finished
    #[arg(long)]
    pub(crate) once: bool,

    /// End after this time, written as in a file: `30s`, `5m`
    #[arg(long = "for", value_name = "TIME", value_parser = time)]
    pub(crate) time: Option<Duration>,

    /// What is printed
    #[arg(long, value_enum, default_value_t = RunFormat::Human)]
    pub(crate) format: RunFormat,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The file of the watcher; `-` is the standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,

    /// The name of the watcher
    pub(crate) name: String,

    /// Expand `${VAR}` and `${VAR:-default}` from the environment
    #[arg(long)]
    pub(crate) env: bool,

    /// What is printed
    #[arg(long, value_enum, default_value_t = ExplainFormat::Human)]
    pub(crate) format: ExplainFormat,
}

/// A time as files have it.
fn time(text: &str) -> Result<Duration, String> {
    private::duration("for", text).map_err(|refused| refused.help.unwrap_or(refused.message))
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
