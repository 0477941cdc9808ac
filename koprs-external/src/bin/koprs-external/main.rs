//! The command `koprs-external`: checks, runs and explains files of watchers.

#![forbid(unsafe_code)]

mod args;
mod check;
mod explain;
mod finding;
mod generate;
mod load;
mod misuse;
mod output;
mod run;
mod style;
mod text;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use self::args::{Cli, Command};
use self::misuse::Misuse;
use self::style::{Role, Style};
use self::text::visible;

/// How a command ended that could do its work.
type Ended<T = ExitCode> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let Cli { command, color } = Cli::parse();
    let out = Style::of(color, &io::stdout());
    let ended = match command {
        Command::Check(args) => check::check(&args, out),
        Command::Run(args) => run::run(&args, color),
        Command::Explain(args) => explain::explain(&args, out),
        Command::Schema => generate::schema().map(|()| ExitCode::SUCCESS),
        Command::Completions { shell } => generate::completions(shell).map(|()| ExitCode::SUCCESS),
        Command::Man => generate::man().map(|()| ExitCode::SUCCESS),
    };
    ended.unwrap_or_else(|error| {
        tell(&error.to_string(), Style::of(color, &io::stderr()));
        if error.is::<Misuse>() { Misuse::STATUS.into() } else { ExitCode::FAILURE }
    })
}

/// Says what went wrong. Nobody may be there to read it.
fn tell(error: &str, style: Style) {
    let label = style.paint(Role::Bad, "error:");
    let lines: Vec<_> = error.lines().map(visible).collect();
    let _ = writeln!(io::stderr(), "{label} {}", lines.join("\n"));
}
