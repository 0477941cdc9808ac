//! The command `koprs-external`: checks, runs and explains watcher files.

#![forbid(unsafe_code)]

mod args;
mod check;
mod completion;
mod diagnostics;
mod explain;
mod generate;
mod load;
mod output;
mod run;
mod style;
mod text;
mod validate_args;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use self::args::{Cli, Command, When};
use self::style::{Role, Style};
use self::text::visible;
use self::validate_args::Misuse;

/// How a command ended that could do its work.
type Ended<T = ExitCode> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    if let Some(ended) = completion::requested() {
        return finish(ended, When::Auto);
    }
    match Cli::try_parse() {
        Ok(Cli { command }) => {
            let color = command.color();
            finish(run(&command, color), color)
        }
        Err(refused) if refused.use_stderr() => {
            // Nobody may be there to read it.
            let _ = refused.print();
            Misuse::STATUS.into()
        }
        Err(help) => {
            let printed = output::print_with(|| help.print());
            finish(printed.map(|_| ExitCode::SUCCESS).map_err(Into::into), When::Auto)
        }
    }
}

fn run(command: &Command, color: When) -> Ended {
    let out = Style::of(color, &io::stdout());
    match command {
        Command::Check(args) => check::check(args, out),
        Command::Run(args) => run::run(args),
        Command::Explain(args) => explain::explain(args, out),
        Command::Schema => generate::schema(),
        Command::Completions { shell } => completion::script(*shell),
        Command::Man => generate::man(),
    }
}

/// Reports an error. Returns the exit status.
fn finish(ended: Ended, color: When) -> ExitCode {
    ended.unwrap_or_else(|error| {
        tell(&error.to_string(), Style::of(color, &io::stderr()));
        if error.is::<Misuse>() { Misuse::STATUS.into() } else { ExitCode::FAILURE }
    })
}

/// Writes an error to the standard error. Nobody may be there to read it.
fn tell(error: &str, style: Style) {
    let label = style.paint(Role::Bad, "error:");
    let lines: Vec<_> = error.lines().map(visible).collect();
    let _ = writeln!(io::stderr(), "{label} {}", lines.join("\n"));
}
