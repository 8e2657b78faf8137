//! `spacewatch evidence`

mod save;
mod verify;

use crate::cli::evidence::{EvidenceArgs, EvidenceCommand};
use crate::failure::Failure;

pub(super) async fn run(args: EvidenceArgs, verbose: u8) -> Result<(), Failure> {
    match args.command {
        EvidenceCommand::Save(args) => save::run(args.of, verbose).await,
        EvidenceCommand::Verify(args) => verify::run(*args, verbose).await,
    }
}
