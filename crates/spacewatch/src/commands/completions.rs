//! `spacewatch completions`

use clap::CommandFactory;

use crate::cli::{Cli, CompletionsArgs};
use crate::failure::Failure;
use crate::output;

pub(super) fn run(args: &CompletionsArgs) -> Result<(), Failure> {
    // Into memory first: the generator panics where it can't write.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "spacewatch", &mut script);
    output::print(&String::from_utf8_lossy(&script))
}
