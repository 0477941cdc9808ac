//! The command `koprs-external`: checks, runs and explains files of watchers.

#![forbid(unsafe_code)]

mod args;
mod check;
mod generate;
mod load;
mod output;
mod style;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use self::args::{Cli, Command};
use self::style::{Role, Style};

/// How a command ended that could do its work.
type Ended = Result<ExitCode, Box<dyn Error>>;

fn main() -> ExitCode {
    let Cli { command, color } = Cli::parse();
    let ended = match command {
        Command::Check(check) => check::check(&check, Style::of(color, &io::stdout())),
        Command::Completions { shell } => done(generate::completions(shell)),
        Command::Man => done(generate::man()),
        _ => Ok(ExitCode::SUCCESS),
    };
    ended.unwrap_or_else(|error| {
        let style = Style::of(color, &io::stderr());
        tell(&error.to_string(), style);
        ExitCode::FAILURE
    })
}

fn done(result: io::Result<()>) -> Ended {
    result?;
    Ok(ExitCode::SUCCESS)
}

/// Says what went wrong. Nobody may be there to read it.
fn tell(error: &str, style: Style) {
    let label = style.paint(Role::Bad, "error:");
    let _ = writeln!(io::stderr(), "{label} {}", error.trim_start_matches("error: "));
}
