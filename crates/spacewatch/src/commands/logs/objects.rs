//! `spacewatch logs objects`

use spacewatch_insight::{AccessLogs, AccessLogsArgs, Given, Limit};

use super::{ask, source, start, tell_coverage};
use crate::cli::logs::ObjectsArgs;
use crate::failure::Failure;
use crate::output::{self, Align, Table};

pub(super) async fn run(args: ObjectsArgs, verbose: u8) -> Result<(), Failure> {
    let asking = start(&args.log, verbose)?;
    let asked = AccessLogsArgs {
        next: Given::default(),
        source_bucket: source(args.bucket),
        date_yyyy_mm_dd: args.period.date.unwrap_or_default(),
        from: args.period.from.unwrap_or_default(),
        to: args.period.to.unwrap_or_default(),
        hours: None,
        max_items: Some(Limit(args.limit.into())),
        wait: !args.log.no_wait,
    };
    let found = ask::<AccessLogs>(&asking, asked).await?;
    if output::told(&args.log.store, &found)? {
        return Ok(());
    }
    if !found.objects.is_empty() {
        let mut table = Table::new(&[
            ("SIZE", Align::Right),
            ("RECORDS", Align::Right),
            ("REJECTED", Align::Right),
            ("FIRST RECORD", Align::Left),
            ("LAST RECORD", Align::Left),
            ("KEY", Align::Left),
        ]);
        let time = |time: Option<jiff::Timestamp>| time.map_or_else(|| "-".to_owned(), output::instant);
        for object in &found.objects {
            table.row(vec![
                object.size_human.clone(),
                output::thousands(object.records),
                output::thousands(object.rejected),
                time(object.first_record),
                time(object.last_record),
                object.key.clone(),
            ]);
        }
        output::print(&table.render(output::terminal_width()))?;
    }
    eprintln!(
        "{} of {}",
        output::thousands(found.count as u64),
        output::counted(found.total, "log object")
    );
    tell_coverage(&found.coverage);
    Ok(())
}
