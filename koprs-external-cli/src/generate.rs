//! The manual page, made of the command line itself, and the schema.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::CommandFactory;

use crate::Ended;
use crate::args::Cli;
use crate::output::print;

/// Prints one page, with each subcommand in a section of its own: a list would refer to pages that do not exist.
pub(crate) fn man() -> Ended {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    let man = clap_mangen::Man::new(command.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        section(sub, &mut page)?;
    }
    man.render_extra_section(&mut page)?;
    man.render_version_section(&mut page)?;
    print(&String::from_utf8_lossy(&page))?;
    Ok(ExitCode::SUCCESS)
}

fn section(sub: &clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    let mut parts = Vec::new();
    let man = clap_mangen::Man::new(sub.clone());
    man.render_synopsis_section(&mut parts)?;
    man.render_description_section(&mut parts)?;
    man.render_options_section(&mut parts)?;
    if sub.get_after_help().is_some() {
        man.render_extra_section(&mut parts)?;
    }
    let parts = String::from_utf8_lossy(&parts).replace(".SH ", ".SS ");
    write!(page, ".SH {}\n{parts}", sub.get_name().to_uppercase())
}

/// Prints the schema with its keys sorted, as in the file of the repository.
pub(crate) fn schema() -> Ended {
    let mut schema = koprs_external::config::schema().to_value();
    schema.sort_all_objects();
    print(&(serde_json::to_string_pretty(&schema)? + "\n"))?;
    Ok(ExitCode::SUCCESS)
}
