//! What each command does: load the configuration, ask the tool, show the answer.

mod anomalies;
mod asking;
mod assistant;
mod buckets;
mod completions;
mod cost;
mod demo;
mod diff;
mod doctor;
mod du;
mod eval;
mod evidence;
mod findings;
mod growth;
mod hot_cold;
mod inventory;
mod leaked_key;
mod logs;
mod ls;
mod man;
mod mcp;
mod posture;
mod recent;
mod serve;
mod setup;
mod shutdown;
mod snapshot;
mod suppression;
mod top;

use std::future::Future;

use crate::cli::{Cli, Command};
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    let verbose = cli.verbose;
    match cli.command {
        Command::Demo(args) => run_async(demo::run(args, verbose)),
        Command::Serve(args) => run_async(serve::run(args, verbose)),
        Command::Setup(args) => run_async(async move { setup::run(&args) }),
        Command::Buckets(args) => run_async(buckets::run(args, verbose)),
        Command::Ls(args) => run_async(ls::run(args, verbose)),
        Command::Du(args) => run_async(du::run(args, verbose)),
        Command::Inventory(args) => run_async(inventory::run(*args, verbose)),
        Command::Top(args) => run_async(top::run(args, verbose)),
        Command::Recent(args) => run_async(recent::run(args, verbose)),
        Command::Ask(args) => run_async(assistant::ask(*args, verbose)),
        Command::Chat(args) => run_async(assistant::chat(*args, verbose)),
        Command::Mcp(args) => run_async(mcp::run(*args, verbose)),
        Command::Eval(args) => run_async(eval::run(args, verbose)),
        Command::Doctor(args) => run_async(doctor::run(args, verbose)),
        Command::Posture(args) => run_async(posture::run(args, verbose)),
        Command::Logs(args) => run_async(logs::run(*args, verbose)),
        Command::Cost(args) => run_async(cost::run(*args, verbose)),
        Command::Findings(args) => run_async(findings::run(*args, verbose)),
        Command::Anomalies(args) => run_async(anomalies::run(*args, verbose)),
        Command::Growth(args) => run_async(growth::run(*args, verbose)),
        Command::HotCold(args) => run_async(hot_cold::run(*args, verbose)),
        Command::Diff(args) => run_async(diff::run(*args, verbose)),
        Command::Evidence(args) => run_async(evidence::run(*args, verbose)),
        Command::LeakedKey(args) => run_async(leaked_key::run(*args, verbose)),
        Command::Snapshot(args) => run_async(snapshot::run(*args, verbose)),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}

fn run_async(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime =
        runtime.map_err(|error| Failure::new(Exit::Failed, "can't start working").caused_by(&error))?;
    let result = runtime.block_on(command);
    // Work that was given up must not hold the program back.
    runtime.shutdown_background();
    result
}
