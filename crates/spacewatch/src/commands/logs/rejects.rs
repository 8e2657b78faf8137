//! `spacewatch logs rejects`

use spacewatch_insight::{Given, Limit, Rejects, RejectsArgs as Asked};

use super::{ask, start, tell_coverage};
use crate::cli::logs::RejectsArgs;
use crate::failure::Failure;
use crate::output::{self, Align, Table};

pub(super) async fn run(args: RejectsArgs, verbose: u8) -> Result<(), Failure> {
    let asking = start(&args.log, verbose)?;
    let asked = Asked {
        from: args.period.from.unwrap_or_default(),
        to: args.period.to.unwrap_or_default(),
        date_yyyy_mm_dd: args.period.date.unwrap_or_default(),
        hours: None,
        limit: Some(Limit(args.limit.into())),
        next: Given::default(),
        wait: !args.log.no_wait,
    };
    let found = ask::<Rejects>(&asking, asked).await?;
    if output::told(&args.log.store, &found)? {
        return Ok(());
    }
    if !found.rejects.is_empty() {
        let mut table = Table::new(&[
            ("REASON", Align::Left),
            ("OFFSET", Align::Right),
            ("LOG OBJECT", Align::Left),
            ("LINE", Align::Left),
        ]);
        for reject in &found.rejects {
            let offset = reject.log_object.offset;
            table.row(vec![
                reject.reason.clone(),
                offset.map_or_else(|| "-".to_owned(), output::thousands),
                reject.log_object.key.clone(),
                if reject.raw.is_empty() {
                    reject.detail.clone()
                } else {
                    reject.raw.clone()
                },
            ]);
        }
        output::print(&table.render(output::terminal_width()))?;
    }
    eprintln!(
        "{} of {}",
        output::thousands(found.count as u64),
        output::counted(found.total, "reject")
    );
    tell_coverage(&found.coverage);
    Ok(())
}
