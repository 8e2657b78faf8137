//! `spacewatch logs line`

use spacewatch_insight::{RawLine, RawLineArgs};
use spacewatch_model::OneLine;

use super::{ask, start};
use crate::cli::logs::LineArgs;
use crate::failure::Failure;
use crate::output;

pub(super) async fn run(args: LineArgs, verbose: u8) -> Result<(), Failure> {
    let asking = start(&args.log, verbose)?;
    let asked = RawLineArgs {
        log_object: args.log_object,
        offset: args.offset,
    };
    let found = ask::<RawLine>(&asking, asked).await?;
    if output::told(&args.log.store, &found)? {
        return Ok(());
    }
    if output::is_terminal() {
        return output::print(&format!("{}\n", OneLine(&found.raw)));
    }
    output::print(&format!("{}\n", found.raw))
}
