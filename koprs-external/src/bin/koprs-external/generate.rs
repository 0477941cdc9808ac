//! What is made of the command line itself: completion scripts and the manual page; and the schema.

use std::io;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::Ended;
use crate::args::Cli;
use crate::output::print;

pub(crate) fn completions(shell: Shell) -> Ended<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "koprs-external", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(())
}

/// One page, with each subcommand in a section of its own.
pub(crate) fn man() -> Ended<()> {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        section(sub, &mut page)?;
    }
    print(&String::from_utf8_lossy(&page))?;
    Ok(())
}

fn section(sub: &clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    page.extend_from_slice(format!(".SH {}\n", sub.get_name().to_uppercase()).as_bytes());
    let sub = clap_mangen::Man::new(sub.clone());
    sub.render_synopsis_section(page)?;
    sub.render_description_section(page)?;
    sub.render_options_section(page)?;
    sub.render_extra_section(page)
}

/// With its keys sorted, as in the file of the repository.
pub(crate) fn schema() -> Ended<()> {
    let mut schema = koprs_external::config::schema().to_value();
    schema.sort_all_objects();
    print(&(serde_json::to_string_pretty(&schema)? + "\n"))?;
    Ok(())
}
