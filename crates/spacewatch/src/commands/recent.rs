//! `spacewatch recent`

use spacewatch_insight::{Limit, RecentObjects, RecentObjectsArgs};

use super::asking::{Asking, age, tell_source};
use crate::cli::RecentArgs;
use crate::failure::Failure;
use crate::output;

pub(super) async fn run(args: RecentArgs, verbose: u8) -> Result<(), Failure> {
    let asking = Asking::with_inventories(&args.store, &args.kept, verbose)?;
    let what = format!("listing {}", args.target.bucket);
    let limit = Some(Limit(args.limit.into()));
    let question = RecentObjectsArgs {
        bucket: args.target.bucket,
        prefix: args.target.prefix,
        limit,
        max_age: age(&args.kept),
    };
    let found = asking.ask::<RecentObjects>(&what, question).await?;
    if output::told(&args.store, &found)? {
        return Ok(());
    }
    if !found.objects.is_empty() {
        let table = output::objects_table(&found.objects, asking.tenant.clock.now());
        output::print(&table.render(output::terminal_width()))?;
    }
    eprintln!(
        "{} of {}",
        output::thousands(found.objects.len() as u64),
        output::counted(found.count_scanned, "object"),
    );
    tell_source(found.source, found.as_of);
    Ok(())
}
