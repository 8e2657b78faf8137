//! `spacewatch logs ingest`

use spacewatch_insight::{Given, Ingest, IngestArgs as Asked};
use spacewatch_model::ByteSize;

use super::{start, tell_coverage};
use crate::cli::logs::IngestArgs;
use crate::failure::Failure;
use crate::output;

pub(super) async fn run(args: IngestArgs, verbose: u8) -> Result<(), Failure> {
    let asking = start(&args.log, verbose)?;
    let asked = Asked {
        from: Given::default(),
        to: Given::default(),
        date_yyyy_mm_dd: Given::default(),
        hours: None,
        wait: !args.log.no_wait,
    };
    let waits = asked.wait;
    let found = asking.ask_on::<Ingest>("reading access logs", asked).await?;
    if waits {
        // Small files become larger ones while the next command isn't here yet.
        let tidied = asking.tenant.lakes.finish();
        output::watched("tidying up", &asking.tenant.progress, async {
            tidied.await;
            Ok::<(), Failure>(())
        })
        .await?;
    }
    if output::told(&args.log.store, &found)? {
        return Ok(());
    }
    let status = &found.status;
    output::print(&format!(
        "{} read now, {} of {} to go\n{} in {}: {} new, {} delivered before, {} rejected\n",
        output::counted(status.objects_read, "log object"),
        output::thousands(status.objects_pending),
        output::thousands(status.objects_known),
        output::counted(status.lines, "line"),
        ByteSize(status.bytes_read),
        output::thousands(status.records),
        output::thousands(status.duplicates),
        output::thousands(status.rejected),
    ))?;
    tell_coverage(&found.coverage);
    Ok(())
}
