//! `spacewatch man`

use std::io;
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::cli::{Cli, ManArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

pub(super) fn run(args: &ManArgs) -> Result<(), Failure> {
    // Whether help shows a default is decided for the terminal; a page has its own synopsis.
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let Some(directory) = &args.dir else {
        return output::print(&page(command)?);
    };
    write_pages(directory, command).map_err(|error| {
        Failure::new(
            Exit::Failed,
            format!("can't write manual pages into `{}`", directory.display()),
        )
        .caused_by(&error)
    })?;
    Ok(())
}

fn page(command: Command) -> io::Result<String> {
    let mut page = Vec::new();
    Man::new(command).manual("SpaceWatch").render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

/// `spacewatch.1` and `spacewatch-COMMAND.1` for each command.
fn write_pages(directory: &Path, command: Command) -> io::Result<()> {
    std::fs::create_dir_all(directory)?;
    for subcommand in command.get_subcommands() {
        let name = format!("spacewatch-{}", subcommand.get_name());
        let file = directory.join(format!("{name}.1"));
        std::fs::write(
            file,
            page(subcommand.clone().name(name.clone()).display_name(name))?,
        )?;
    }
    std::fs::write(directory.join("spacewatch.1"), page(command)?)
}
