//! SpaceWatch answers questions about object storage from nothing but your own S3 keys.
//!
//! This binary is the command-line door and the composition root: it reads the configuration, joins the
//! parts and translates between the terminal and the tools. What the tools do stands in `spacewatch-insight`.

mod cli;
mod commands;
mod configuration;
mod exit;
mod failure;
mod logging;
mod output;
mod wiring;

use std::process::ExitCode;

use clap::Parser;
use tikv_jemallocator::Jemalloc;

/// The system's allocator keeps what threads that come and go have freed: reading ten million log lines took twice the memory with it.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let as_json = cli.command.wants_json();
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print(as_json);
            failure.exit.into()
        }
    }
}
