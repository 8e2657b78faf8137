//! `spacewatch inventory`: what a bucket holds.

mod export;
mod lists;
mod run;
mod show;
mod tree;

use spacewatch_insight::{Basis, Limit, VersionsSeen};

use super::asking::Asking;
use crate::cli::inventory::{InventoryArgs, InventoryCommand, InventoryOf};
use crate::failure::Failure;
use crate::output;

pub(super) async fn run(args: InventoryArgs, verbose: u8) -> Result<(), Failure> {
    match args.command {
        InventoryCommand::Run(args) => run::run(args, verbose).await,
        InventoryCommand::Status(args) => run::status(args, verbose).await,
        InventoryCommand::Show(args) => show::run(args, verbose).await,
        InventoryCommand::Tree(args) => tree::run(args, verbose).await,
        InventoryCommand::Prefixes(args) => lists::prefixes(args, verbose).await,
        InventoryCommand::Duplicates(args) => lists::duplicates(args, verbose).await,
        InventoryCommand::Uploads(args) => lists::uploads(args, verbose).await,
        InventoryCommand::Odd(args) => lists::odd(args, verbose).await,
        InventoryCommand::Export(args) => export::run(args, verbose).await,
    }
}

/// Reads the configuration and opens the store.
fn start(of: &InventoryOf, verbose: u8) -> Result<Asking, Failure> {
    Asking::remembering(&of.store, of.flags(), verbose)
}

/// `1 entry`, `2 entries`.
fn entries(number: u64) -> String {
    let noun = if number == 1 { "entry" } else { "entries" };
    format!("{} {noun}", output::thousands(number))
}

fn limit(rows: u32) -> Option<Limit> {
    Some(Limit(rows.into()))
}

/// What the answer rests on, on standard error, so that tables can be piped.
fn tell_basis(basis: &Basis) {
    eprintln!(
        "as of {}, from {}",
        output::instant(basis.as_of),
        entries(basis.entries),
    );
    if basis.versions == VersionsSeen::NotSeen {
        eprintln!("note: these keys may not list versions, so older ones are missing");
    }
    if !basis.uploads_seen {
        eprintln!("note: these keys may not list incomplete uploads, so those are missing");
    }
}
