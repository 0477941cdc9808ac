//! The command `koprs-external`: checks, runs and explains files of watchers.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;

/// Checks, runs and explains files of watchers.
#[derive(Debug, Parser)]
#[command(version)]
struct Command {}

fn main() -> ExitCode {
    Command::parse();
    ExitCode::SUCCESS
}
